// SPDX-License-Identifier: Apache-2.0
#include "command/check_token.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/secret_file.h"

namespace dialin {
namespace {

constexpr std::size_t ShortestToken = 16;

}  // namespace

Secret check_token(const CheckSettings& settings) {
  if (settings.token_file.empty()) {
    throw Error(ErrorCode::Configuration,
                "dialin serve does not listen for PIN checks without a token: [check] token_file is not set",
                "Make one with: (umask 077; openssl rand -hex 32 > /etc/dialin/check-token)");
  }
  Secret token = read_secret_file(settings.token_file)->duplicate();
  if (token.size() < ShortestToken) {
    throw Error(
        ErrorCode::Configuration,
        fmt::format("the token in {} is shorter than {} characters", settings.token_file, ShortestToken),
        "Make one with: openssl rand -hex 32");
  }
  return token;
}

}  // namespace dialin
