// SPDX-License-Identifier: Apache-2.0
// From nothing to a connection that takes messages: connect, greeting, EHLO or HELO, STARTTLS, AUTH.
#pragma once

#include <optional>
#include <string>

#include "mail/smtp/dialogue.h"
#include "mail/smtp/extensions.h"
#include "mail/smtp/task.h"
#include "mail/smtp/tls.h"

namespace dialin::smtp {

struct Submission;

// The name that this host says in EHLO: its own if that is a full domain name, else the address literal of
// the connection (RFC 5321 section 4.1.4), which no server can call an invented name.
std::string default_helo_name(const std::string& address_literal);

class Opening {
 public:
  // Both outlive this object.
  Opening(Dialogue& dialogue, Submission& submission);

  // Nothing: open, and extensions() holds what the server offers now. Else why not; nothing has been tried
  // twice, but a token that was renewed. What access_token throws.
  Task<std::optional<Delivery>> run();
  const Extensions& extensions() const { return extensions_; }
  // What the server has shown, as far as it came.
  ServerOffer offer() const;

 private:
  Task<std::optional<Delivery>> connect();
  Task<std::optional<Delivery>> say_hello();
  Task<std::optional<Delivery>> start_tls();
  Task<std::optional<Delivery>> encrypt();

  Dialogue& dialogue_;
  Connection& connection_;
  const SubmissionServer& server_;
  Submission& submission_;
  Extensions extensions_;
  bool answered_ = false;
  std::string encryption_;
  CertificateCheck certificate_;
};

}  // namespace dialin::smtp
