// SPDX-License-Identifier: Apache-2.0
#include "audit/audit_segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace dialin {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "dialin-audit-segment-v1";
constexpr std::size_t kPage = 1000;

std::string text_of(const Json& object) {
  return object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json json_of(const AuditLine& line) {
  return {{"number", line.number},
          {"previous_hash", line.previous_hash},
          {"hash", line.hash},
          {"at", line.at},
          {"operator", line.operator_name},
          {"origin", line.origin},
          {"event", line.event},
          {"person", line.person},
          {"detail", line.detail}};
}

AuditLine line_of(const Json& object, const std::string& chain) {
  AuditLine line;
  line.chain = chain;
  line.number = object.at("number").get<std::int64_t>();
  line.previous_hash = object.at("previous_hash").get<std::string>();
  line.hash = object.at("hash").get<std::string>();
  line.at = object.at("at").get<std::int64_t>();
  line.operator_name = object.at("operator").get<std::string>();
  line.origin = object.at("origin").get<std::string>();
  line.event = object.at("event").get<std::string>();
  line.person = object.at("person").get<std::string>();
  line.detail = object.at("detail").get<std::string>();
  return line;
}

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorCode::InvalidInput, "this is no file of dialin audit archive: " + why);
}

void judge_closing(SegmentVerdict& verdict, const ChainWalk& walk,
                   const std::vector<std::string>& trusted_keys) {
  if (!verdict.closing) {
    verdict.problems.push_back("its end is cut off: there is no closing head");
    return;
  }
  const SignedHead& closing = *verdict.closing;
  if (!closing.is_signed()) verdict.problems.push_back("its closing head is not signed as it says");
  if (closing.number != walk.number() || closing.hash != walk.hash() || closing.chain != verdict.chain ||
      closing.store_id != verdict.store_id || closing.number != verdict.last)
    verdict.problems.push_back("its closing head is that of other lines");
  verdict.trusted = closing.is_signed() && std::find(trusted_keys.begin(), trusted_keys.end(),
                                                     closing.public_key) != trusted_keys.end();
}

}  // namespace

void write_segment(AuditTrail& trail, const AuditChain& chain, const SignedHead& closing,
                   const std::function<void(std::string_view)>& write) {
  ChainWalk walk(chain.chain, chain.archived_number, chain.archived_hash);
  write(text_of({{"format", kFormat},
                 {"store", closing.store_id},
                 {"chain", chain.chain},
                 {"first", chain.archived_number + 1},
                 {"last", closing.number},
                 {"previous_hash", chain.archived_hash}}));
  while (walk.number() < closing.number) {
    const auto wanted = std::min<std::int64_t>(kPage, closing.number - walk.number());
    const std::vector<AuditLine> lines =
        trail.of_chain(chain.chain, walk.number(), static_cast<std::size_t>(wanted));
    if (lines.empty()) break;
    std::string text;
    for (const AuditLine& line : lines) {
      walk.take(line);
      text += text_of(json_of(line));
    }
    write(text);
  }
  walk.compare(closing, "in the store");
  if (!closing.is_signed()) walk.problem("its closing head is not signed as it says");
  if (walk.problem_count() > 0)
    throw Error(ErrorCode::Precondition,
                fmt::format("the chain {} is not whole: {}", chain.chain, walk.problems().front()),
                "Nothing was archived. dialin audit verify says more.");
  write(text_of({{"closing", closing.line()}}));
}

SegmentVerdict verify_segment(const std::function<std::optional<std::string>()>& next_line,
                              const std::vector<std::string>& trusted_keys) {
  SegmentVerdict verdict;
  try {
    const std::optional<std::string> first = next_line();
    const Json head = Json::parse(first.value_or(""));
    if (head.at("format").get<std::string>() != kFormat) refuse("another format");
    verdict.store_id = head.at("store").get<std::string>();
    verdict.chain = head.at("chain").get<std::string>();
    verdict.first = head.at("first").get<std::int64_t>();
    verdict.last = head.at("last").get<std::int64_t>();
    verdict.previous_hash = head.at("previous_hash").get<std::string>();
    ChainWalk walk(verdict.chain, verdict.first - 1, verdict.previous_hash);
    while (const std::optional<std::string> text = next_line()) {
      if (verdict.closing) refuse("it goes on after its closing head");
      const Json object = Json::parse(*text);
      if (object.contains("closing")) {
        verdict.closing = parse_head(object.at("closing").get<std::string>());
      } else {
        walk.take(line_of(object, verdict.chain));
      }
    }
    verdict.problems = walk.problems();
    judge_closing(verdict, walk, trusted_keys);
  } catch (const Json::exception&) {
    refuse("a line is not as it was written");
  }
  return verdict;
}

}  // namespace dialin
