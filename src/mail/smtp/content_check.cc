// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/content_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

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

// Whether a piece holds none of NUL, LF and octets above 127. Eight at a time: every message passes here.
bool is_plain(std::string_view piece) {
  constexpr std::uint64_t Ones = 0x0101010101010101, Highest = 0x8080808080808080;
  const auto has_zero = [](std::uint64_t word) { return (word - Ones) & ~word & Highest; };
  std::uint64_t found = 0;
  std::size_t i = 0;
  for (; i + sizeof found <= piece.size(); i += sizeof found) {
    std::uint64_t word = 0;
    std::memcpy(&word, piece.data() + i, sizeof word);
    found |= (word & Highest) | has_zero(word) | has_zero(word ^ (Ones * '\n'));
  }
  return found == 0 && std::none_of(piece.begin() + i, piece.end(), [](char c) {
           return c == 0 || c == '\n' || static_cast<unsigned char>(c) > 127;
         });
}

// The first thing that is wrong in a line that is; `rest` begins with it.
[[noreturn]] void refuse_line(std::string_view rest, std::size_t number) {
  constexpr std::string_view what = "a message";
  const std::size_t end = rest.find('\r');
  for (const char c : rest.substr(0, end)) {
    if (c == 0) refuse(what, fmt::format("a NUL in line {}", number));
    if (static_cast<unsigned char>(c) > 127)
      refuse(what, fmt::format("an octet above 127 in line {}", number));
    if (c == '\n') refuse(what, fmt::format("a bare LF in line {}", number));
  }
  if (end == std::string_view::npos) refuse(what, "a last line without CRLF");
  if (rest.substr(end, 2) != "\r\n") refuse(what, fmt::format("a bare CR in line {}", number));
  refuse(what, fmt::format("more than {} octets in line {}", max_content_line, number));
}

}  // namespace

void check_content(std::string_view content) {
  std::size_t number = 1;
  do {
    const std::size_t end = content.find('\r');
    const bool good =
        end <= max_content_line && content.substr(end, 2) == "\r\n" && is_plain(content.substr(0, end));
    if (!good) refuse_line(content, number);
    content.remove_prefix(end + 2);
    ++number;
  } while (!content.empty());
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
