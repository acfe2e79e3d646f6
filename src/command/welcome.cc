// SPDX-License-Identifier: Apache-2.0
// Set-CsPinSendCAWelcomeMail, welcome: sets a person's PIN and mails it to them.
//
// The order matters: everything that can be wrong is found before anybody is added, a PIN is made or a row is
// written; the password is asked for before that too, so that Ctrl-C at its prompt leaves nothing behind.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "command/commands.h"
#include "command/confirmation.h"
#include "command/mail_server_parameters.h"
#include "command/missing_person.h"
#include "command/pin_parameter.h"
#include "command/relay_limits.h"
#include "command/run_source.h"
#include "command/sender_parameters.h"
#include "command/template_parameters.h"
#include "command/welcome_many.h"
#include "command/welcome_recipients.h"
#include "command/welcome_workplace.h"
#include "shell/binder.h"
#include "shell/output.h"
#include "welcome/same_command.h"
#include "welcome/welcome_job.h"

namespace dialin {
namespace {

CommandSpec welcome_spec() {
  CommandSpec spec;
  spec.cmdlet = "Set-CsPinSendCAWelcomeMail";
  spec.verb = "welcome";
  spec.group = "Welcomes";
  spec.summary = "Sets a person's PIN for dial-in conferencing and mails it to them.";
  spec.description =
      "Makes a random PIN, or takes -Pin, and sends the welcome mail that carries it, with the access "
      "numbers and the "
      "link to the Dial-in Conferencing Settings page. The PIN becomes valid when the mail server has "
      "accepted the "
      "mail; until then, and whenever something fails, the former PIN stays valid.\n\n"
      "A person who has a PIN is left alone unless -Force is given. A mail that could not be handed over "
      "stays queued: "
      "the same command again, or dialin deliver, goes on with the same PIN.\n\n"
      "Many people are welcomed in one run by -Csv, -Json, -PinNotSet, -All, -Region or -Site. The whole "
      "input is "
      "checked before anything is sent, and one row that cannot be welcomed stops the run unless "
      "-SkipInvalid. On a "
      "terminal a summary stands before the question; without one, what replaces PINs, shows them in copies "
      "or "
      "sends them outside of the allowed domains needs --yes. Ctrl-C finishes what is on its way; the same "
      "command, "
      "or dialin run resume, goes on.";
  spec.parameters = {
      {.name = "UserUri",
       .kind = ParameterKind::Text,
       .value_name = "person",
       .help = "The person: SIP address, user principal name, DOMAIN\\logon, mail address, tel:+number or "
               "display name. Not where a file or a selection names many.",
       .original = true,
       .operand = 1,
       .aliases = {"Identity"},
       .help_desk = true,
       .names_people = true},
  };
  const auto add = [&spec](std::vector<ParameterSpec> parameters) {
    std::move(parameters.begin(), parameters.end(), std::back_inserter(spec.parameters));
  };
  add(sender_parameter_specs());
  spec.parameters.push_back({.name = "Subject",
                             .kind = ParameterKind::Text,
                             .value_name = "text",
                             .help = "The subject, instead of the template's title.",
                             .original = true});
  add(recipient_parameter_specs());
  add(template_parameter_specs());
  add({
      {.name = "BodyAsPlainText",
       .kind = ParameterKind::Switch,
       .help = "Plain text only, instead of HTML with a text part.",
       .original = true},
      {.name = "NoLink",
       .kind = ParameterKind::Switch,
       .help = "Leaves the link to the settings page out, and does not warn that none is configured."},
  });
  add(mail_server_parameter_specs());
  add({
      pin_parameter_spec(
          "The PIN to set, instead of a random one; - reads it from standard input or asks for it."),
      {.name = "Force",
       .kind = ParameterKind::Switch,
       .help = "Replaces the PIN of a person who has one.",
       .original = true,
       .aliases = {"Replace"},
       .help_desk = true},
      {.name = "IgnoreHistory",
       .kind = ParameterKind::Switch,
       .help = "Also a PIN that the person had before."},
      {.name = "AddPeople",
       .kind = ParameterKind::Switch,
       .help = "Adds a person who is not known yet, with the address of -UserEmailAddress or of the row."},
      {.name = "ShowPin",
       .kind = ParameterKind::Switch,
       .help = "Prints the PIN, for somebody who has to read it out."},
  });
  add(run_parameter_specs());
  add(relay_limit_parameter_specs());
  spec.examples = {
      {"Set-CsPinSendCAWelcomeMail -UserUri \"bob@contoso.com\" -From \"marco@contoso.com\"",
       "Sets a random PIN for Bob, if he has none, and mails it to him through $PSEmailServer."},
      {"Set-CsPinSendCAWelcomeMail -UserUri \"bob@contoso.com\" -From \"marco@contoso.com\" -Subject \"Your "
       "new dial-in "
       "conferencing PIN\" -Pin \"383042650\" -Force -Credential Admin@contoso.com -UseSsl",
       "Replaces Bob's PIN by this one, with a subject of its own, through an account whose password is "
       "asked for."},
      {"dialin welcome bob@contoso.com --from marco@contoso.com --smtp-server mail.contoso.com:587",
       "The same as the first one, in native spelling."},
      {"Set-CsPinSendCAWelcomeMail -Csv users.csv -From \"marco@contoso.com\" -WhatIf",
       "Shows what would be sent to everybody in the file, and what is wrong in it; asks the mail server "
       "too."},
      {"Set-CsPinSendCAWelcomeMail -Csv users.csv -From \"marco@contoso.com\" -Report sent.csv",
       "Welcomes them in one run. Stopped or killed, the same line goes on with it."},
      {"dialin welcome --pin-not-set --region Redmond --rate 300/m --queue",
       "Queues everybody of a region who has no PIN, for dialin deliver."},
      {"while read -r u; do dialin welcome \"$u\" --from marco@contoso.com; done < users",
       "A loop over a list: each person exactly once, however often it is repeated."},
  };
  spec.exit_codes = {
      {0, "the mail was accepted and its PIN is valid, or the person had a PIN already"},
      {1, "refused, failed or uncertain, a run: for at least one person; no such person"},
      {75, "nothing lost: the mail is queued, type the same command again or run dialin deliver"},
  };
  spec.help_desk = true;
  return spec;
}

// Then nothing is sent without -Force: a loop that is repeated becomes quiet.
bool has_pin(const WelcomedPerson& welcomed, Store* store) {
  return store != nullptr && !welcomed.to_add &&
         store->pins().pin_of(welcomed.person.id).verifier.has_value();
}

void say_what_if(CommandContext& context, const WelcomedPerson& welcomed, const WelcomeRequest& request,
                 const std::string& subject, Store* store) {
  const bool with_pin = has_pin(welcomed, store);
  std::string text;
  if (welcomed.to_add)
    text += fmt::format("What if: {} would be added.\n", welcomed.person.sip_address.uri());
  if (with_pin && !request.force) {
    text += fmt::format("What if: {} has a PIN; nothing would be changed or sent. -Force replaces it.\n",
                        welcomed.person.sip_address.uri());
  } else {
    text += fmt::format("What if: {} would get {} PIN.\n", welcomed.person.sip_address.uri(),
                        with_pin ? "another" : "a first");
    text += fmt::format("What if: a mail would go to {} from {}, subject \"{}\", language {}, through {}.\n",
                        request.content.to.address(), request.content.from.address(), subject,
                        request.content.language, describe(request.way));
    const auto say_copies = [&](const char* kind, const std::vector<Mailbox>& copies) {
      for (const Mailbox& copy : copies) {
        text += fmt::format("What if: {} would get a {} copy {} the PIN.\n", copy.address(), kind,
                            request.content.mask_pin_in_copies ? "without" : "with");
      }
    };
    say_copies("visible", request.content.cc);
    say_copies("hidden", request.content.bcc);
  }
  context.streams.write_output(text);
}

OutputObject object_of(const WelcomeReport& report, bool show_pin) {
  OutputObject object;
  object.text("Identity", report.person.sip_address.uri())
      .text("PinResult", to_text(report.pin_result))
      .text("MailResult", to_text(report.mail_result))
      .text_or_null("SentTo", report.sent_to ? std::optional(report.sent_to->address()) : std::nullopt)
      .text_or_null("MessageId", report.message_id.empty() ? std::nullopt : std::optional(report.message_id))
      .text("Detail", report.detail);
  if (show_pin) {
    object.text_or_null(
        "Pin", report.pin ? std::optional(std::string(report.pin->reveal(ClearPinAccess()))) : std::nullopt);
  }
  return object;
}

void warn(CommandContext& context, const BoundParameters& bound, const WelcomeRequest& request,
          const std::string& settings_page_url) {
  if (settings_page_url.empty() && !bound.flag("NoLink")) {
    context.streams.write_error(
        "Warning: the mail has no link to the settings page: organisation.settings_page_url is not set "
        "(-NoLink is "
        "silent about it).\n");
  }
  if (!request.content.mask_pin_in_copies && !(request.content.cc.empty() && request.content.bcc.empty())) {
    context.streams.write_error(
        "The copies show the PIN to everybody who gets one; -MaskPinInCopies hides it from them.\n");
  }
}

int run_welcome(CommandContext& context, BoundParameters& bound) {
  if (names_many(bound)) return run_welcome_many(context, bound);
  ask_for(bound, {"UserUri"}, context.prompter);
  // -WhatIf makes no store, no key and no row.
  std::unique_ptr<Store> store =
      context.open_store(bound.what_if() ? OpenMode::MustExist : OpenMode::CreateIfAbsent);
  WelcomedPerson welcomed = find_welcomed_person(context, bound, store.get());
  const SiteSettings site = context.configuration.for_site(welcomed.person.site);

  const Sender sender = sender_from(context, bound, site.mail);
  const Recipients recipients = recipients_of(bound, welcomed.person);
  // Not inside the braces below: g++ 12 destroys members twice when a nested aggregate's initializer throws.
  const WelcomeWay way = way_from(context, bound, site.smtp);
  WelcomeRequest request{
      .person = welcomed.person,
      .force = bound.flag("Force"),
      .history = bound.flag("IgnoreHistory") ? HistoryRule::Ignored : HistoryRule::Binds,
      .content = {.to = recipients.to,
                  .to_is_from_record = recipients.to_is_from_record,
                  .from = sender.from},
      .way = way,
      .from_was_typed = sender.from_was_typed,
  };
  request.content.reply_to = sender.reply_to;
  request.content.envelope_sender = sender.envelope_sender;
  request.content.subject = subject_from(bound);
  request.content.cc = recipients.cc;
  request.content.bcc = recipients.bcc;
  request.content.mask_pin_in_copies = bound.flag("MaskPinInCopies");
  request.content.plain_text_only = bound.flag("BodyAsPlainText");
  request.content.without_link = bound.flag("NoLink");

  const TemplateLibrary library = library_from(context, bound, site.mail);
  const TemplateSource& source = choose_template(context, bound, site.mail, welcomed.person, library);
  const WelcomeTemplate welcome_template = checked_template(context, source);
  request.content.language = source.language;
  request.content.template_hash = template_hash(source);
  request.template_text = serialize(source);
  request.pin = pin_from(context, bound);

  const std::vector<std::string> foreign = confirm_foreign_addresses(
      context, bound, welcomed.person, recipients, allowed_domains(site.mail, store.get(), sender.from));
  // Without the addresses: a line of the audit trail outlives a person who is removed.
  if (!foreign.empty()) {
    request.audit_note =
        fmt::format("confirmed: {} recipients outside of the allowed domains", foreign.size());
  }
  if (request.force || !has_pin(welcomed, store.get()))
    warn(context, bound, request, site.organisation.settings_page_url);

  if (bound.what_if()) {
    const std::string subject = request.content.subject.empty() ? welcome_template.render({}, nullptr).subject
                                                                : request.content.subject;
    say_what_if(context, welcomed, request, subject, store.get());
    return 0;
  }
  confirm(context, bound,
          fmt::format("Welcome {} at {}?", welcomed.person.sip_address.uri(), recipients.to.address()),
          Question::IfConfirm);

  Passwords passwords(context, true);
  if (!request.way.user.empty()) passwords.of(request.way);
  request.password_was_typed = passwords.was_typed();

  context.finish_on_interruption();
  request.person = add_if_missing(context, *store, welcomed);
  request.command_hash =
      command_hash(request.person.id, request.content, request.force, request.pin.has_value());
  WelcomeWorkplace workplace(context, *store, &passwords, bound.verbose());
  WelcomeJob job(workplace.environment(), workplace.settings());
  const WelcomeReport report = job.run(std::move(request));

  write_object(context.streams, object_of(report, bound.flag("ShowPin")), output_format(bound));
  context.streams.flush();
  context.checkpoints.reach("printed");
  job.reported(report);
  if (!report.error) return 0;
  // Whatever the session says of its end: it is Ctrl-C that leaves the mail in the queue.
  if (context.interrupted() && report.mail_result == MailResult::Queued)
    throw Error(ErrorCode::Interrupted, report.error->what(), report.error->next());
  throw *report.error;
}

}  // namespace

Command welcome_command() {
  return {welcome_spec(), run_welcome};
}

}  // namespace dialin
