// SPDX-License-Identifier: Apache-2.0
// template preview: a person's very mail, with a sample for a PIN. Sets nothing, and makes no store or key.
#include <fmt/format.h>

#include <iterator>

#include "base/error.h"
#include "base/random_source.h"
#include "base/text.h"
#include "command/commands.h"
#include "command/existing_store.h"
#include "command/mail_server_parameters.h"
#include "command/one_message.h"
#include "command/person_parameter.h"
#include "command/sender_parameters.h"
#include "command/template_parameters.h"
#include "command/welcome_workplace.h"
#include "mail/message.h"
#include "shell/output.h"
#include "welcome/outbox_session.h"
#include "welcome/welcome_values.h"

namespace dialin {
namespace {

CommandSpec template_preview_spec() {
  CommandSpec spec;
  spec.verb = "template preview";
  spec.group = "Mail";
  spec.summary = "Shows, or sends to you, the very mail that a person would get.";
  spec.description =
      "With \"00000 SAMPLE\" in the place of the PIN; nothing is set, kept or queued. Without -SendTo the "
      "text part is "
      "printed; -Html writes the HTML part into a file for a browser. With -SendTo the whole message goes to "
      "that "
      "address, as it would go to the person, through the same mail server.";
  spec.parameters = {
      {.name = "Person",
       .kind = ParameterKind::Text,
       .value_name = "person",
       .help = "The person whose mail it is.",
       .mandatory = true,
       .operand = 1,
       .aliases = {"UserUri", "Identity"}},
      {.name = "SendTo",
       .kind = ParameterKind::Text,
       .value_name = "address",
       .help = "Sends the mail to this address instead of printing its text."},
      {.name = "Html",
       .kind = ParameterKind::Path,
       .value_name = "file",
       .help = "Writes the HTML part into this file, which must not exist yet.",
       .file = FileUse::Create},
      {.name = "Subject",
       .kind = ParameterKind::Text,
       .value_name = "text",
       .help = "The subject, instead of the template's title."},
      {.name = "BodyAsPlainText", .kind = ParameterKind::Switch, .help = "Sends the text part alone."},
      {.name = "Notice",
       .kind = ParameterKind::Switch,
       .help = "The notice that tells the person of a PIN set by an administrator, instead of the welcome."},
      {.name = "NoLink", .kind = ParameterKind::Switch, .help = "Leaves the link to the settings page out."},
  };
  const auto add = [&spec](std::vector<ParameterSpec> parameters) {
    std::move(parameters.begin(), parameters.end(), std::back_inserter(spec.parameters));
  };
  add(template_parameter_specs());
  add(sender_parameter_specs());
  add(mail_server_parameter_specs());
  spec.examples = {
      {"dialin template preview -Person bob@contoso.com", "Prints the text of Bob's mail."},
      {"dialin template preview bob@contoso.com --template-path ./templates --html bob.html",
       "And writes its HTML, made with one's own templates."},
      {"dialin template preview -Person elodie.lefevre@contoso.com -SendTo marco@contoso.com -From "
       "marco@contoso.com",
       "Sends Élodie's mail, in French, to Marco."},
  };
  spec.exit_codes = {{0, "shown, or accepted by the mail server"},
                     {1, "no such person, or the mail server refused it"},
                     {75, "the mail server could not be reached, or not now"}};
  return spec;
}

struct Preview {
  const Person& person;
  const SiteSettings& site;
  const std::string& language;
  const RenderedWelcome& rendered;
  const std::string& subject;
  const WelcomeSettings& settings;
};

void throw_unless_accepted(const Delivery& delivery, const std::string& message_id) {
  const std::string words = describe(delivery);
  switch (delivery.result) {
    case DeliveryResult::Accepted:
      return;
    case DeliveryResult::Unknown:
      throw Error(ErrorCode::Precondition, "it is not known whether the preview arrived: " + words,
                  fmt::format("Look for the message {}.", message_id));
    case DeliveryResult::Refused:
      throw Error(ErrorCode::Precondition, "the preview was refused: " + words);
    case DeliveryResult::Deferred:
      throw Error(delivery.problem == SessionProblem::PasswordRefused ? ErrorCode::Unauthenticated
                                                                      : ErrorCode::TryAgain,
                  "the preview was not sent: " + words, "Nothing is queued: type the command again.");
  }
}

void send(CommandContext& context, const BoundParameters& bound, const Mailbox& to, const Preview& preview) {
  const Sender sender = sender_from(context, bound, preview.site.mail);
  const WelcomeWay way = way_from(context, bound, preview.site.smtp);
  const MessageHeaders headers{
      .from = sender.from,
      .to = to,
      .cc = {},
      .reply_to = sender.reply_to,
      .subject = preview.subject,
      .message_id = new_message_id(new_identifier(context.random), sender.from),
      .date = context.clock.now(),
      .language = preview.language,
  };
  OneMessage stream(OutgoingMessage{
      .id = new_identifier(context.random),
      .envelope_sender = sender.envelope_sender.empty() ? sender.from.address() : sender.envelope_sender,
      .recipient = to,
      .content = std::make_shared<const Secret>(
          compose_message(headers, preview.rendered,
                          bound.flag("BodyAsPlainText") ? BodyForm::TextOnly : BodyForm::HtmlAndText)),
  });
  if (bound.what_if()) {
    context.streams.write_output(fmt::format("What if: the mail of {} would go to {} through {}:{}.\n",
                                             preview.person.sip_address.uri(), to.address(), way.server,
                                             way.port));
    return;
  }
  Passwords passwords(context, true);
  const std::shared_ptr<const Secret> password = way.user.empty() ? nullptr : passwords.of(way);
  context.finish_on_interruption();
  ProtocolTrace trace;
  if (bound.verbose())
    trace = [&context](const std::string& line) { context.streams.write_error(line + "\n"); };
  const std::optional<Delivery> problem = context.transport.submit(
      submission_server(way, preview.settings, password), stream, trace, context.interrupted);
  const std::optional<Delivery> delivery = stream.delivery() ? stream.delivery() : problem;
  if (!delivery)
    throw Error(ErrorCode::Internal, "the mail transport did not say what became of the message");
  throw_unless_accepted(*delivery, headers.message_id);

  OutputObject object;
  object.text("Identity", preview.person.sip_address.uri())
      .text("MailResult", "Sent")
      .text("SentTo", to.address())
      .text("Subject", preview.subject)
      .text("MessageId", headers.message_id)
      .text("Detail", describe(*delivery));
  write_object(context.streams, object, output_format(bound));
}

int run_template_preview(CommandContext& context, BoundParameters& bound) {
  std::optional<Mailbox> to;
  if (auto text = bound.text("SendTo")) {
    to = checked_mailbox(*text, bound.display_name("SendTo"), ErrorCode::InvalidInput);
  }
  const auto store = existing_store(context);
  const Person person = person_from(*store, bound, "Person");
  const SiteSettings site = context.configuration.for_site(person.site);
  const TemplateLibrary library =
      bound.flag("Notice")
          ? TemplateLibrary::notices(bound.text_or("TemplatePath", site.mail.template_directory),
                                     bound.text_or("Encoding", ""), template_files_of(context, bound))
          : library_from(context, bound, site.mail);
  const TemplateSource& source = choose_template(context, bound, site.mail, person, library);
  const WelcomeTemplate welcome_template = checked_template(context, source);

  const WelcomeSettings settings = welcome_settings(context.configuration, store.get());
  WelcomeValues values =
      welcome_values(person, access_numbers_for(*store, person), telephone_commands_for(*store, person),
                     settings.organisation_of(person), bound.flag("NoLink"),
                     store->pins().pin_of(person.id).verifier.has_value(),
                     pin_expiry(settings.policy_of(person), context.clock.now()));
  if (bound.flag("Notice")) values.changed_at = context.clock.now();
  const RenderedWelcome rendered = welcome_template.render(values, nullptr);
  const std::string typed_subject = subject_from(bound);
  const std::string& subject = typed_subject.empty() ? rendered.subject : typed_subject;

  if (const auto file = bound.text("Html"); file && !bound.what_if()) {
    context.files.write_new(*file, rendered.html.reveal(ClearSecretAccess()));
    context.streams.write_error(fmt::format("HTML written to {}\n", *file));
  }
  if (to) {
    send(context, bound, *to, {person, site, source.language, rendered, subject, settings});
    return 0;
  }
  context.streams.write_error(
      fmt::format("Template: {} ({})\nSubject: {}\n\n", source.name, source.language, subject));
  context.streams.write_output(rendered.text.reveal(ClearSecretAccess()));
  return 0;
}

}  // namespace

Command template_preview_command() {
  return {template_preview_spec(), run_template_preview};
}

}  // namespace dialin
