// SPDX-License-Identifier: Apache-2.0
// The port through which messages leave: a session with a submission server that takes a stream of messages.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

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
  std::shared_ptr<const Secret> password;  // set whenever `user` is
  Pipelining pipelining = Pipelining::Message;
  bool allow_insecure_auth = false;  // smtp.allow_insecure_auth: AUTH without TLS, to a loopback address only
};

struct OutgoingMessage {
  std::string id;               // of the outbox row; goes out as ENVID where DSN is offered (RFC 3461)
  std::string envelope_sender;  // address, or empty for <>
  Mailbox recipient;            // exactly one
  std::shared_ptr<const Secret> content;  // whole message: CRLF line ends, 7-bit, not dot-stuffed
};

// What the session asks its caller, always on the thread that called submit().
class MessageStream {
 public:
  virtual ~MessageStream() = default;
  // The next message, or nothing when there is no more. Asked only when the session is ready for one.
  virtual std::optional<OutgoingMessage> next() = 0;
  // Asked before the first octet of the content is written, and again before the octets that hold the final
  // dot. False: the connection is closed there and then, and the message is Deferred with
  // SessionProblem::LeaseLost.
  virtual bool may_write(const std::string& id) = 0;
  // Exactly once for every message that next() gave.
  virtual void finished(const std::string& id, const Delivery& delivery) = 0;
};

// What happens on the wire, for -Verbose; may be null. `line` is without credentials and without content:
// "C: AUTH PLAIN <redacted>", "C: <5691 octets of content>".
using ProtocolTrace = std::function<void(const std::string& line)>;

class MailTransport {
 public:
  virtual ~MailTransport() = default;
  // Opens a session, submits what `stream` gives until it gives no more, says QUIT. Returns nothing, or the
  // problem that prevented or ended the session; messages that had been taken from the stream have got their
  // finished() in any case. Never throws for what a server or network does.
  // What the stream throws closes the connection and comes out of submit().
  // Blocks; `cancelled` (may be null) is asked at least every 200 ms: true ends the session as soon as no
  // content is on its way.
  virtual std::optional<Delivery> submit(const SubmissionServer& server, MessageStream& stream,
                                         const ProtocolTrace& trace,
                                         const std::function<bool()>& cancelled) = 0;
};

}  // namespace dialin
