// SPDX-License-Identifier: Apache-2.0
// Replies of an SMTP server (RFC 5321 section 4.2), found in bytes that come in any pieces.
//
// Strict, because a reply that is misread is a message lost or sent twice: lines end in CRLF; no NUL, no bare
// CR or LF and no other control character but the tab; three digits of which the first is 2 to 5; the same
// code in every line of a reply. Octets above 127 are let through: servers quote addresses; who shows text
// sanitizes it. Lenient about length, because servers are: a line may have max_line octets where RFC 5321
// section 4.5.3.1.5 promises 512. One thread at a time. Memory is bounded by max_reply plus what was fed and
// not taken.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dialin::smtp {

struct Reply {
  int code = 0;               // 200 to 599
  std::string enhanced_code;  // "5.1.1" (RFC 2034, RFC 3463) of the first line, or empty
  std::vector<std::string>
      lines;  // without code, separator, enhanced code and CRLF; as the server wrote them

  // The first digit of the code.
  int kind() const { return code / 100; }
  bool positive() const { return kind() == 2; }
  bool transient() const { return kind() == 4; }
  bool permanent() const { return kind() == 5; }
  // All lines in one, separated by spaces; still the server's words, not sanitized.
  std::string text() const;
};

class ReplyParser {
 public:
  static constexpr std::size_t max_line = 2048;  // octets, CRLF included
  static constexpr std::size_t max_lines = 100;
  static constexpr std::size_t max_reply = 64 * 1024;  // octets of all lines

  // After an error everything further is ignored.
  void feed(std::string_view bytes);
  // The next complete reply, in order.
  std::optional<Reply> next();
  // What next() will give; null if nothing.
  const Reply* peek() const { return replies_.empty() ? nullptr : &replies_.front(); }
  bool has_reply() const { return !replies_.empty(); }
  std::size_t pending() const { return replies_.size(); }
  // What is wrong with the bytes that followed the last complete reply; empty: nothing.
  const std::string& error() const { return error_; }
  // Part of a reply has come.
  bool in_reply() const { return !line_.empty() || !current_.lines.empty(); }

 private:
  void take_line();
  void fail(std::string what);

  std::deque<Reply> replies_;
  Reply current_;
  std::size_t current_size_ = 0;
  std::string line_;  // of the current line, without LF
  std::string error_;
};

// Splits "5.1.1 no such user" at its enhanced status code (RFC 2034 section 4: its class is the first digit
// of the code); empty if there is none. `text` is moved past it.
std::string take_enhanced_code(int code, std::string_view& text);

}  // namespace dialin::smtp
