// SPDX-License-Identifier: Apache-2.0
#include "store/audit_head.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

#include "base/text.h"

namespace dialin {
namespace {

constexpr std::string_view kStart = "dialin-audit-head v1 ";
constexpr std::string_view kSignature = " signature=";

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet <= ' ' || c == '%' || octet >= 0x7f) {
      result += fmt::format("%{:02X}", octet);
    } else {
      result += c;
    }
  }
  return result;
}

std::string unescaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned octet = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, octet, 16).ptr == text.data() + i + 3) {
      result += static_cast<char>(octet);
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

std::string signed_text(const SignedHead& head) {
  return fmt::format("{}store={} chain={} number={} hash={} at={} chains={} key={}", kStart, head.store_id,
                     escaped(head.chain), head.number, head.hash, head.at, head.chains, head.public_key);
}

std::int64_t number_from(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc() && end == text.data() + text.size() ? number : 0;
}

}  // namespace

std::string SignedHead::line() const {
  return signed_text(*this) + std::string(kSignature) + signature;
}

bool SignedHead::is_signed() const {
  return is_signed_by(signed_text(*this), signature, public_key);
}

void sign_head(SignedHead& head, const SigningKey& key) {
  head.public_key = key.public_key();
  head.signature = key.sign(signed_text(head));
}

std::optional<SignedHead> parse_head(std::string_view line) {
  const std::size_t start = line.find(kStart);
  if (start == std::string_view::npos) return std::nullopt;
  std::map<std::string, std::string> values;
  for (const std::string& word : split(std::string(line.substr(start + kStart.size())), ' ')) {
    const std::size_t equals = word.find('=');
    if (equals != std::string::npos)
      values.emplace(word.substr(0, equals), std::string(trim(word.substr(equals + 1))));
  }
  SignedHead head;
  head.store_id = values["store"];
  head.chain = unescaped(values["chain"]);
  head.number = number_from(values["number"]);
  head.hash = values["hash"];
  head.at = number_from(values["at"]);
  head.chains = number_from(values["chains"]);
  head.public_key = values["key"];
  head.signature = values["signature"];
  return head;
}

}  // namespace dialin
