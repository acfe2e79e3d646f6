// SPDX-License-Identifier: Apache-2.0
// doctor: looks at everything that has to be right for a welcome to be sent and a PIN to be checked.
#include <fmt/format.h>

#include <iterator>

#include "base/text.h"
#include "command/commands.h"
#include "command/doctor_checks.h"
#include "command/mail_server_parameters.h"
#include "command/sender_parameters.h"
#include "shell/output.h"
#include "shell/wrapping.h"

namespace dialin {
namespace {

constexpr std::size_t StateWidth = 9;
constexpr std::size_t SubjectWidth = 16;

CommandSpec doctor_spec() {
  CommandSpec spec;
  spec.verb = "doctor";
  spec.group = "System";
  spec.summary = "Looks at everything that has to be right, and says what to do about what is not.";
  spec.description =
      "Configuration and who may change it, files with secrets, data directory, store, key, clock, templates "
      "in "
      "every language, access numbers, the settings page's address, the mail servers (connects, TLS and its "
      "certificate, login, size of the largest mail, pipelining), what waits and whether anything sends it, "
      "the "
      "listener for PIN checks. Each line is ok, a warning, or a problem with what to do.\n\n"
      "Changes nothing, makes no store and no key, and sends nothing unless -SendTo names an address: that "
      "gets "
      "a short mail without a PIN.";
  spec.parameters = {{.name = "SendTo",
                      .kind = ParameterKind::Text,
                      .value_name = "address",
                      .help = "Sends a short mail without a PIN to this address."}};
  for (auto part : {mail_server_parameter_specs(), sender_parameter_specs()})
    std::move(part.begin(), part.end(), std::back_inserter(spec.parameters));
  for (ParameterSpec& parameter : spec.parameters) {
    // By name only: nothing here is a person, for whom a bare word could be meant.
    parameter.position = 0;
    parameter.guard_characters.clear();
    parameter.guard_meant.clear();
  }
  spec.examples = {{"dialin doctor", "After installing, after a change, and when something does not work."},
                   {"dialin doctor -SendTo marco@contoso.com", "And sends Marco a mail."},
                   {"dialin doctor -SmtpServer mail.contoso.com -UseSsl", "With another mail server."},
                   {"dialin doctor -Output json", "For a monitor; the exit code tells as well."}};
  spec.exit_codes = {{0, "no problems; there may be warnings"}, {1, "at least one problem"}};
  return spec;
}

const char* word_of(Diagnosis::State state) {
  switch (state) {
    case Diagnosis::State::Ok:
      return "ok";
    case Diagnosis::State::Warning:
      return "warning";
    case Diagnosis::State::Problem:
      return "problem";
  }
  return "";
}

void write_lines(Streams& streams, const std::vector<Diagnosis>& all) {
  const std::size_t width = readable_width(streams.width());
  const std::size_t margin = StateWidth + SubjectWidth;
  for (const Diagnosis& one : all) {
    streams.write_output(
        wrap(words_of(sanitize_foreign_text(one.finding, 2000)), width,
             fmt::format("{:<{}}{:<{}}", word_of(one.state), StateWidth, one.subject, SubjectWidth), margin));
    if (!one.remedy.empty())
      streams.write_output(wrap(words_of(sanitize_foreign_text(one.remedy, 2000)), width,
                                std::string(margin, ' ') + "-> ", margin + 3));
  }
}

std::vector<Diagnosis> examine(CommandContext& context, const BoundParameters& bound,
                               const std::optional<Mailbox>& send_to) {
  Diagnoses diagnoses;
  diagnose_configuration(context, diagnoses);
  if (context.hindrances.configuration) return diagnoses.all();  // all else would be about defaults
  diagnose_data_directory(context, diagnoses);
  const std::unique_ptr<Store> store =
      context.hindrances.data ? nullptr : diagnose_opening(context, diagnoses);
  if (store) diagnose_store(context, *store, diagnoses);
  const std::size_t largest = diagnose_templates(context, store.get(), diagnoses);
  diagnose_settings_page(context, diagnoses);
  diagnose_check_listener(context, diagnoses);
  diagnose_mail_servers(context, bound, largest, diagnoses);
  if (send_to) diagnose_sending(context, bound, *send_to, diagnoses);
  return diagnoses.all();
}

int run_doctor(CommandContext& context, BoundParameters& bound) {
  std::optional<Mailbox> send_to;
  if (const auto text = bound.text("SendTo"))
    send_to = checked_mailbox(*text, bound.display_name("SendTo"), ErrorCode::InvalidInput);
  const std::vector<Diagnosis> all = examine(context, bound, send_to);
  std::size_t problems = 0;
  std::size_t warnings = 0;
  for (const Diagnosis& one : all) {
    if (one.state == Diagnosis::State::Problem) ++problems;
    if (one.state == Diagnosis::State::Warning) ++warnings;
  }
  if (const auto format = output_format(bound)) {
    std::vector<OutputObject> objects;
    for (const Diagnosis& one : all) {
      objects.emplace_back()
          .text("Subject", one.subject)
          .text("State", word_of(one.state))
          .text("Finding", one.finding)
          .text("Remedy", one.remedy);
    }
    write_objects(context.streams, objects, format, {"Subject", "State", "Finding", "Remedy"});
  } else {
    write_lines(context.streams, all);
  }
  context.streams.flush();
  context.streams.write_error(fmt::format("{} problem{}, {} warning{}.\n", problems, problems == 1 ? "" : "s",
                                          warnings, warnings == 1 ? "" : "s"));
  if (context.hindrances.configuration)
    context.streams.write_error("Nothing else was looked at: it depends on the configuration.\n");
  return problems == 0 ? 0 : 1;
}

}  // namespace

Command doctor_command() {
  return {.spec = doctor_spec(), .run = run_doctor, .despite_problems = true};
}

}  // namespace dialin
