// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/access_token_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/error.h"

namespace dialin::smtp {
namespace {

constexpr std::array<const char*, 2> mechanisms = {"OAUTHBEARER", "XOAUTH2"};

// Octet 1 separates the fields of both.
constexpr std::string_view separator = "\1";

// RFC 5801 section 4: in the name of the gs2 header.
std::string gs2_name(const std::string& user) {
  std::string name;
  for (const char c : user) {
    if (c == '=') {
      name += "=3D";
    } else if (c == ',') {
      name += "=2C";
    } else {
      name += c;
    }
  }
  return name;
}

}  // namespace

std::optional<std::string> token_mechanism(const std::vector<std::string>& offered) {
  for (const char* mechanism : mechanisms) {
    if (std::find(offered.begin(), offered.end(), mechanism) != offered.end()) return mechanism;
  }
  return std::nullopt;
}

Secret token_line(const std::string& mechanism, const SubmissionServer& server, const Secret& token) {
  const std::string_view clear = token.reveal(ClearSecretAccess());
  const bool visible = std::all_of(clear.begin(), clear.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (clear.empty() || !visible) {
    throw Error(ErrorCode::Configuration,
                fmt::format("the access token of {} for {} is {}", server.user, server.host,
                            clear.empty() ? "empty" : "no token: it holds spaces or other characters"),
                "Look at what smtp.oauth_token_file or smtp.oauth_token_command gives: the token alone.");
  }
  std::string line;
  // Never grown with the token in it, which would leave a copy behind.
  line.reserve(clear.size() + 3 * server.user.size() + server.host.size() + 100);
  if (mechanism == "OAUTHBEARER") {
    line += fmt::format("n,a={},{}host={}{}port={}{}auth=Bearer ", gs2_name(server.user), separator,
                        server.host, separator, server.port, separator);
  } else {
    line += fmt::format("user={}{}auth=Bearer ", server.user, separator);
  }
  line.append(clear).append(separator).append(separator);
  std::string coded = to_base64(line);
  wipe(line);
  Secret secret{std::string_view(coded)};
  wipe(coded);
  return secret;
}

Secret token_error_answer(const std::string& mechanism) {
  return Secret(std::string_view(mechanism == "OAUTHBEARER" ? "AQ==" : ""));
}

}  // namespace dialin::smtp
