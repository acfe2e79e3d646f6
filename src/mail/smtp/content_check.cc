// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/content_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace dialin::smtp {
namespace {

[[noreturn]] void refuse(std::string_view what, std::string_view problem) {
  throw Error(ErrorCode::Internal, fmt::format("{} was not sent: it contains {}", what, problem),
              "This is a fault of Dialin; please report it.");
}

bool is_control(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return octet < 0x20 || octet == 0x7f;
}

}  // namespace

void check_content(std::string_view content) {
  constexpr std::string_view what = "a message";
  std::size_t line_start = 0;
  std::size_t line_number = 1;
  for (std::size_t i = 0; i < content.size(); ++i) {
    const auto octet = static_cast<unsigned char>(content[i]);
    if (octet == 0) refuse(what, fmt::format("a NUL in line {}", line_number));
    if (octet > 127) refuse(what, fmt::format("an octet above 127 in line {}", line_number));
    if (octet == '\n') refuse(what, fmt::format("a bare LF in line {}", line_number));
    if (octet != '\r') continue;
    if (i + 1 == content.size() || content[i + 1] != '\n') {
      refuse(what, fmt::format("a bare CR in line {}", line_number));
    }
    if (i - line_start > max_content_line) {
      refuse(what, fmt::format("more than {} octets in line {}", max_content_line, line_number));
    }
    ++i;
    line_start = i + 1;
    ++line_number;
  }
  if (content.empty() || line_start != content.size()) refuse(what, "a last line without CRLF");
}

void check_address(std::string_view address, std::string_view what) {
  if (address.size() > 254) refuse(what, "more than 254 octets");
  if (std::any_of(address.begin(), address.end(), is_control)) refuse(what, "a control character");
  if (!is_utf8(address)) refuse(what, "octets that are not UTF-8");
  bool quoted = false;
  for (std::size_t i = 0; i < address.size(); ++i) {
    const char c = address[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == ' ' || c == '<' || c == '>')) {
      refuse(what, "a space or an angle bracket");
    }
  }
  if (quoted) refuse(what, "a quotation mark without its second one");
  if (address.find('@') == std::string_view::npos) refuse(what, "no @");
}

void check_helo_name(std::string_view name) {
  const bool printable = std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (name.empty() || name.size() > 255 || !printable) {
    throw Error(ErrorCode::Configuration, "smtp.helo_name is not a host name",
                "Give a name such as mail.contoso.com.");
  }
}

void DotStuffer::stuff(std::string_view piece, std::string& out) {
  while (!piece.empty()) {
    if (at_line_start_ && piece.front() == '.') out += '.';
    const std::size_t line_end = piece.find('\n');
    const std::size_t length = line_end == std::string_view::npos ? piece.size() : line_end + 1;
    out.append(piece.substr(0, length));
    at_line_start_ = line_end != std::string_view::npos;
    piece.remove_prefix(length);
  }
}

}  // namespace dialin::smtp
