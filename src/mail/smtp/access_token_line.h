// SPDX-License-Identifier: Apache-2.0
// OAuth 2 in AUTH: OAUTHBEARER (RFC 7628) and its forerunner XOAUTH2, which Microsoft and Google still ask
// for. Either is one line with the token in clear, so TLS is for them what it is for a password.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "mail/mail_transport.h"

namespace dialin::smtp {

// The better of the two that is among `offered` (upper case).
std::optional<std::string> token_mechanism(const std::vector<std::string>& offered);

// The base64 text of the client's only line. Error(Configuration) if `token` cannot be one: empty, or with
// octets outside of "!" to "~" (RFC 6750 section 2.1), which could end the line and begin another field.
Secret token_line(const std::string& mechanism, const SubmissionServer& server, const Secret& token);

// What the client has to say to the 334 that tells an error, before the server refuses (RFC 7628 section
// 3.2.3).
Secret token_error_answer(const std::string& mechanism);

}  // namespace dialin::smtp
