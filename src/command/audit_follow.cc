// SPDX-License-Identifier: Apache-2.0
// audit follow: lines of the audit trail as they are committed.
#include <algorithm>
#include <map>

#include "base/error.h"
#include "command/audit_words.h"
#include "command/commands.h"
#include "command/existing_store.h"

namespace dialin {
namespace {

constexpr std::size_t PageSize = 500;
constexpr std::chrono::milliseconds Pause{500};

CommandSpec audit_follow_spec() {
  CommandSpec spec;
  spec.verb = "audit follow";
  spec.group = "Audit";
  spec.summary = "Shows lines of the audit trail as they are written, until Ctrl-C.";
  spec.description =
      "JSON lines, one object a line, as `dialin audit -Output json` writes them. No line is left out: each "
      "chain (one a host) is followed by the numbers of its lines, in their order, so that a program that "
      "was "
      "ended goes on with -From and the number after the last one that it has got.";
  spec.parameters = {
      {.name = "From",
       .kind = ParameterKind::Number,
       .value_name = "number",
       .help = "Begins with this line of each chain; without it with the next one that is written.",
       .minimum = 1,
       .maximum = std::numeric_limits<std::int64_t>::max()},
      {.name = "Chain", .kind = ParameterKind::Text, .value_name = "host", .help = "Only this host's chain."},
  };
  spec.examples = {
      {"dialin audit follow", "From now on."},
      {"dialin audit follow --from 4712 --chain conf1 | logger -t dialin-audit",
       "Into another log, where it ended."},
  };
  spec.exit_codes = {{130, "Ctrl-C"}, {69, "the store could not be asked"}};
  return spec;
}

int run_audit_follow(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  AuditTrail& trail = store->audit();
  const std::optional<std::string> only = bound.text("Chain");
  const std::optional<std::int64_t> from = bound.number("From");
  std::map<std::string, std::int64_t> after;
  if (!from) {
    for (const AuditChain& chain : trail.chains()) after[chain.chain] = chain.number;
  }
  context.finish_on_interruption();
  AuditWords words(*store);
  while (!context.interrupted()) {
    bool more = false;
    for (const AuditChain& chain : trail.chains()) {
      if (only && chain.chain != *only) continue;
      // A chain that begins while others are followed is followed from its first line.
      std::int64_t& last = after.try_emplace(chain.chain, from.value_or(1) - 1).first->second;
      if (chain.number <= last) continue;
      const std::vector<AuditLine> lines = trail.of_chain(chain.chain, last, PageSize);
      words.look_up(lines);
      for (const AuditLine& line : lines) context.streams.write_output(words.json(line) + "\n");
      if (!lines.empty()) last = lines.back().number;
      more = more || lines.size() == PageSize;
    }
    context.streams.flush();
    if (!more) context.wait(Pause);
  }
  return exit_code(ErrorCode::Interrupted);
}

}  // namespace

Command audit_follow_command() {
  return {audit_follow_spec(), run_audit_follow};
}

}  // namespace dialin
