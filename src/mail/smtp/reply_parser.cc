// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/reply_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace dialin::smtp {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// One to three digits at the start of `text`, taken off it.
std::string_view take_number(std::string_view& text) {
  std::size_t count = 0;
  while (count < 3 && count < text.size() && is_digit(text[count])) ++count;
  std::string_view number = text.substr(0, count);
  text.remove_prefix(count);
  return number;
}

bool take_dot(std::string_view& text) {
  if (text.empty() || text.front() != '.') return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::string take_enhanced_code(int code, std::string_view& text) {
  const int kind = code / 100;
  if (kind == 3) return {};
  std::string_view rest = text;
  const std::string_view status_class = take_number(rest);
  if (status_class.size() != 1 || status_class.front() - '0' != kind || !take_dot(rest)) return {};
  if (take_number(rest).empty() || !take_dot(rest)) return {};
  if (take_number(rest).empty()) return {};
  if (!rest.empty() && rest.front() != ' ' && rest.front() != '\t') return {};
  std::string enhanced(text.substr(0, text.size() - rest.size()));
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) rest.remove_prefix(1);
  text = rest;
  return enhanced;
}

std::string Reply::text() const {
  std::string all;
  for (const std::string& line : lines) {
    if (!all.empty() && !line.empty()) all += ' ';
    all += line;
  }
  return all;
}

void ReplyParser::feed(std::string_view bytes) {
  for (const char c : bytes) {
    if (!error_.empty()) return;
    if (c == '\n') {
      if (line_.empty() || line_.back() != '\r') {
        fail("a line that ends in LF without CR");
        return;
      }
      line_.pop_back();
      take_line();
      continue;
    }
    if (!line_.empty() && line_.back() == '\r') {
      fail("a CR inside of a line");
      return;
    }
    const auto octet = static_cast<unsigned char>(c);
    if ((octet < 0x20 && c != '\t' && c != '\r') || octet == 0x7f) {
      fail(fmt::format("the control character {:#04x}", octet));
      return;
    }
    // Checked before the octet is kept, so that a server that never ends its line costs no memory.
    if (line_.size() + 2 > max_line) {
      fail(fmt::format("a line of more than {} octets", max_line));
      return;
    }
    line_.push_back(c);
  }
}

std::optional<Reply> ReplyParser::next() {
  if (replies_.empty()) return std::nullopt;
  Reply reply = std::move(replies_.front());
  replies_.pop_front();
  return reply;
}

void ReplyParser::take_line() {
  const std::string line = std::exchange(line_, {});
  if (line.size() < 3 || !std::all_of(line.begin(), line.begin() + 3, is_digit) || line[0] < '2' ||
      line[0] > '5') {
    return fail("a line that does not begin with a reply code");
  }
  const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  const char separator = line.size() > 3 ? line[3] : ' ';
  if (separator != ' ' && separator != '-')
    return fail("a reply code that is followed by neither space nor hyphen");
  const bool first = current_.lines.empty();
  if (!first && code != current_.code) {
    return fail(fmt::format("a reply whose lines disagree ({} and {})", current_.code, code));
  }
  current_size_ += line.size() + 2;
  if (current_.lines.size() >= max_lines || current_size_ > max_reply) return fail("a reply without end");

  current_.code = code;
  std::string_view text = line.size() > 4 ? std::string_view(line).substr(4) : std::string_view();
  std::string enhanced = take_enhanced_code(code, text);
  if (first) current_.enhanced_code = std::move(enhanced);
  current_.lines.emplace_back(text);
  if (separator == ' ') {
    replies_.push_back(std::exchange(current_, {}));
    current_size_ = 0;
  }
}

void ReplyParser::fail(std::string what) {
  error_ = std::move(what);
  line_.clear();
  current_ = {};
}

}  // namespace dialin::smtp
