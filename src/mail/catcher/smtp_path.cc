// SPDX-License-Identifier: Apache-2.0
#include "mail/catcher/smtp_path.h"

#include <algorithm>

#include "base/text.h"

namespace dialin {
namespace {

constexpr std::size_t MaximumAddress = 256;  // RFC 5321 section 4.5.3.1.3

std::string to_upper_ascii(std::string_view text) {
  std::string upper(text);
  for (char& letter : upper) {
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  }
  return upper;
}

bool is_control_or_blank(char letter) {
  const auto octet = static_cast<unsigned char>(letter);
  return octet <= ' ' || octet == 0x7f;
}

// The position of the ">" that ends the path; a ">" inside of a quoted local part does not.
std::size_t end_of_path(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[i] == '>') {
      return i;
    } else if (!quoted && is_control_or_blank(text[i])) {
      return std::string_view::npos;
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::optional<SmtpPath> parse_smtp_path(std::string_view text) {
  text = trim(text);
  if (text.empty() || text.front() != '<') return std::nullopt;
  const std::size_t end = end_of_path(text);
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view address = text.substr(1, end - 1);
  // A source route "<@relay.example:bob@contoso.com>" is accepted and ignored (RFC 5321 appendix C).
  if (!address.empty() && address.front() == '@') {
    const std::size_t colon = address.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    address.remove_prefix(colon + 1);
    if (address.empty()) return std::nullopt;
  }
  if (address.size() > MaximumAddress || !is_utf8(address)) return std::nullopt;
  SmtpPath path{std::string(address), {}};

  std::string_view rest = text.substr(end + 1);
  if (!rest.empty() && rest.front() != ' ') return std::nullopt;
  while (!(rest = trim(rest)).empty()) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(word.size());
    const std::size_t equals = word.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : word.substr(equals + 1);
    if (std::any_of(word.begin(), word.end(), is_control_or_blank)) return std::nullopt;
    if (!path.parameters.emplace(to_upper_ascii(word.substr(0, equals)), value).second) return std::nullopt;
  }
  return path;
}

}  // namespace dialin
