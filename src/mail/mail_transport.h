// SPDX-License-Identifier: Apache-2.0
// The port through which messages leave: a session with a submission server that takes a stream of messages.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "mail/delivery.h"
#include "people/mailbox.h"

namespace dialin {

enum class TlsMode {
  Opportunistic,  // STARTTLS whenever offered, certificate not verified; clear text otherwise
  Required,       // STARTTLS, verified, or nothing
  Implicit,       // TLS from the first octet (port 465, RFC 8314), verified
};

// smtp.pipelining; used only where the server offers PIPELINING (RFC 2920).
enum class Pipelining {
  Off,      // one command, one reply
  Message,  // the envelope of one message in one write
  Across,   // the envelope of the next message in the write that ends this one's content
};

// Where and how to submit: the "way" of a welcome.
struct SubmissionServer {
  std::string host;  // name or address, no port
  std::uint16_t port = 25;
  TlsMode tls = TlsMode::Opportunistic;
  std::string ca_file;      // besides the system's store; may be empty
  std::string fingerprint;  // SHA-256 of the certificate in hexadecimal, instead of the name and chain checks
  std::string helo_name;    // empty: the host's name
  std::string user;         // empty: no AUTH
  std::shared_ptr<const Secret> password;  // set whenever `user` is and `access_token` is not
  // OAuth 2 instead of a password: gives the token of `user` as it is now. Asked before every connection, and
  // once more when the server has refused it. Called on a thread of its own, one call at a time, so that it
  // may take its time. What it throws comes out of submit(); Error(Configuration): it cannot be had.
  std::function<std::shared_ptr<const Secret>()> access_token;
  Pipelining pipelining = Pipelining::Message;
  bool allow_insecure_auth = false;  // smtp.allow_insecure_auth: AUTH without TLS, to a loopback address only
};

struct OutgoingMessage {
  std::string id;               // of the outbox row; goes out as ENVID where DSN is offered (RFC 3461)
  std::string envelope_sender;  // address, or empty for <>
  Mailbox recipient;            // exactly one
  std::shared_ptr<const Secret> content;  // whole message: CRLF line ends, 7-bit, not dot-stuffed
};

// Messages from whoever has them to the sessions of one submit(). All calls come on the thread that called
// submit(), none may block for longer than the caller can afford to let every session wait.
class MessageStream {
 public:
  enum class Supply {
    Message,
    NotNow,  // none is ready; asked again after a wake, after an outcome, and at least every 200 ms
    Ended,   // there will be none any more, whatever becomes of those that are on their way
  };
  struct Next {
    Supply supply = Supply::Ended;
    std::optional<OutgoingMessage> message = {};  // with Supply::Message
  };

  virtual ~MessageStream() = default;
  // Called first. `wake` may be called by any thread until submit() returns: a message may be ready, the end
  // may have come, or connection_limit() may have changed.
  virtual void set_wake(std::function<void()> wake) { static_cast<void>(wake); }
  // The next message. Asked only when a session is ready for one, or (Pipelining::Across) while it is about
  // to write the one before: a session holds at most two.
  virtual Next next() = 0;
  // Asked before the first octet of the content is written, and again before the octets that hold the final
  // dot. False: the connection is closed there and then, and the message is Deferred with
  // SessionProblem::LeaseLost.
  virtual bool may_write(const std::string& id) = 0;
  // Exactly once for every message that next() gave, in any order.
  virtual void finished(const std::string& id, const Delivery& delivery) = 0;

  // How many connections may be open at this moment. Further ones are opened ahead of need while messages
  // come; one that is over the limit ends after its message. 0: none may be opened now, and while none is
  // open next() is not asked either: only a higher limit or `cancelled` ends submit() then.
  virtual int connection_limit() { return 1; }
  // How many are open or being opened, after each change; the last call says 0.
  virtual void connections_open(int count) { static_cast<void>(count); }
  // A session of several has ended with a problem while others go on.
  virtual void session_problem(const Delivery& problem) { static_cast<void>(problem); }
};

// What happens on the wire, for -Verbose; may be null. `line` is without credentials and without content:
// "C: AUTH PLAIN <redacted>", "C: <5691 octets of content>".
using ProtocolTrace = std::function<void(const std::string& line)>;

// What a server has shown of itself, as far as the session came.
struct ServerOffer {
  bool answered = false;   // to EHLO or HELO
  std::string encryption;  // "TLSv1.3, TLS_AES_256_GCM_SHA384"; empty: none
  bool certificate_verified = false;
  std::string certificate;  // names, issuer, dates and fingerprint, for people
  std::optional<Timestamp> certificate_ends;
  // Of the last EHLO, under TLS if there is any:
  bool starttls = false;
  bool pipelining = false;
  std::optional<std::uint64_t> size_limit;  // octets of a message
  std::vector<std::string> auth;            // mechanisms, in upper case
};

struct ProbeResult {
  std::optional<Delivery> problem;  // nothing: a message of that size may be tried
  ServerOffer offer;
};

class MailTransport {
 public:
  virtual ~MailTransport() = default;
  // Opens sessions, submits what `stream` gives until it gives no more, says QUIT. Returns nothing, or the
  // problem that prevented or ended the last session; messages that had been taken from the stream have got
  // their finished() in any case. Never throws for what a server or network does.
  // What the stream throws closes the connections and comes out of submit().
  // Blocks; `cancelled` (may be null) is asked at least every 200 ms: true ends each session as soon as no
  // content of it is on its way.
  virtual std::optional<Delivery> submit(const SubmissionServer& server, MessageStream& stream,
                                         const ProtocolTrace& trace,
                                         const std::function<bool()>& cancelled) = 0;

  // Opens a session, signs in, compares `message_size` with the server's limit and says QUIT; sends nothing.
  virtual ProbeResult probe(const SubmissionServer& server, std::size_t message_size,
                            const ProtocolTrace& trace, const std::function<bool()>& cancelled) = 0;
};

}  // namespace dialin
