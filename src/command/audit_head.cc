// SPDX-License-Identifier: Apache-2.0
// audit head: the newest signed head of each chain, to be kept elsewhere.
#include "command/commands.h"
#include "command/existing_store.h"

namespace dialin {
namespace {

CommandSpec audit_head_spec() {
  CommandSpec spec;
  spec.verb = "audit head";
  spec.group = "Audit";
  spec.summary =
      "Prints the newest signed head of each chain, to be kept where nobody of this host can change it.";
  spec.description =
      "Signs the end of this host's chain first. A head is one line, the same that the system's journal "
      "gets: "
      "`dialin audit verify -Head` reads files of them. Behind key= stands the public key with which it is "
      "signed.";
  spec.examples = {
      {"dialin audit head | ssh safe 'cat >> dialin-heads'", "Every hour, by a timer."},
      {"dialin audit head > heads-of-conf1", "To be kept where nobody of this host can change it."},
  };
  spec.exit_codes = {{0, "printed"}, {1, "there is no store yet"}};
  return spec;
}

int run_audit_head(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  AuditTrail& trail = store->audit();
  if (!bound.what_if()) trail.sign(AuditTrail::When::Now);
  for (const AuditChain& chain : trail.chains()) {
    if (const auto head = trail.newest_head(chain.chain)) context.streams.write_output(head->line() + "\n");
  }
  return 0;
}

}  // namespace

Command audit_head_command() {
  return {audit_head_spec(), run_audit_head};
}

}  // namespace dialin
