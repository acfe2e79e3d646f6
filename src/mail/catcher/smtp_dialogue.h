// SPDX-License-Identifier: Apache-2.0
// The server's side of one SMTP connection (RFC 5321), without the connection: octets in, octets out.
//
// Strict where a client of ours must not be wrong: lines end with CRLF, no line of a mail is longer than 998
// octets, no CR or LF stands alone, a non-ASCII address needs SMTPUTF8. Offers PIPELINING, 8BITMIME,
// SMTPUTF8, SIZE, DSN and ENHANCEDSTATUSCODES; no TLS and no AUTH, because it is reachable from this machine
// only.
//
// For one thread at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace dialin {

struct CaughtEnvelope {
  std::string mail_from;  // empty for <>
  std::vector<std::string> recipients;
};

class SmtpDialogue {
 public:
  static constexpr std::size_t MaximumMessage = 25 * 1024 * 1024;  // octets, dots unstuffed
  static constexpr std::size_t MaximumLine = 998;                  // octets of a line of a mail, without CRLF
  static constexpr std::size_t MaximumCommand = 2048;              // octets of a command, without CRLF
  static constexpr std::size_t MaximumRecipients = 1000;

  // Keeps the mail and says whether that went well; it is answered to the client after it has returned.
  using Keep = std::function<bool(const CaughtEnvelope&, const std::string& message)>;

  explicit SmtpDialogue(Keep keep);

  // What to send when the connection is new.
  std::string greeting() const;
  // Takes what came, in pieces of any size, and gives what is to be sent back. After ended() nothing more is
  // taken.
  std::string receive(std::string_view octets);
  // The client said QUIT, or made too many errors: send what receive() gave, then close.
  bool ended() const { return ended_; }

 private:
  enum class State { Command, OverlongCommand, Message };

  void take_command(std::string_view line);
  void take_message_line(std::string_view line);
  void hello(std::string_view name, bool extended);
  void mail(std::string_view argument);
  void recipient(std::string_view argument);
  void data(std::string_view argument);
  void finish_message();
  void reset();
  void answer(std::string_view reply);
  void refuse(std::string_view reply);

  Keep keep_;
  State state_ = State::Command;
  bool greeted_ = false;
  bool ended_ = false;
  int errors_ = 0;

  bool has_sender_ = false;
  bool smtputf8_ = false;
  CaughtEnvelope envelope_;

  std::string buffer_;      // a line that has not ended yet
  std::string message_;     // CRLF line ends
  bool after_crlf_ = true;  // the line before ended as it must
  bool too_large_ = false;
  bool bad_line_ = false;  // too long, or a CR or LF that stands alone

  std::string replies_;
};

}  // namespace dialin
