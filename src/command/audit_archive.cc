// SPDX-License-Identifier: Apache-2.0
// audit archive: old lines of the audit trail into a file.
//
// Killed before the store has noted it, the file is whole or not there, and nothing has changed; after that
// the lines count as archived, and those that were not removed yet go the next time.
#include <fmt/format.h>

#include <algorithm>

#include "audit/audit_segment.h"
#include "base/error.h"
#include "base/process_identity.h"
#include "command/audit_words.h"
#include "command/commands.h"
#include "command/confirmation.h"
#include "command/existing_store.h"
#include "command/time_parameter.h"

namespace dialin {
namespace {

constexpr std::size_t LinesAtOnce = 2000;

CommandSpec audit_archive_spec() {
  CommandSpec spec;
  spec.verb = "audit archive";
  spec.group = "Audit";
  spec.summary = "Moves old lines of the audit trail into a signed file.";
  spec.description =
      "Of one chain: lines up to the newest signed head that covers nothing from -Before on; lines that no "
      "head "
      "covers are never archived. The file (JSON lines, ended by that head) is on the disk before the store "
      "gives up the lines. The head stays in the store, so that `dialin audit verify` goes on from there; "
      "-Segment verifies the file. It holds internal ids and no names, so that people can still be erased.";
  ParameterSpec before = time_parameter_spec("Before", "Lines from before then");
  before.mandatory = true;
  spec.parameters = {
      before,
      {.name = "File",
       .kind = ParameterKind::Path,
       .value_name = "file",
       .help = "A new file; without it dialin-audit-HOST-FIRST-LAST.jsonl.",
       .operand = 1,
       .file = FileUse::Create},
      {.name = "Chain",
       .kind = ParameterKind::Text,
       .value_name = "host",
       .help = "Another host's chain than this one's."},
  };
  spec.examples = {
      {"dialin audit archive --before 2025-01-01", "What happened until 2024."},
      {"dialin audit archive --before 365d /backup/audit.jsonl",
       "What is older than a year, into that file."},
  };
  spec.exit_codes = {{0, "archived, or there is nothing to archive"},
                     {1, "the file is there already, or the lines are not whole"}};
  return spec;
}

std::string file_name(const AuditChain& chain, const SignedHead& closing) {
  std::string host = chain.chain;
  std::replace_if(
      host.begin(), host.end(), [](char c) { return c == '/' || c == '\\'; }, '_');
  return fmt::format("dialin-audit-{}-{}-{}.jsonl", host, chain.archived_number + 1, closing.number);
}

void remove_archived(CommandContext& context, AuditTrail& trail, const std::string& chain) {
  while (trail.remove_archived(chain, LinesAtOnce) == LinesAtOnce) {
    if (context.interrupted()) break;
    context.wait(std::chrono::milliseconds(10));
  }
}

int run_audit_archive(CommandContext& context, BoundParameters& bound) {
  if (context.remote && !bound.given("File")) {
    throw Error(ErrorCode::InvalidInput,
                "archiving the audit trail: on this host your dialin opens only files that you name, and "
                "you named none",
                "Write: dialin audit archive FILE --before DATE");
  }
  const auto store = existing_store(context);
  AuditTrail& trail = store->audit();
  const Timestamp before = *time_from(bound, "Before", context.clock.now());
  const std::string wanted = bound.text_or("Chain", this_process().host);
  const std::vector<AuditChain> chains = trail.chains();
  const auto chain =
      std::find_if(chains.begin(), chains.end(), [&](const AuditChain& one) { return one.chain == wanted; });
  if (chain == chains.end())
    throw Error(ErrorCode::NotFound, fmt::format("there is no chain {} in the audit trail", wanted),
                "dialin audit verify shows all of them.");
  const std::optional<SignedHead> closing = trail.archivable(chain->chain, before);
  if (!closing) {
    context.streams.write_error(
        "There is nothing to archive: no signed head covers only lines from before then.\n");
    if (!bound.what_if()) remove_archived(context, trail, chain->chain);
    return 0;
  }
  const std::string file = bound.text_or("File", file_name(*chain, *closing));
  const std::string what = fmt::format("lines {} to {} of the chain {}", chain->archived_number + 1,
                                       closing->number, chain->chain);
  if (bound.what_if()) {
    context.streams.write_output(fmt::format("What if: {} would be moved into {}.\n", what, file));
    return 0;
  }
  confirm(context, bound, fmt::format("Move {} into {}?", what, file));
  context.finish_on_interruption();
  const auto written = context.files.create(file);
  write_segment(trail, *chain, *closing, [&](std::string_view piece) { written->write(piece); });
  written->finish();
  context.checkpoints.reach("after-segment");
  trail.note_archived(*closing, context.by);
  remove_archived(context, trail, chain->chain);
  OutputObject object;
  object.text("Chain", chain->chain)
      .number("First", chain->archived_number + 1)
      .number("Last", closing->number)
      .text("File", file);
  write_object(context.streams, object, output_format(bound));
  return 0;
}

}  // namespace

Command audit_archive_command() {
  return {audit_archive_spec(), run_audit_archive};
}

}  // namespace dialin
