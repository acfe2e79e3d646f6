// SPDX-License-Identifier: Apache-2.0
#include "command/notice_settings.h"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "command/mail_server_parameters.h"
#include "command/sender_parameters.h"
#include "mail/template_library.h"
#include "mail/welcome_template.h"

namespace dialin {
namespace {

NoticeTemplate words_of(const TemplateSource& source) {
  return {source.language, template_hash(source), serialize(source)};
}

NoticeTemplate choose_words(const std::string& directory, const std::vector<std::string>& languages) {
  try {
    const TemplateLibrary library = TemplateLibrary::notices(directory, "");
    const TemplateSource& source = library.choose(languages);
    WelcomeTemplate::parse(source);
    return words_of(source);
  } catch (const Error&) {
    return words_of(TemplateLibrary::built_in(TemplatePurpose::Notice).choose(languages));
  }
}

std::optional<NoticeSender> configured_sender(const CommandContext& context, const SiteSettings& site) {
  if (site.mail.from.empty()) return std::nullopt;
  std::optional<WelcomeWay> way = configured_way(context, site.smtp);
  if (!way) return std::nullopt;
  NoticeSender sender{.from = checked_mailbox(site.mail.from, "mail.from", ErrorCode::Configuration),
                      .reply_to = std::nullopt,
                      .envelope_sender = {},
                      .way = std::move(*way)};
  if (!site.mail.reply_to.empty())
    sender.reply_to = checked_mailbox(site.mail.reply_to, "mail.reply_to", ErrorCode::Configuration);
  if (!site.mail.envelope_sender.empty()) {
    sender.envelope_sender =
        checked_mailbox(site.mail.envelope_sender, "mail.envelope_sender", ErrorCode::Configuration)
            .address();
  }
  return sender;
}

}  // namespace

std::function<std::optional<NoticeTemplate>(const Person&)> notice_templates(
    const Configuration& configuration) {
  // By folder and language: a run asks for many people.
  auto known = std::make_shared<std::map<std::pair<std::string, std::string>, NoticeTemplate>>();
  return [&configuration, known](const Person& person) -> std::optional<NoticeTemplate> {
    const MailSettings mail = configuration.for_site(person.site).mail;
    if (!mail.notify_changes) return std::nullopt;
    const std::string language = !person.language.empty() ? person.language : mail.language;
    const std::pair key(mail.template_directory, language);
    const auto found = known->find(key);
    if (found != known->end()) return found->second;
    return known->emplace(key, choose_words(mail.template_directory, {language, mail.language, "en"}))
        .first->second;
  };
}

std::function<std::optional<NoticeSender>(const Person&)> notice_senders(
    const CommandContext& context, std::function<void(const std::string&)> say) {
  auto known = std::make_shared<std::map<std::string, std::optional<NoticeSender>>>();
  return [&context, say = std::move(say), known](const Person& person) {
    const std::string site = fold_case(person.site);
    const auto found = known->find(site);
    if (found != known->end()) return found->second;
    std::optional<NoticeSender> sender;
    try {
      sender = configured_sender(context, context.configuration.for_site(person.site));
    } catch (const Error& error) {
      say(fmt::format("No notice is sent to the people themselves: {}. {}", error.what(), error.next()));
    }
    return known->emplace(site, std::move(sender)).first->second;
  };
}

}  // namespace dialin
