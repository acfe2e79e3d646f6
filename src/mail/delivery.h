// SPDX-License-Identifier: Apache-2.0
// What became of one attempt to hand a message to a mail server.
//
// The result says how sure it is; the scope says what a failure belongs to. What does not belong to the
// person never fails the person (doc/delivery.md, "What a failure belongs to").
#pragma once

#include <string>

namespace dialin {

enum class DeliveryResult {
  Accepted,  // 2yz to the end of the content: the server has taken responsibility (RFC 5321 section 4.2.5)
  Deferred,  // not accepted and certainly not arrived; may be tried again. Always so with scope Session and
             // Sender
  Refused,   // a final no to this recipient or this content, or (scope Unclear) perhaps to the client or
             // sender
  Unknown,   // the last octet of the content was handed to the socket and no reply was read
};

enum class DeliveryScope {
  None,       // Accepted, Unknown
  Session,    // connection, greeting, EHLO, TLS, AUTH, 421, 432, 4yz to MAIL: no attempt counts
  Sender,     // 5yz to MAIL, 530, a refusal to send as this sender: everything of this sender waits
  Recipient,  // 4yz or 5yz to RCPT that speaks of the recipient, 4yz after the dot
  Unclear,    // 5.7.x, a bare 553 or 554 to RCPT: client or sender, or the recipient after all
  Content,    // 5yz after the dot
};

// Why a session failed, where the caller does something of its own about it.
enum class SessionProblem {
  None,
  Unreachable,         // no address, refused, timed out, greeting 4yz or 5yz, connection lost
  TlsNotOffered,       // TLS is required and the server offers none
  TlsFailed,           // the handshake failed
  CertificateRefused,  // the certificate does not verify; `text` holds names, issuer, dates, fingerprint
  AuthNotOffered,      // no mechanism in common, or only over an unprotected connection
  PasswordRefused,     // 535, 534, 530 to AUTH: never tried again by itself
  TooBusy,             // 421, 432 and "too many": later, and with fewer connections
  QuotaUsedUp,         // the account has sent all that it may for hours or the day; more tries do not help
  ProtocolBroken,  // a reply that cannot belong to what was asked, or no SMTP at all: try without pipelining
  LeaseLost,       // the caller withdrew the message before its content was written
};

struct Delivery {
  DeliveryResult result = DeliveryResult::Deferred;
  DeliveryScope scope = DeliveryScope::Session;
  SessionProblem problem = SessionProblem::None;
  std::string during;         // "RCPT TO", "end of content", "connecting to mail.contoso.com:25"
  int reply_code = 0;         // 550; 0 without a reply
  std::string enhanced_code;  // "5.1.1" (RFC 3463) or empty
  std::string text;           // the server's words or ours, made safe by sanitize_foreign_text()
  std::string server;         // "mail.contoso.com:25"
  bool tls = false;           // the connection was encrypted
};

// "mail.contoso.com:25 answered to RCPT TO: 550 5.1.1 no such user"
std::string describe(const Delivery& delivery);

}  // namespace dialin
