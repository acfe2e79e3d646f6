// SPDX-License-Identifier: Apache-2.0
#include "command/configuration_check.h"

#include <fmt/format.h>

#include <array>
#include <functional>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "check/http/listen_place.h"
#include "command/access_token.h"
#include "command/mail_server_parameters.h"
#include "people/language_tag.h"
#include "people/mailbox.h"

namespace dialin {
namespace {

// Why `value` is none; empty: it is one.
std::string bad_mailbox(const std::string& value) {
  return Mailbox::parse(value) ? std::string() : explain_bad_mailbox(value);
}

std::string bad_language(const std::string& value) {
  return is_language_tag(value) ? std::string() : "is no language tag; write one like en, fr or fr-CA";
}

std::string bad_server(const std::string& value) {
  return ServerAddress::parse(value)
             ? std::string()
             : "is not a mail server; write a host, host:port, smtp://host or smtps://host";
}

std::string bad_page(const std::string& value) {
  return value.starts_with("https://") || value.starts_with("http://")
             ? std::string()
             : "is no address of a web page; write one that begins with https://";
}

std::string what_throws(const std::function<void()>& attempt) {
  try {
    attempt();
    return {};
  } catch (const Error& error) {
    return error.what();
  }
}

std::string bad_listen(const std::string& value) {
  return what_throws([&] { ListenPlace::parse(value, "[check] listen"); });
}

using Check = std::string (*)(const std::string& value);
constexpr std::array<std::pair<std::string_view, Check>, 7> kChecks = {{
    {"smtp.server", bad_server},
    {"mail.from", bad_mailbox},
    {"mail.reply_to", bad_mailbox},
    {"mail.envelope_sender", bad_mailbox},
    {"mail.language", bad_language},
    {"organisation.settings_page_url", bad_page},
    {"check.listen", bad_listen},
}};

// "site.Paris.mail.from" and "mail.from" are the same setting.
std::string general_name(const std::string& name) {
  const std::vector<std::string> parts = split(name, '.');
  return parts.size() < 2 ? name : parts[parts.size() - 2] + "." + parts.back();
}

void check_tokens(const Configuration& configuration, std::vector<SettingFinding>& findings) {
  const SmtpSettings& smtp = configuration.smtp;
  std::vector<std::string> set;
  for (const auto& [name, value] : {std::pair("smtp.password_file", &smtp.password_file),
                                    std::pair("smtp.oauth_token_file", &smtp.oauth_token_file),
                                    std::pair("smtp.oauth_token_command", &smtp.oauth_token_command)}) {
    if (!value->empty()) set.emplace_back(name);
  }
  if (set.size() > 1)
    findings.push_back({set.back(), configuration.origin_of(set.back()),
                        fmt::format("{}: of {} one may be set", set.back(), join(set, ", "))});
  if (smtp.oauth_token_command.empty()) return;
  const std::string problem = what_throws([&] { split_command(smtp.oauth_token_command); });
  if (!problem.empty())
    findings.push_back({"smtp.oauth_token_command", configuration.origin_of("smtp.oauth_token_command"),
                        "smtp.oauth_token_command: " + problem});
}

}  // namespace

std::vector<SettingFinding> check_settings(const Configuration& configuration) {
  std::vector<SettingFinding> findings;
  for (const SettingInUse& setting : configuration.settings) {
    if (setting.value.empty()) continue;
    const std::string name = general_name(setting.name);
    for (const auto& [checked, check] : kChecks) {
      if (checked != name) continue;
      const std::string problem = check(setting.value);
      if (problem.empty()) continue;
      findings.push_back(
          {setting.name, setting.origin,
           fmt::format("{} \"{}\": {}", setting.name, sanitize_foreign_text(setting.value, 80), problem)});
    }
  }
  check_tokens(configuration, findings);
  return findings;
}

}  // namespace dialin
