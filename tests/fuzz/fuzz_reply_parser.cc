// SPDX-License-Identifier: Apache-2.0
// Bytes of a server, fed whole, cut at a place that they choose, and one by one: the same replies, the same
// error, bounded memory, and texts that are safe to show.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "mail/smtp/extensions.h"
#include "mail/smtp/failure_scope.h"
#include "mail/smtp/reply_parser.h"

namespace {

using namespace dialin;
using namespace dialin::smtp;

struct Result {
  std::vector<Reply> replies;
  std::string error;
  bool in_reply = false;
};

void require(bool holds) {
  if (!holds) std::abort();
}

void take(ReplyParser& parser, Result& result) {
  while (std::optional<Reply> reply = parser.next()) result.replies.push_back(std::move(*reply));
}

// In pieces of `size`, taken after each piece.
Result parse(std::string_view bytes, std::size_t first, std::size_t size) {
  ReplyParser parser;
  Result result;
  parser.feed(bytes.substr(0, first));
  take(parser, result);
  for (std::size_t at = first; at < bytes.size(); at += size) {
    parser.feed(bytes.substr(at, size));
    take(parser, result);
  }
  result.error = parser.error();
  result.in_reply = parser.in_reply();
  return result;
}

void require_same(const Result& a, const Result& b) {
  require(a.error == b.error && a.in_reply == b.in_reply && a.replies.size() == b.replies.size());
  for (std::size_t i = 0; i < a.replies.size(); ++i) {
    require(a.replies[i].code == b.replies[i].code);
    require(a.replies[i].enhanced_code == b.replies[i].enhanced_code);
    require(a.replies[i].lines == b.replies[i].lines);
  }
}

void require_sound(const Reply& reply) {
  require(reply.code >= 200 && reply.code < 600);
  require(!reply.lines.empty() && reply.lines.size() <= ReplyParser::max_lines);
  std::size_t size = 0;
  for (const std::string& line : reply.lines) {
    size += line.size();
    require(line.size() <= ReplyParser::max_line);
    require(line.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
  }
  require(size <= ReplyParser::max_reply);
  require(reply.enhanced_code.empty() || reply.enhanced_code.front() - '0' == reply.kind());
  parse_extensions(reply);
  for (const Command command : {Command::Greeting, Command::Auth, Command::Mail, Command::Rcpt, Command::Data,
                                Command::EndOfContent}) {
    const Delivery delivery = judge(command, reply);
    require(is_utf8(delivery.text) && length_in_characters(delivery.text) <= 512);
    require(delivery.result != DeliveryResult::Unknown);
    require(delivery.result != DeliveryResult::Accepted ||
            (reply.positive() && command == Command::EndOfContent));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Result whole = parse(bytes, bytes.size(), 1);
  require_same(whole, parse(bytes, data[0] % (bytes.size() + 1), bytes.size() + 1));
  require_same(whole, parse(bytes, 0, 1));
  for (const Reply& reply : whole.replies) require_sound(reply);
  return 0;
}
