// SPDX-License-Identifier: Apache-2.0
// The client's side of AUTH (RFC 4954) by GNU SASL: SCRAM-SHA-256, SCRAM-SHA-1, PLAIN, LOGIN.
//
// One object is one exchange with one mechanism. Lines are the base64 text between "AUTH MECHANISM" and CRLF,
// as Secrets, since all but the first of SCRAM give the password away. GNU SASL's own copies end with the
// object, but the library does not wipe them (doc/security.md).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace dialin::smtp {

// The supported ones among `offered` (upper case), best first.
std::vector<std::string> usable_mechanisms(const std::vector<std::string>& offered);

class SaslExchange {
 public:
  // `mechanism` is one of usable_mechanisms(). Error(Internal) if GNU SASL cannot begin it.
  SaslExchange(const std::string& mechanism, const std::string& user,
               const std::shared_ptr<const Secret>& password);
  ~SaslExchange();
  SaslExchange(const SaslExchange&) = delete;
  SaslExchange& operator=(const SaslExchange&) = delete;

  // The client speaks first in this mechanism (all but LOGIN).
  bool client_first() const;
  // The next line, for the text after "334 " (empty at first). Nothing if the server's text cannot be
  // answered, or shows that the server does not know the password: error() says which.
  std::optional<Secret> respond(std::string_view challenge);
  const std::string& error() const { return error_; }
  // The mechanism is satisfied with the server: for SCRAM, the server has proven that it knows the password.
  // A 235 before this is not to be believed.
  bool complete() const { return complete_; }

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
  std::string mechanism_;
  std::string error_;
  bool complete_ = false;
};

}  // namespace dialin::smtp
