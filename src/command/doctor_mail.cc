// SPDX-License-Identifier: Apache-2.0
// Templates, the settings page's address, and mail servers.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "base/text.h"
#include "command/doctor_checks.h"
#include "command/mail_server_parameters.h"
#include "command/one_message.h"
#include "command/sender_parameters.h"
#include "command/template_parameters.h"
#include "command/welcome_workplace.h"
#include "mail/message.h"
#include "shell/output.h"
#include "shell/progress.h"
#include "welcome/outbox_session.h"
#include "welcome/welcome_values.h"

namespace dialin {
namespace {

const char* const Templates = "Templates";
const char* const Page = "Settings page";
const char* const Server = "Mail server";
const char* const Sending = "Test mail";

constexpr std::size_t RoomForLongerNames = 4096;
constexpr std::chrono::days EndsSoon{21};

// ---- Templates ----

// Somebody who has every number.
Person sample_person() {
  return {.sip_address = *SipAddress::parse("sip:somebody@example.com"), .display_name = "Somebody"};
}

std::size_t size_of_mail(const TemplateSource& source, const WelcomeValues& values, Timestamp now) {
  const Mailbox somebody = *Mailbox::parse("somebody@example.com");
  const RenderedWelcome rendered = WelcomeTemplate::parse(source).render(values, nullptr);
  const MessageHeaders headers{.from = somebody,
                               .to = somebody,
                               .cc = {},
                               .reply_to = somebody,
                               .subject = rendered.subject,
                               .message_id = new_message_id("sample", somebody),
                               .date = now,
                               .language = source.language};
  return compose_message(headers, rendered, BodyForm::HtmlAndText).size() + RoomForLongerNames;
}

// The libraries that the general settings and the sites use, each once, by their path.
std::vector<MailSettings> mail_settings(const Configuration& configuration) {
  std::vector<MailSettings> all = {configuration.mail};
  for (const auto& [name, site] : configuration.sites) {
    const bool known =
        std::ranges::any_of(all, [&path = site.mail.template_directory](const MailSettings& one) {
          return one.template_directory == path;
        });
    if (!known) all.push_back(site.mail);
  }
  return all;
}

// ---- Mail servers ----

std::string describe_certificate(const ServerOffer& offer) {
  return offer.certificate.empty() ? std::string() : fmt::format(". {}", offer.certificate);
}

void diagnose_encryption(const WelcomeWay& way, const ServerOffer& offer, Timestamp now,
                         Diagnoses& diagnoses) {
  const std::string place = fmt::format("{}:{}", way.server, way.port);
  const std::string remedy =
      "Set [smtp] tls = \"required\", and ca_file if its authority is your own; or -UseSsl.";
  if (offer.encryption.empty()) {
    const bool local = way.server == "localhost" || way.server == "::1" || way.server.starts_with("127.");
    if (local) return diagnoses.ok(Server, place + " is on this host and connects without TLS");
    return diagnoses.warning(
        Server, place + " connects without TLS: PINs cross the network in clear",
        offer.starttls ? remedy : "Let the server offer STARTTLS, or choose another port.");
  }
  const std::string how =
      fmt::format("{} connects, {}{}", place, offer.encryption, describe_certificate(offer));
  if (!offer.certificate_verified)
    return diagnoses.warning(Server, how + " It is not verified: anybody on the way could read the mail",
                             remedy);
  if (offer.certificate_ends && *offer.certificate_ends < now + EndsSoon)
    return diagnoses.warning(Server, how, "Renew the certificate on the server before it ends.");
  diagnoses.ok(Server, how);
}

void diagnose_offer(const WelcomeWay& way, const ServerOffer& offer, std::size_t largest_mail,
                    Diagnoses& diagnoses) {
  const std::string place = fmt::format("{}:{}", way.server, way.port);
  const std::string auth = offer.auth.empty() ? std::string("no AUTH offered")
                                              : fmt::format("AUTH offered: {}", join(offer.auth, ", "));
  diagnoses.ok(Server, way.user.empty()
                           ? fmt::format("{}: {}; none is used", place, auth)
                           : fmt::format("{}: {}; the login of {} was accepted", place, auth, way.user));
  const std::string mail =
      fmt::format("the largest mail has about {}", with_separators(static_cast<std::int64_t>(largest_mail)));
  diagnoses.ok(Server, offer.size_limit
                           ? fmt::format("{}: takes mails of {} octets; {}", place,
                                         with_separators(static_cast<std::int64_t>(*offer.size_limit)), mail)
                           : fmt::format("{}: names no limit to the size of mails; {}", place, mail));
  if (offer.pipelining)
    diagnoses.ok(Server, fmt::format("{}: PIPELINING offered", place));
  else
    diagnoses.warning(Server,
                      fmt::format("{}: no PIPELINING: a run needs a round trip for each command", place),
                      "Nothing has to be done; it is slower over a long way.");
}

std::string remedy_of(const Delivery& problem, const WelcomeWay& way) {
  switch (problem.problem) {
    case SessionProblem::Unreachable:
      return fmt::format(
          "See whether the server runs, whether its name and port are right, and whether a firewall "
          "lets this host connect: nc -vz {} {}",
          way.server, way.port);
    case SessionProblem::TlsNotOffered:
      return "Name the port of submission (587), or smtps://HOST for TLS from the start.";
    case SessionProblem::TlsFailed:
      return "See what the server speaks: TLS 1.2 or newer is needed.";
    case SessionProblem::CertificateRefused:
      return "The words above name the step that mends it.";
    case SessionProblem::AuthNotOffered:
      return "Name the port on which the server takes logins (587, or smtps://HOST), or leave smtp.user out.";
    case SessionProblem::PasswordRefused:
      return "Correct user and password (smtp.user, smtp.password_file).";
    case SessionProblem::TooBusy:
    case SessionProblem::QuotaUsedUp:
      return "Try again later.";
    case SessionProblem::ProtocolBroken:
      return "See whether this is a mail server, and set [smtp] pipelining = \"off\" if it is.";
    case SessionProblem::None:
    case SessionProblem::LeaseLost:
      break;
  }
  return problem.scope == DeliveryScope::Content
             ? "Make the template smaller, or let the server take larger mails."
             : "Ask whoever runs the mail server what its words mean.";
}

struct Signing {
  WelcomeWay way;
  std::shared_ptr<const Secret> password;
};

// The way with its password; nothing, and said why: it cannot be had.
std::optional<Signing> signing_of(Passwords& passwords, WelcomeWay way, Diagnoses& diagnoses) {
  if (way.user.empty()) return Signing{std::move(way), nullptr};
  try {
    if (auto password = passwords.of(way)) return Signing{std::move(way), std::move(password)};
    diagnoses.warning(
        Server,
        fmt::format("{}:{}: the password of {} can only be typed: the login was not tried, and a timer "
                    "cannot send",
                    way.server, way.port, way.user),
        "Put it into a file that only its owner may read, and name that: smtp.password_file.");
    way.user.clear();
    return Signing{std::move(way), nullptr};
  } catch (const Error& error) {
    diagnoses.problem(Server, fmt::format("{}:{}: {}", way.server, way.port, error.what()), error.next());
    return std::nullopt;
  }
}

void probe(CommandContext& context, const BoundParameters& bound, const Signing& signing,
           std::size_t largest_mail, Diagnoses& diagnoses) {
  const WelcomeSettings settings = welcome_settings(context.configuration, nullptr);
  ProtocolTrace trace;
  if (bound.verbose()) trace = [&](const std::string& line) { context.streams.write_error(line + "\n"); };
  const WelcomeWay& way = signing.way;
  try {
    const ProbeResult result = context.transport.probe(submission_server(way, settings, signing.password),
                                                       largest_mail, trace, context.interrupted);
    if (result.problem) diagnoses.problem(Server, describe(*result.problem), remedy_of(*result.problem, way));
    if (!result.offer.answered) return;
    diagnose_encryption(way, result.offer, context.clock.now(), diagnoses);
    if (!result.problem) diagnose_offer(way, result.offer, largest_mail, diagnoses);
  } catch (const Error& error) {
    diagnoses.problem(Server, fmt::format("{}:{}: {}", way.server, way.port, error.what()), error.next());
  }
}

// Every server that mail may go through, each once; a named one alone.
std::vector<WelcomeWay> ways_to_try(const CommandContext& context, const BoundParameters& bound,
                                    Diagnoses& diagnoses) {
  std::vector<SmtpSettings> all = {context.configuration.smtp};
  if (!bound.given("SmtpServer")) {
    for (const auto& [name, site] : context.configuration.sites) all.push_back(site.smtp);
  }
  std::vector<WelcomeWay> ways;
  for (const SmtpSettings& smtp : all) {
    try {
      const WelcomeWay way = way_from(context, bound, smtp);
      const bool known = std::ranges::any_of(ways, [&way](const WelcomeWay& one) {
        return one.server == way.server && one.port == way.port && one.user == way.user && one.tls == way.tls;
      });
      if (!known) ways.push_back(way);
    } catch (const Error& error) {
      diagnoses.problem(Server, error.what(), error.next());
      break;  // the same words for each site help nobody
    }
  }
  return ways;
}

}  // namespace

std::size_t diagnose_templates(CommandContext& context, Store* store, Diagnoses& diagnoses) {
  const Person person = sample_person();
  const OrganisationSettings& own = context.configuration.organisation;
  std::size_t largest = 0;
  for (const MailSettings& mail : mail_settings(context.configuration)) {
    try {
      const TemplateLibrary library = mail.template_directory.empty()
                                          ? TemplateLibrary::built_in()
                                          : TemplateLibrary::from_path(mail.template_directory, "");
      const WelcomeValues values = welcome_values(
          person, store != nullptr ? access_numbers_for(*store, person) : SharedList<AccessNumberValue>(),
          store != nullptr ? telephone_commands_for(*store, person) : telephone_command_values({}),
          {own.name, own.settings_page_url, own.support_contact, own.logo_text}, false, false, std::nullopt);
      for (const TemplateSource& source : library.all()) {
        bool usable = true;
        for (const TemplateProblem& problem : WelcomeTemplate::check(source)) {
          if (problem.severity == TemplateProblem::Severity::Error) {
            usable = false;
            diagnoses.problem(Templates, describe(problem),
                              "Correct it; dialin template tags lists what may stand there.");
          } else {
            diagnoses.warning(Templates, describe(problem),
                              "dialin template preview PERSON shows what comes of it.");
          }
        }
        if (!usable) continue;
        largest = std::max(largest, size_of_mail(source, values, context.clock.now()));
        diagnoses.ok(Templates, fmt::format("{} ({})", source.name, source.language));
      }
    } catch (const Error& error) {
      diagnoses.problem(Templates, error.what(), error.next());
    }
  }
  return largest;
}

void diagnose_settings_page(const CommandContext& context, Diagnoses& diagnoses) {
  const std::string& url = context.configuration.organisation.settings_page_url;
  if (url.empty())
    return diagnoses.warning(Page,
                             "no address is set: mails have no link, and a run is refused without -NoLink",
                             "Set [organisation] settings_page_url = \"https://...\".");
  if (!to_lower_ascii(url).starts_with("https://"))
    return diagnoses.warning(
        Page, fmt::format("{} is not https: whoever listens on the way can read a PIN there", url),
        "Set an address that begins with https://.");
  diagnoses.ok(Page, url);
}

void diagnose_mail_servers(CommandContext& context, const BoundParameters& bound, std::size_t largest_mail,
                           Diagnoses& diagnoses) {
  Passwords passwords(context, false);
  for (const WelcomeWay& way : ways_to_try(context, bound, diagnoses)) {
    if (const auto signing = signing_of(passwords, way, diagnoses))
      probe(context, bound, *signing, largest_mail, diagnoses);
  }
}

void diagnose_sending(CommandContext& context, const BoundParameters& bound, const Mailbox& to,
                      Diagnoses& diagnoses) {
  try {
    const Sender sender = sender_from(context, bound, context.configuration.mail);
    const WelcomeWay way = way_from(context, bound, context.configuration.smtp);
    const std::string text = fmt::format(
        "This mail was sent by `dialin doctor` on {}, to see whether mail arrives here. It holds no PIN and\n"
        "needs no answer.\n",
        to_rfc3339(context.clock.now()));
    const MessageHeaders headers{.from = sender.from,
                                 .to = to,
                                 .cc = {},
                                 .reply_to = sender.reply_to,
                                 .subject = "A test of Dialin",
                                 .message_id = new_message_id(new_identifier(context.random), sender.from),
                                 .date = context.clock.now(),
                                 .language = "en"};
    OneMessage stream(OutgoingMessage{
        .id = new_identifier(context.random),
        .envelope_sender = sender.envelope_sender.empty() ? sender.from.address() : sender.envelope_sender,
        .recipient = to,
        .content = std::make_shared<const Secret>(compose_message(
            headers, {headers.subject, Secret(std::string_view()), Secret(text)}, BodyForm::TextOnly))});
    Passwords passwords(context, true);
    const auto password = way.user.empty() ? nullptr : passwords.of(way);
    const std::optional<Delivery> problem = context.transport.submit(
        submission_server(way, welcome_settings(context.configuration, nullptr), password), stream, nullptr,
        context.interrupted);
    const std::optional<Delivery>& delivery = stream.delivery() ? stream.delivery() : problem;
    if (delivery && delivery->result == DeliveryResult::Accepted)
      return diagnoses.ok(Sending, fmt::format("{}; it is for {}", describe(*delivery), to.address()));
    if (delivery) diagnoses.problem(Sending, describe(*delivery), remedy_of(*delivery, way));
  } catch (const Error& error) {
    diagnoses.problem(Sending, error.what(), error.next());
  }
}

}  // namespace dialin
