// SPDX-License-Identifier: Apache-2.0
// deliver: sends what is due in the outbox, of single commands and of runs; with -Watch until it is stopped.
#include <fmt/format.h>

#include "base/error.h"
#include "command/audit_signer.h"
#include "command/commands.h"
#include "command/existing_store.h"
#include "command/mail_server_parameters.h"
#include "command/run_output.h"
#include "command/welcome_workplace.h"
#include "run/deliver_all.h"
#include "shell/output.h"
#include "shell/progress.h"

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
      "those that a killed process left behind, copies, notices of changed PINs, and runs that were queued "
      "(-AsJob) or not finished. "
      "A welcome whose password was typed stays queued, "
      "because "
      "nobody is there to type it. Made for a timer: it asks nothing.\n\n"
      "With -Watch it goes on, waits for what will be due, and writes a line for each mail of a single "
      "command and "
      "for each run that it worked on, until Ctrl-C or SIGTERM. What is in flight then is finished.";
  spec.parameters = {{.name = "Watch",
                      .kind = ParameterKind::Switch,
                      .help = "Goes on until it is stopped, and writes lines for a log."}};
  spec.examples = {{"dialin deliver", "Sends what is due."},
                   {"dialin deliver --watch", "Goes on sending, as a service does."},
                   {"dialin deliver -Output json", "The same; one object for each mail that was tried."}};
  spec.exit_codes = {{0, "nothing is left that was due, and every mail was accepted"},
                     {1, "at least one mail failed, is uncertain, or arrived with a PIN that is not valid"},
                     {75, "something stays queued"},
                     {77, "a password was not accepted"}};
  return spec;
}

const char* kind_of(const WelcomeRow& row) {
  switch (row.kind) {
    case WelcomeKind::Welcome:
      return "Welcome";
    case WelcomeKind::Copy:
      return "Copy";
    case WelcomeKind::Notice:
      return "Notice";
  }
  return "";
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
      .text("Kind", kind_of(row))
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
    case RecordResult::Outcome::Failed:
      return outcome.row->kind == WelcomeKind::Notice ? 0 : 1;  // a notice is an addition to what was done
    case RecordResult::Outcome::ArrivedInvalid:
    case RecordResult::Outcome::Uncertain:
      return 1;
  }
  return exit_code(ErrorCode::Internal);
}

std::string sentence_of(const DueReport::Waiting& waiting) {
  return fmt::format("{} stay{} queued: {}{} {}", waiting.rows, waiting.rows == 1 ? "s" : "", waiting.reason,
                     waiting.reason.ends_with('.') ? "" : ".", waiting.next);
}

std::string sentence_of(const RunOutcome& run) {
  const ProgressState state =
      progress_state({.counts = run.counts, .rate = 0, .left = std::nullopt, .notice = {}});
  std::string text = fmt::format("Run {}: {}", run.record.name, progress_plain_line(state));
  if (run.error) text += fmt::format("; {}. {}", run.error->what(), run.error->next());
  return text;
}

// A password that can only be typed is not an error of the configuration here: nothing is lost.
int code_of(const DueReport::Waiting& waiting) {
  return exit_code(waiting.code == ErrorCode::Configuration ? ErrorCode::TryAgain : waiting.code);
}

int code_of(const DeliverReport& report) {
  int code = 0;
  for (const RowOutcome& outcome : report.single.outcomes) {
    if (outcome.error) code = worse_exit_code(code, exit_code(outcome.error->code()));
    if (outcome.delivery && outcome.row && outcome.record) code = worse_exit_code(code, code_of(outcome));
  }
  for (const DueReport::Waiting& waiting : report.single.waiting)
    code = worse_exit_code(code, code_of(waiting));
  for (const RunOutcome& run : report.runs) code = worse_exit_code(code, exit_code_of(run));
  return code;
}

// What is not an object of its own.
void write_sentences(const DeliverReport& report, const std::function<void(const std::string&)>& say) {
  for (const RowOutcome& outcome : report.single.outcomes) {
    if (outcome.error)
      say(fmt::format("A mail could not be made, and stays queued: {}.", outcome.error->what()));
  }
  if (report.single.swept > 0)
    say(fmt::format("{} had waited too long and were given up.", report.single.swept));
  for (const DueReport::Waiting& waiting : report.single.waiting) say(sentence_of(waiting));
  for (const RunOutcome& run : report.runs) say(sentence_of(run));
}

std::vector<OutputObject> objects_of(Store& store, const DeliverReport& report) {
  std::vector<OutputObject> objects;
  for (const RowOutcome& outcome : report.single.outcomes) {
    if (outcome.delivery && outcome.row && outcome.record) objects.push_back(object_of(store, outcome));
  }
  return objects;
}

// Lines for a log: the time, and what happened.
void write_log(CommandContext& context, Store& store, const DeliverReport& report) {
  const std::string time = to_rfc3339(context.clock.now());
  const auto say = [&](const std::string& sentence) {
    context.streams.write_output(fmt::format("{} {}\n", time, sentence));
  };
  for (const OutputObject& object : objects_of(store, report)) {
    const auto text = [&](const char* name) { return std::get<std::string>(*object.find(name)); };
    say(fmt::format("{} {} to {}: {}", text("Identity"), text("MailResult"), text("SentTo"), text("Detail")));
  }
  write_sentences(report, say);
  context.streams.flush();
}

int watch(CommandContext& context, const BoundParameters& bound, Store& store, WelcomeWorkplace& workplace) {
  if (bound.given("Output")) {
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{} writes lines for a log, and {} has no effect on them",
                            bound.display_name("Watch"), bound.display_name("Output")));
  }
  const AuditSigner signer(existing_store(context));
  context.streams.write_error("Delivering until it is stopped.\n");
  deliver_until_interrupted(
      workplace.environment(), [&] { return welcome_settings(context.configuration, &store); }, nullptr,
      [&](const DeliverReport& report) { write_log(context, store, report); });
  return 0;
}

int run_deliver(CommandContext& context, BoundParameters& bound) {
  auto store = context.open_store(OpenMode::MustExist);
  if (!store) {
    context.streams.write_error("There is no store yet: nothing to deliver.\n");
    return 0;
  }
  if (bound.what_if()) {
    context.streams.write_output(fmt::format("What if: {} rows of the outbox are due, and {} runs go on.\n",
                                             store->outbox().due(1000000).size(),
                                             store->runs().ready().size()));
    return 0;
  }
  context.finish_on_interruption();
  Passwords passwords(context, false);
  WelcomeWorkplace workplace(context, *store, &passwords, bound.verbose());
  if (bound.flag("Watch")) return watch(context, bound, *store, workplace);
  store->audit().sign(AuditTrail::When::IfDue);

  Progress progress(context.streams, context.clock);
  workplace.speak_above(&progress);
  const DeliverReport report =
      deliver_all(workplace.environment(), workplace.settings(),
                  [&progress](const RunProgress& state) { progress.show(progress_state(state)); });
  progress.finish();
  workplace.speak_above(nullptr);
  write_objects(context.streams, objects_of(*store, report), output_format(bound),
                {"Identity", "Kind", "MailResult", "SentTo", "MessageId", "Detail"});
  context.streams.flush();
  write_sentences(report, [&](const std::string& sentence) { context.streams.write_error(sentence + "\n"); });
  if (context.interrupted()) return exit_code(ErrorCode::Interrupted);
  const Outbox::LaterAttempts later = store->outbox().not_yet_due();
  if (later.rows == 0) return code_of(report);
  context.streams.write_error(fmt::format(
      "{} {} queued for a later attempt, the next at {}. `dialin deliver` sends what is due by then; a "
      "welcome's own command, typed again, tries at once.\n",
      later.rows, later.rows == 1 ? "mail stays" : "mails stay",
      time_for_people(*later.first, context.streams.locale_name("LC_TIME"))));
  return worse_exit_code(code_of(report), exit_code(ErrorCode::TryAgain));
}

}  // namespace

Command deliver_command() {
  return {deliver_spec(), run_deliver};
}

}  // namespace dialin
