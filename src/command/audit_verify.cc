// SPDX-License-Identifier: Apache-2.0
// audit verify: whether the audit trail is whole, and how far that can be known.
#include <fmt/format.h>

#include <algorithm>

#include "audit/audit_segment.h"
#include "audit/audit_verification.h"
#include "base/error.h"
#include "command/audit_words.h"
#include "command/commands.h"
#include "command/existing_store.h"
#include "shell/output.h"

namespace dialin {
namespace {

CommandSpec audit_verify_spec() {
  CommandSpec spec;
  spec.verb = "audit verify";
  spec.group = "Audit";
  spec.summary = "Finds out whether the audit trail was tampered with, and says how far it can vouch.";
  spec.description =
      "Computes every chain (one a host) again: finds lines that were changed, removed or exchanged, ends "
      "that "
      "are cut off and chains that are missing. Whoever can write the database can do better than that, and "
      "compute a chain anew: what finds them is a signed head that was kept elsewhere, in the system's "
      "journal "
      "or by `dialin audit head`. -Head names files of these; other lines in them are passed over. Without "
      "one "
      "the trail is proven as far as the newest head in the store goes that is signed with this host's key, "
      "against everybody who has not got that key; the output says so.\n\n"
      "ProvenOutside and ProvenSigned are numbers of lines: everything up to there is as it was written.";
  spec.parameters = {
      {.name = "Head",
       .kind = ParameterKind::List,
       .value_name = "file",
       .help =
           "Files with heads that were kept elsewhere, as the journal or dialin audit head wrote them; - is "
           "standard input.",
       .file = FileUse::ReadEach},
      public_key_parameter_spec(),
      {.name = "Segment",
       .kind = ParameterKind::List,
       .value_name = "file",
       .help = "Files of dialin audit archive, which are verified as well.",
       .file = FileUse::ReadEach},
  };
  spec.examples = {
      {"dialin audit verify", "The store by itself."},
      {"journalctl -t dialin -o cat | dialin audit verify --head -", "Against the heads in the journal."},
      {"dialin audit verify --head heads-of-conf1 --head heads-of-conf2 --public-key KEY",
       "Two hosts' chains, against heads that were kept elsewhere."},
  };
  spec.exit_codes = {{0, "whole, as far as it says"}, {1, "something was tampered with"}};
  return spec;
}

std::vector<SignedHead> heads_from(CommandContext& context, const BoundParameters& bound,
                                   const std::string& store_id) {
  std::vector<SignedHead> heads;
  for (const std::string& file : bound.list("Head")) {
    FileLines lines(context.files.open(file));
    bool any = false;
    while (const std::optional<std::string> line = lines.next()) {
      std::optional<SignedHead> head = parse_head(*line);
      if (!head) continue;
      any = any || head->store_id == store_id;
      heads.push_back(std::move(*head));
    }
    if (!any)
      throw Error(ErrorCode::InvalidInput,
                  fmt::format("{} holds no head of this store's audit trail ({})", file, store_id),
                  "dialin audit head writes them.");
  }
  return heads;
}

// What was archived, by file; false: something is wrong.
bool verify_segments(CommandContext& context, const BoundParameters& bound, const std::string& store_id,
                     const std::vector<AuditChain>& chains, const std::vector<std::string>& trusted) {
  bool whole = true;
  std::vector<SegmentVerdict> verdicts;
  const auto say = [&](const std::string& sentence) { context.streams.write_error(sentence + "\n"); };
  for (const std::string& file : bound.list("Segment")) {
    FileLines lines(context.files.open(file));
    SegmentVerdict verdict = verify_segment([&] { return lines.next(); }, trusted);
    if (verdict.store_id != store_id) verdict.problems.push_back("it belongs to another store");
    // The store knows where the last one ended.
    for (const AuditChain& chain : chains) {
      if (chain.chain == verdict.chain && chain.archived_number == verdict.last && verdict.closing &&
          chain.archived_hash != verdict.closing->hash)
        verdict.problems.push_back("the store names another last line of it");
    }
    for (const SegmentVerdict& other : verdicts) {
      if (other.chain == verdict.chain && other.last + 1 == verdict.first && other.closing &&
          other.closing->hash != verdict.previous_hash)
        verdict.problems.push_back(
            fmt::format("it does not follow the lines {} to {}", other.first, other.last));
    }
    if (verdict.problems.empty()) {
      say(fmt::format("{}: lines {} to {} of the chain {} are as they were written{}.", file, verdict.first,
                      verdict.last, verdict.chain,
                      verdict.trusted ? "" : ", if the key that signed them may be trusted (-PublicKey)"));
    }
    for (const std::string& problem : verdict.problems) say(fmt::format("{}: {}.", file, problem));
    whole = whole && verdict.problems.empty();
    verdicts.push_back(std::move(verdict));
  }
  return whole;
}

void say_how_far(CommandContext& context, const BoundParameters& bound, const AuditVerdict& verdict) {
  const auto say = [&](const std::string& sentence) { context.streams.write_error(sentence + "\n"); };
  for (const std::string& note : verdict.notes) say(fmt::format("Note: {}.", note));
  for (const std::string& problem : verdict.problems) say(fmt::format("Tampered with: {}.", problem));
  for (const ChainVerdict& chain : verdict.chains) {
    for (const std::string& problem : chain.problems)
      say(fmt::format("Tampered with, chain {}: {}.", chain.chain, problem));
    if (chain.problem_count > static_cast<std::int64_t>(chain.problems.size()))
      say(fmt::format("And {} more in the chain {}.",
                      chain.problem_count - static_cast<std::int64_t>(chain.problems.size()), chain.chain));
  }
  if (!verdict.whole()) return;
  for (const ChainVerdict& chain : verdict.chains) {
    const std::int64_t proven = std::max(chain.proven_outside, chain.proven_signed);
    std::string words = fmt::format("Chain {}: ", chain.chain);
    if (chain.proven_outside > 0)
      words += fmt::format("up to line {} proven by a head from outside; ", chain.proven_outside);
    if (chain.proven_signed > chain.proven_outside)
      words += fmt::format(
          "up to line {} signed, against everybody who has not got the signing key and could "
          "not take the trail back to an earlier head; ",
          chain.proven_signed);
    words += proven < chain.last
                 ? fmt::format("lines {} to {} are in order, and nothing but the chain itself says so.",
                               proven + 1, chain.last)
                 : std::string("nothing comes after that.");
    say(words);
  }
  if (!bound.given("Head"))
    say("No head from outside was given (-Head): whoever has the signing key, root of this host, could have "
        "written all of it anew.");
}

int run_audit_verify(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  VerificationRequest request;
  request.store_id = store->status().store_id;
  request.heads = heads_from(context, bound, request.store_id);
  request.trusted_keys = trusted_keys(*store, bound);
  const bool segments_whole =
      verify_segments(context, bound, request.store_id, store->audit().chains(), request.trusted_keys);
  const AuditVerdict verdict = verify_audit(store->audit(), request);
  std::vector<OutputObject> objects;
  for (const ChainVerdict& chain : verdict.chains) {
    objects.emplace_back()
        .text("Chain", chain.chain)
        .truth("Whole", chain.problem_count == 0)
        .number("ArchivedUpTo", chain.archived)
        .number("ProvenOutside", chain.proven_outside)
        .number("ProvenSigned", chain.proven_signed)
        .number("LastLine", chain.last)
        .number("Problems", chain.problem_count);
  }
  write_objects(context.streams, objects, output_format(bound));
  context.streams.flush();
  say_how_far(context, bound, verdict);
  context.streams.write_error(
      fmt::format("This host signs with the key {}.\n", request.trusted_keys.front()));
  return verdict.whole() && segments_whole ? 0 : 1;
}

}  // namespace

Command audit_verify_command() {
  return {audit_verify_spec(), run_audit_verify};
}

}  // namespace dialin
