// SPDX-License-Identifier: Apache-2.0
// Real mail servers for tests, each private, on free ports of 127.0.0.1, in a directory of its own, and gone
// with everything it started when the object ends. Constructors return when the server accepts connections,
// and throw std::runtime_error (with the server's log) if it is not installed or does not start: such a test
// fails, it is not skipped.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/certificate.h"
#include "support/child_process.h"
#include "support/temporary_directory.h"

namespace dialin::test {

// A mail as smtp-sink kept it.
struct ReceivedMail {
  std::string mail_arguments;               // of MAIL FROM: "<marco@contoso.com> SIZE=1234"
  std::vector<std::string> rcpt_arguments;  // of each RCPT TO, in order
  std::string helo;
  std::string message;  // headers and body as received, lines ended by LF, without what smtp-sink added
};

// Postfix's smtp-sink: takes everything, or refuses, drops and delays what its options say. No TLS; any AUTH
// PLAIN or LOGIN is right.
class SmtpSink {
 public:
  // `options` as in smtp-sink(1), for example {"-f", "RCPT"} (refuse RCPT with 500), {"-q", "."} (drop the
  // connection at the dot), {"-r", ".", "-b", "451 4.7.1 later"}, {"-p"} (no PIPELINING), {"-8"} (no
  // 8BITMIME), {"-w", "1"}. Mails are kept in files unless `keep` is false (for speed).
  explicit SmtpSink(std::vector<std::string> options = {}, bool keep = true);

  std::uint16_t port() const { return port_; }
  // What came so far, in no particular order. A mail counts when its dot has come, also when the sink refused
  // it or dropped the connection then; one that broke off before its dot does not.
  std::vector<ReceivedMail> mails() const;
  // Waits until at least `count` came; throws std::runtime_error if they do not come within `limit`.
  std::vector<ReceivedMail> wait_for(std::size_t count,
                                     std::chrono::milliseconds limit = std::chrono::seconds(30)) const;
  ChildProcess& process() { return *process_; }

 private:
  TemporaryDirectory directory_;
  std::uint16_t port_;
  std::unique_ptr<ChildProcess> process_;
};

// Postfix as an organisation's submission server: mx.example.org, with STARTTLS offered on port() and TLS
// from the start on tls_port(), AUTH by Cyrus SASL (PLAIN, LOGIN, CRAM-MD5, SCRAM-SHA-1, SCRAM-SHA-256),
// PIPELINING, DSN, SMTPUTF8, 8BITMIME, and Postfix's own default error limits. What it accepts goes nowhere,
// or to relay_port. Needs root.
struct PostfixOptions {
  // AUTH user -> password; the user signs in as "user" or "user@example.org".
  std::map<std::string, std::string> users = {{"user", "secret"}};
  // False: only who has signed in may send to anywhere; others get "554 5.7.1 ... Relay access denied" at
  // RCPT.
  bool relay_for_everybody = true;
  // Sender address -> who may use it ("user@example.org"). If not empty, other senders are refused at RCPT:
  // "553 5.7.1 ... Sender address rejected: not owned by user ...".
  std::map<std::string, std::string> sender_owners = {};
  // Recipient -> answer at RCPT, as in access(5): {"gone@example.org", "550 5.1.1 no such user"}.
  std::map<std::string, std::string> recipient_answers = {};
  // Where accepted mail is sent on to, an SmtpSink or a catcher; none: discarded.
  std::optional<std::uint16_t> relay_port = {};
  // False: no STARTTLS, and no tls_port().
  bool tls = true;
  // Another certificate than a good one of the server's own authority.
  std::optional<Certificate> certificate = {};
  // More lines of main.cf; they come last and win.
  std::vector<std::string> main_lines = {};
};

class PostfixServer {
 public:
  explicit PostfixServer(const PostfixOptions& options = {});
  ~PostfixServer();

  std::uint16_t port() const { return port_; }
  std::uint16_t tls_port() const { return tls_port_; }
  // Who signed its certificate (names mx.example.org, localhost, 127.0.0.1).
  std::filesystem::path ca_file() const { return authority_.file(); }
  const Certificate& certificate() const { return certificate_; }
  // Its log so far: one line an event, "... postfix/smtpd[1]: ...".
  std::string log() const;
  // Connections that clients have opened so far, by the log.
  std::size_t connections() const;

 private:
  CertificateAuthority authority_;
  Certificate certificate_;
  TemporaryDirectory directory_;
  std::uint16_t port_;
  std::uint16_t tls_port_;
  std::unique_ptr<ChildProcess> master_;
};

// Dovecot's submission service: sub.example.org, STARTTLS demanded before AUTH on port(), TLS from the start
// on tls_port(), AUTH demanded (PLAIN, LOGIN, SCRAM-SHA-1, SCRAM-SHA-256; user `user`, password `secret`; the
// user `scram` has only a SCRAM-SHA-256 verifier), everything relayed to `relay_port`, whose refusals it
// passes on.
class DovecotSubmission {
 public:
  // `extra`: more lines of dovecot.conf.
  explicit DovecotSubmission(std::uint16_t relay_port, const std::string& extra = {});
  ~DovecotSubmission();

  std::uint16_t port() const { return port_; }
  std::uint16_t tls_port() const { return tls_port_; }
  std::filesystem::path ca_file() const { return authority_.file(); }
  std::string log() const;

 private:
  CertificateAuthority authority_;
  TemporaryDirectory directory_;
  std::uint16_t port_;
  std::uint16_t tls_port_;
  std::unique_ptr<ChildProcess> master_;
};

// Exim: mx.example.org, STARTTLS offered, AUTH PLAIN (user `user`, password `secret`), PIPELINING, DSN,
// SMTPUTF8, 8BITMIME, CHUNKING. Refuses recipients whose name begins with "bad" with 550, and sends
// everything else on to `relay_port`. Needs root.
class EximServer {
 public:
  explicit EximServer(std::uint16_t relay_port);
  ~EximServer();

  std::uint16_t port() const { return port_; }
  std::filesystem::path ca_file() const { return authority_.file(); }
  std::string log() const;

 private:
  CertificateAuthority authority_;
  Certificate certificate_;
  TemporaryDirectory directory_;
  std::uint16_t port_;
  std::unique_ptr<ChildProcess> server_;
};

}  // namespace dialin::test
