// SPDX-License-Identifier: Apache-2.0
// deliver: sends what is due in the outbox.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/mail_server_parameters.h"
#include "command/run_output.h"
#include "command/welcome_workplace.h"
#include "shell/output.h"
#include "welcome/deliver_due.h"
#include "welcome/welcome_job.h"

namespace dialin {
namespace {

CommandSpec deliver_spec() {
  CommandSpec spec;
  spec.verb = "deliver";
  spec.group = "Welcomes";
  spec.summary = "Sends the welcomes that are due in the outbox.";
  spec.description =
      "Goes once through everything whose time has come: welcomes that a mail server deferred or could not "
      "be handed, "
      "those that a killed process left behind, and copies. A welcome whose password was typed stays queued, "
      "because "
      "nobody is there to type it. Made for a timer: it asks nothing.";
  spec.examples = {{"dialin deliver", "Sends what is due."},
                   {"dialin deliver -Output json", "The same; one object for each mail that was tried."}};
  spec.exit_codes = {{0, "nothing is left that was due, and every mail was accepted"},
                     {1, "at least one mail failed, is uncertain, or arrived with a PIN that is not valid"},
                     {75, "something stays queued"},
                     {77, "a password was not accepted"}};
  return spec;
}

const char* mail_result_of(const RowOutcome& outcome) {
  if (!outcome.record) return "Queued";
  switch (outcome.record->outcome) {
    case RecordResult::Outcome::Sent:
    case RecordResult::Outcome::AlreadyRecorded:
    case RecordResult::Outcome::ArrivedInvalid:
      return "Sent";
    case RecordResult::Outcome::Queued:
    case RecordResult::Outcome::NotOurs:
      return "Queued";
    case RecordResult::Outcome::Failed:
      return "Failed";
    case RecordResult::Outcome::Uncertain:
      return "Uncertain";
    case RecordResult::Outcome::Superseded:
      return "NotSent";
  }
  return "Queued";
}

OutputObject object_of(Store& store, const RowOutcome& outcome) {
  const auto person = store.people().get(outcome.row->person);
  const WelcomeRow& row = *outcome.row;
  OutputObject object;
  object.text("Identity", person ? person->sip_address.uri() : std::string("(removed)"))
      .text("Kind", row.kind == WelcomeKind::Copy ? "Copy" : "Welcome")
      .text("MailResult", mail_result_of(outcome))
      .text("SentTo", row.copy_to ? row.copy_to->address() : row.content.to.address())
      .text("MessageId", row.message_id)
      .text("Detail", describe(*outcome.delivery));
  return object;
}

int code_of(const RowOutcome& outcome) {
  switch (outcome.record->outcome) {
    case RecordResult::Outcome::Sent:
    case RecordResult::Outcome::AlreadyRecorded:
    case RecordResult::Outcome::Superseded:  // a newer decision has taken its place
      return 0;
    case RecordResult::Outcome::Queued:
    case RecordResult::Outcome::NotOurs:
      return exit_code(ErrorCode::TryAgain);
    case RecordResult::Outcome::ArrivedInvalid:
    case RecordResult::Outcome::Failed:
    case RecordResult::Outcome::Uncertain:
      return 1;
  }
  return exit_code(ErrorCode::Internal);
}

int run_deliver(CommandContext& context, BoundParameters& bound) {
  auto store = context.open_store(OpenMode::MustExist);
  if (!store) {
    context.streams.write_error("There is no store yet: nothing to deliver.\n");
    return 0;
  }
  if (bound.what_if()) {
    context.streams.write_output(
        fmt::format("What if: {} rows of the outbox are due.\n", store->outbox().due(1000000).size()));
    return 0;
  }
  context.finish_on_interruption();
  Passwords passwords(context, false);
  WelcomeWorkplace workplace(context, *store, &passwords, bound.verbose());
  const DueReport report = deliver_due(workplace.environment(), workplace.settings());

  int code = 0;
  std::vector<OutputObject> objects;
  for (const RowOutcome& outcome : report.outcomes) {
    if (outcome.error) {
      context.streams.write_error(
          fmt::format("A mail could not be made, and stays queued: {}.\n", outcome.error->what()));
      code = worse_exit_code(code, exit_code(outcome.error->code()));
    }
    if (!outcome.delivery || !outcome.row || !outcome.record) continue;
    objects.push_back(object_of(*store, outcome));
    code = worse_exit_code(code, code_of(outcome));
  }
  write_objects(context.streams, objects, output_format(bound),
                {"Identity", "Kind", "MailResult", "SentTo", "MessageId", "Detail"});
  context.streams.flush();
  if (report.swept > 0) {
    context.streams.write_error(fmt::format("{} had waited too long and were given up.\n", report.swept));
  }
  for (const DueReport::Waiting& waiting : report.waiting) {
    context.streams.write_error(
        fmt::format("{} stay queued: {}. {}\n", waiting.rows, waiting.reason, waiting.next));
    // A password that can only be typed is not an error of the configuration here: nothing is lost.
    code = worse_exit_code(
        code, exit_code(waiting.code == ErrorCode::Configuration ? ErrorCode::TryAgain : waiting.code));
  }
  if (context.interrupted()) code = exit_code(ErrorCode::Interrupted);
  return code;
}

}  // namespace

Command deliver_command() {
  return {deliver_spec(), run_deliver};
}

}  // namespace dialin
