// SPDX-License-Identifier: Apache-2.0
// cancel: takes a person's waiting welcome out of the outbox.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/confirmation.h"
#include "command/existing_store.h"
#include "command/person_parameter.h"
#include "shell/output.h"

namespace dialin {
namespace {

CommandSpec cancel_spec() {
  CommandSpec spec;
  spec.verb = "cancel";
  spec.group = "Welcomes";
  spec.summary = "Cancels a person's welcome that has not been sent yet.";
  spec.description =
      "The welcome is not sent, its PIN never becomes valid, and the person's former PIN stays as it is. A "
      "welcome "
      "whose mail server never answered may have arrived already: then it is cancelled too, which is said, "
      "because the "
      "PIN in that mail will not work.";
  spec.parameters = {identity_parameter_spec("The person whose welcome is cancelled.")};
  spec.examples = {
      {"dialin cancel bob@contoso.com", "Bob's welcome is not sent any more."},
      {"dialin cancel bob@contoso.com --what-if", "Shows what would be cancelled."},
  };
  spec.exit_codes = {{0, "cancelled"},
                     {1, "there was nothing to cancel, or no such person"},
                     {75, "it is being delivered at this moment: try again"}};
  return spec;
}

[[noreturn]] void refuse_nothing(const Person& person) {
  throw Error(ErrorCode::Precondition, fmt::format("there is nothing to cancel: no welcome of {} is waiting",
                                                   person.sip_address.uri()));
}

std::string describe(const ProcessIdentity& owner) {
  return fmt::format("process {} on {}", owner.process_id, owner.host);
}

int say_what_if(CommandContext& context, Store& store, const Person& person) {
  const auto row = store.outbox().unfinished_of(person.id);
  if (!row) refuse_nothing(person);
  context.streams.write_output(fmt::format(
      "What if: the welcome of {} to {}, {} since {}, would be cancelled.\n", person.sip_address.uri(),
      row->content.to.address(), to_text(row->state), to_rfc3339(row->created_at)));
  return 0;
}

OutputObject object_of(const Person& person, const CancelResult& result) {
  const bool may_have_arrived = result.outcome == CancelResult::Outcome::CancelledMayHaveArrived;
  OutputObject object;
  object.text("Identity", person.sip_address.uri())
      .truth("Cancelled", true)
      .text_or_null("MessageId", result.row ? std::optional(result.row->message_id) : std::nullopt)
      .text("Detail", may_have_arrived ? "a mail with a PIN that will not work may have arrived"
                                       : "no mail was sent; the former PIN stays as it is");
  return object;
}

// Whoever is told here what became of their own welcome need not be told again by the command that issued it:
// typed again, it is a new welcome. Somebody else's is still told them.
void mark_reported(CommandContext& context, Store& store, const CancelResult& result) {
  if (!result.row || result.row->operator_name != context.by.name) return;
  try {
    store.outbox().mark_reported(result.row->id);
  } catch (const Error& error) {
    context.streams.write_error(fmt::format(
        "It is cancelled; the command that issued it may say so once more ({}).\n", error.what()));
  }
}

int run_cancel(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  const Person person = person_from(*store, bound, "Identity");
  if (bound.what_if()) return say_what_if(context, *store, person);
  confirm(context, bound, fmt::format("Cancel the welcome of {}?", person.sip_address.uri()));
  const CancelResult result = store->outbox().cancel(person.id, context.by);
  switch (result.outcome) {
    case CancelResult::Outcome::Nothing:
      refuse_nothing(person);
    case CancelResult::Outcome::InProgress:
      throw Error(ErrorCode::TryAgain,
                  fmt::format("the welcome of {} was not cancelled: it is being delivered{}",
                              person.sip_address.uri(),
                              result.owner ? " by " + describe(*result.owner) : std::string()),
                  "Try again in a moment. Should it have arrived by then, Set-CsClientPin or "
                  "Lock-CsClientPin takes its "
                  "PIN out of use.");
    case CancelResult::Outcome::Cancelled:
    case CancelResult::Outcome::CancelledMayHaveArrived:
      break;
  }
  write_object(context.streams, object_of(person, result), output_format(bound));
  context.streams.flush();
  mark_reported(context, *store, result);
  return 0;
}

}  // namespace

Command cancel_command() {
  return {cancel_spec(), run_cancel};
}

}  // namespace dialin
