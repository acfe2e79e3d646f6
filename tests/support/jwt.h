// SPDX-License-Identifier: Apache-2.0
// Access tokens that a local Dovecot believes: JSON Web Tokens (RFC 7519) signed with HMAC-SHA-256 by a key
// that lies in a directory of its own.
#pragma once

#include <chrono>
#include <string>

#include "support/temporary_directory.h"

namespace dialin::test {

class TokenIssuer {
 public:
  TokenIssuer();

  // Of `user`, good for that long; less than nothing: it has ended already.
  std::string token(const std::string& user, std::chrono::seconds lifetime) const;
  // For DovecotSubmission: AUTH by `mechanism` (oauthbearer, xoauth2) with such tokens and by nothing else.
  std::string dovecot_lines(const std::string& mechanism) const;

 private:
  TemporaryDirectory directory_;
};

}  // namespace dialin::test
