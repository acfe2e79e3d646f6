// SPDX-License-Identifier: Apache-2.0
// Get-CsPinAudit, audit: who did what, to whom, when.
#include <fmt/format.h>

#include "base/error.h"
#include "command/audit_words.h"
#include "command/commands.h"
#include "command/existing_store.h"
#include "command/person_parameter.h"
#include "command/time_parameter.h"

namespace dialin {
namespace {

constexpr std::size_t PageSize = 500;

CommandSpec audit_spec() {
  CommandSpec spec;
  spec.cmdlet = "Get-CsPinAudit";
  spec.verb = "audit";
  spec.group = "Audit";
  spec.summary = "Shows who did what to whose PIN, when, from where.";
  spec.description =
      "The oldest line first; what is given narrows it down. In JSON each line is an object of its own (JSON "
      "lines). A person who was removed is shown by the internal id, which -Identity takes too. Lines that "
      "were archived are not shown.\n\n"
      "Successful checks by telephone stand in no line of their own, unless they follow a failure: they are "
      "counted by day, and `-Checks` shows the counts.";
  spec.parameters = {
      {.name = "Identity",
       .kind = ParameterKind::Text,
       .value_name = "person",
       .help = "Only what concerns this person.",
       .position = 1,
       .operand = 1},
      {.name = "Operator",
       .kind = ParameterKind::Text,
       .value_name = "account",
       .help = "Only what this account did."},
      {.name = "Event",
       .kind = ParameterKind::List,
       .value_name = "event",
       .help = "Only these events: pin-set, welcome-sent, pin-check-failed ..."},
      time_parameter_spec("Since", "Only lines from then on"),
      time_parameter_spec("Before", "Only lines from before then"),
      {.name = "Chain",
       .kind = ParameterKind::Text,
       .value_name = "host",
       .help = "Only lines of this host's chain."},
      {.name = "Last",
       .kind = ParameterKind::Number,
       .value_name = "count",
       .help = "Only the last so many of them.",
       .minimum = 1,
       .maximum = 1000000000},
      {.name = "Checks",
       .kind = ParameterKind::Switch,
       .help = "How often PINs were checked by telephone, by day and answer, instead of lines."},
  };
  spec.examples = {
      {"Get-CsPinAudit bob@contoso.com -Since 7d", "What happened to bob's PIN this week."},
      {"dialin audit --operator marco --event pin-set,pin-locked", "What marco set and locked."},
      {"dialin audit --last 20", "The last twenty lines."},
      {"dialin audit --since 2026-03-01 --before 2026-04-01 -Output csv > march.csv",
       "A month, for a spreadsheet."},
      {"dialin audit --checks --since 30d", "How many callers got in, and how many did not, day by day."},
  };
  spec.exit_codes = {{0, "shown, also if there was nothing"},
                     {1, "no such person, or there is no store yet"}};
  return spec;
}

// Removed people are known by nothing else.
bool is_internal_id(const std::string& text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

AuditQuery query_from(const CommandContext& context, Store& store, const BoundParameters& bound) {
  AuditQuery query;
  if (const auto identity = bound.text("Identity")) {
    query.person = is_internal_id(*identity) ? *identity : person_from(store, bound, "Identity").id;
  }
  query.operator_name = bound.text_or("Operator", "");
  query.events = bound.list("Event");
  query.since = time_from(bound, "Since", context.clock.now());
  query.before = time_from(bound, "Before", context.clock.now());
  query.chain = bound.text_or("Chain", "");
  return query;
}

int show_checks(CommandContext& context, Store& store, const BoundParameters& bound) {
  for (const char* other : {"Identity", "Operator", "Event", "Chain", "Last"}) {
    if (bound.given(other))
      throw Error(ErrorCode::InvalidInput,
                  fmt::format("{} and {} do not go together: counts are kept by day and answer only",
                              bound.display_name("Checks"), bound.display_name(other)));
  }
  std::vector<OutputObject> objects;
  for (const CheckCount& count : store.audit().check_counts(
           time_from(bound, "Since", context.clock.now()), time_from(bound, "Before", context.clock.now()))) {
    const Timestamp day = std::chrono::sys_days(std::chrono::days(count.day));
    objects.emplace_back()
        .text("Day", to_rfc3339(day).substr(0, 10))
        .text("Answer", count.result)
        .number("Checks", count.checks);
  }
  write_objects(context.streams, objects, output_format(bound), {"Day", "Answer", "Checks"});
  return 0;
}

int run_audit(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  if (bound.flag("Checks")) return show_checks(context, *store, bound);
  const AuditQuery query = query_from(context, *store, bound);
  AuditTrail& trail = store->audit();
  std::optional<AuditPosition> after;
  if (const auto last = bound.number("Last"))
    after = trail.before_last(query, static_cast<std::size_t>(*last));
  const OutputFormat format = output_format(bound).value_or(OutputFormat::Table);
  ObjectWriter writer(context.streams, format, AuditWords::columns(format));
  AuditWords words(*store);
  for (;;) {
    const std::vector<AuditLine> lines = trail.find(query, after, PageSize);
    words.look_up(lines);
    std::vector<OutputObject> objects;
    for (const AuditLine& line : lines) {
      if (format == OutputFormat::Json) {
        context.streams.write_output(words.json(line) + "\n");
      } else {
        objects.push_back(words.object(line));
      }
    }
    if (format != OutputFormat::Json) writer.write(objects);
    if (lines.size() < PageSize) break;
    after = AuditPosition{lines.back().at, lines.back().chain, lines.back().number};
  }
  if (format != OutputFormat::Json) writer.finish();
  return 0;
}

}  // namespace

Command audit_command() {
  return {audit_spec(), run_audit};
}

}  // namespace dialin
