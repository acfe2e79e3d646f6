// SPDX-License-Identifier: Apache-2.0
// AUTH (RFC 4954) on a connection that is otherwise open: by password, or by an OAuth 2 access token.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mail/smtp/dialogue.h"
#include "mail/smtp/extensions.h"
#include "mail/smtp/task.h"

namespace dialin::smtp {

struct Submission;

// AUTH in clear text is allowed by the setting, and the server is this very host.
bool clear_auth_allowed(Dialogue& dialogue);

class SigningIn {
 public:
  // All outlive this object. The server's `user` is set.
  SigningIn(Dialogue& dialogue, Submission& submission, const Extensions& extensions);

  // Nothing: the server knows us. Else why not. What access_token throws.
  Task<std::optional<Delivery>> run();

 private:
  Task<std::optional<Delivery>> with_password();
  Task<std::optional<Delivery>> with_password_by(const std::string& mechanism);
  Task<std::optional<Delivery>> with_token();
  Task<std::optional<Delivery>> with_this_token(const std::string& mechanism, const Secret& token);
  Task<std::shared_ptr<const Secret>> ask_for_token();
  // Writes "AUTH MECHANISM LINE"; nothing left in `line` then. A line that is too long for that waits for
  // 334.
  Task<void> begin(const std::string& mechanism, std::optional<Secret>& line);
  Task<void> respond(const Secret& line);
  Delivery not_offered(std::string_view needed) const;

  Dialogue& dialogue_;
  Submission& submission_;
  const SubmissionServer& server_;
  const Extensions& extensions_;
};

}  // namespace dialin::smtp
