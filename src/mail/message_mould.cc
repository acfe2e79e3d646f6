// SPDX-License-Identifier: Apache-2.0
#include "mail/message_mould.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/error.h"
#include "mail/message_headers.h"
#include "mail/transfer_encoding.h"

namespace dialin {
namespace {

constexpr std::size_t LongestLine = 998;  // RFC 5322 section 2.1.1, without CR LF

// Whether each octet is in 1..127; eight at a time.
bool is_seven_bit(std::string_view text) {
  constexpr std::uint64_t Ones = 0x0101010101010101;
  std::uint64_t wrong = 0;
  std::size_t at = 0;
  for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t octets;
    std::memcpy(&octets, text.data() + at, sizeof octets);
    wrong |= octets | (octets - Ones);  // a zero, and only it if there is none above 128, borrows
  }
  for (; at < text.size(); ++at) {
    const auto octet = static_cast<unsigned char>(text[at]);
    wrong |= octet == 0 ? 0x80 : octet;
  }
  return (wrong & (Ones << 7)) == 0;
}

// What the header of this file promises, so that no server and no later code has to be asked.
void verify(std::string_view message) {
  const auto broken = [](std::string_view what) {
    throw Error(ErrorCode::Internal, fmt::format("composing a mail: the result has {}", what));
  };
  if (!is_seven_bit(message)) broken("an octet that is not 7-bit text");
  while (!message.empty()) {
    const std::size_t end = message.find('\n');
    if (end == std::string_view::npos) broken("no line end at its end");
    if (end == 0 || message[end - 1] != '\r') broken("an LF without CR");
    const std::string_view line = message.substr(0, end - 1);
    if (line.find('\r') != std::string_view::npos) broken("a CR without LF");
    if (line.size() > LongestLine) broken("a line of more than 998 octets");
    message.remove_prefix(end + 1);
  }
}

bool written_alike(const Mailbox& a, const Mailbox& b) {
  return a.address() == b.address() && a.display_name() == b.display_name();
}

}  // namespace

MessageMould::MessageMould(const SharedHeaders& headers, BodyForm form) : shared_(headers), form_(form) {
  FixedHeaders fixed = fixed_headers(headers, form);
  head_ = std::move(fixed.message);
  text_head_ = std::move(fixed.text);
  html_head_ = std::move(fixed.html);
  boundary_ = std::move(fixed.boundary);
}

bool MessageMould::fits(const SharedHeaders& headers, BodyForm form) const {
  return form == form_ && headers.language == shared_.language && written_alike(headers.from, shared_.from) &&
         headers.reply_to.has_value() == shared_.reply_to.has_value() &&
         (!headers.reply_to || written_alike(*headers.reply_to, *shared_.reply_to)) &&
         std::equal(headers.cc.begin(), headers.cc.end(), shared_.cc.begin(), shared_.cc.end(),
                    written_alike);
}

Secret MessageMould::fill(const OwnHeaders& own, const RenderedWelcome& body) const {
  const std::string own_head = own_headers(own);
  const TransferEncoding text(body.text.reveal(ClearSecretAccess()), boundary_);
  const TransferEncoding html(body.html.reveal(ClearSecretAccess()), boundary_);
  constexpr std::size_t RoomForEncodings = 256;
  Secret buffer =
      Secret::of_size(own_head.size() + head_.size() + text_head_.size() + html_head_.size() +
                      3 * boundary_.size() + text.largest_size() + html.largest_size() + RoomForEncodings);
  char* const begin = buffer.reveal_mutable(ClearSecretAccess());
  char* end = begin;
  const auto append = [&end](std::string_view octets) { end = std::copy(octets.begin(), octets.end(), end); };
  const auto append_encoded = [&](const TransferEncoding& part) {
    append("Content-Transfer-Encoding: ");
    append(part.name());
    append("\r\n\r\n");
    end = part.write(end);
  };
  append(own_head);
  append(head_);
  if (form_ == BodyForm::TextOnly) {
    append_encoded(text);
  } else {
    const auto append_boundary = [&](std::string_view behind) {
      append("\r\n--");
      append(boundary_);
      append(behind);
    };
    append_boundary("\r\n");
    append(text_head_);
    append_encoded(text);
    append_boundary("\r\n");
    append(html_head_);
    append_encoded(html);
    append_boundary("--\r\n");
  }
  const std::string_view message(begin, static_cast<std::size_t>(end - begin));
  verify(message);
  return Secret(message);
}

}  // namespace dialin
