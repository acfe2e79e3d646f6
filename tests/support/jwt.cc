// SPDX-License-Identifier: Apache-2.0
#include "support/jwt.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <filesystem>
#include <vector>

#include "support/child_process.h"

namespace dialin::test {
namespace {

constexpr const char* Key = "a key of a test, thirty-two octets";

std::string base64(std::string_view octets) {
  std::vector<unsigned char> coded(4 * (octets.size() + 2) / 3 + 4);
  const int size = EVP_EncodeBlock(coded.data(), reinterpret_cast<const unsigned char*>(octets.data()),
                                   static_cast<int>(octets.size()));
  return {coded.begin(), coded.begin() + size};
}

// RFC 7515 section 2.
std::string base64url(std::string_view octets) {
  std::string coded = base64(octets);
  while (coded.ends_with('=')) coded.pop_back();
  for (char& c : coded) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return coded;
}

}  // namespace

TokenIssuer::TokenIssuer() {
  std::filesystem::create_directories(directory_ / "keys/default/HS256");
  directory_.write("keys/default/HS256/default", base64(Key));
  directory_.write("oauth.conf", fmt::format("introspection_mode = local\n"
                                             "local_validation_key_dict = fs:posix:prefix={}/keys/\n"
                                             "username_attribute = sub\n",
                                             directory_.path().string()));
  // Dovecot runs as another account.
  if (::geteuid() == 0) {
    directory_.open_to_others();
    give_to(directory_.path(), "nobody");
  }
}

std::string TokenIssuer::token(const std::string& user, std::chrono::seconds lifetime) const {
  const std::time_t now = std::time(nullptr);
  const std::string text = base64url(R"({"alg":"HS256","typ":"JWT"})") + "." +
                           base64url(fmt::format(R"({{"sub":"{}","iat":{},"exp":{},"iss":"test"}})", user,
                                                 now - 3600, now + lifetime.count()));
  std::array<unsigned char, EVP_MAX_MD_SIZE> signature;
  unsigned size = 0;
  const std::string_view key = Key;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), signature.data(), &size);
  return text + "." + base64url({reinterpret_cast<const char*>(signature.data()), size});
}

std::string TokenIssuer::dovecot_lines(const std::string& mechanism) const {
  return fmt::format(
      "auth_mechanisms = {}\n"
      "passdb {{\n"
      "  driver = oauth2\n"
      "  mechanisms = xoauth2 oauthbearer\n"
      "  args = {}/oauth.conf\n"
      "}}\n",
      mechanism, directory_.path().string());
}

}  // namespace dialin::test
