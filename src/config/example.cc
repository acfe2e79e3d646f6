// SPDX-License-Identifier: Apache-2.0
#include "config/example.h"

#include <fmt/format.h>

#include <map>

#include "base/text.h"

namespace dialin {
namespace {

constexpr std::size_t kWidth = 110;

// What shows the form better than the kind alone does.
const std::map<std::string, std::string>& telling_values() {
  static const std::map<std::string, std::string> values = {
      {"smtp.server", "mail.contoso.com"},
      {"smtp.port", "587"},
      {"smtp.ca_file", "/etc/ssl/certs/contoso-ca.pem"},
      {"smtp.fingerprint",
       "3f:9c:1e:5a:77:0b:d2:46:8e:c1:53:aa:09:f4:6d:b8:21:e7:90:3c:5f:84:de:16:72:0a:bb:49:c5:38:e1:6f"},
      {"smtp.user", "dialin@contoso.com"},
      {"smtp.password_file", "/etc/dialin/smtp-password"},
      {"smtp.oauth_token_file", "/run/dialin/smtp-token"},
      {"smtp.oauth_token_command", "/usr/local/bin/smtp-token --account dialin"},
      {"smtp.helo_name", "dialin.contoso.com"},
      {"mail.from", "Conferencing <dialin@contoso.com>"},
      {"mail.reply_to", "helpdesk@contoso.com"},
      {"mail.envelope_sender", "bounces@contoso.com"},
      {"mail.template_directory", "/etc/dialin/templates"},
      {"mail.language", "fr-CA"},
      {"organisation.name", "Contoso"},
      {"organisation.settings_page_url", "https://dialin.contoso.com"},
      {"organisation.support_contact", "helpdesk@contoso.com"},
      {"organisation.logo_text", "CONTOSO"},
      {"pin.generated_length", "6"},
      {"store.url", "postgresql://dialin@db.contoso.com/dialin"},
      {"store.data_directory", "/var/lib/dialin"},
      {"check.listen", "127.0.0.1:8467"},
      {"check.token_file", "/etc/dialin/check-token"},
  };
  return values;
}

// TOML's basic string: https://toml.io/en/v1.0.0#string. No value here holds a control character.
std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

std::string any_value(const SettingDeclaration& setting) {
  switch (setting.kind) {
    case SettingKind::Text:
      return "text";
    case SettingKind::Path:
      return fmt::format("/etc/dialin/{}", setting.key);
    case SettingKind::Boolean:
      return "true";
    case SettingKind::Integer:
      return std::to_string(setting.least);
    case SettingKind::Duration:
      return fmt::format("{}s", setting.least);
    case SettingKind::Rate:
      return "30/m";
    case SettingKind::Choice:
      return std::string(setting.choices.front());
    case SettingKind::List:
      return setting.key == "allowed_domains" ? "contoso.com, contoso.fr" : "one, two";
  }
  return {};
}

std::string comment(std::string_view text) {
  std::string lines;
  std::string line = "#";
  for (const std::string& word : split(text, ' ')) {
    if (line.size() + 1 + word.size() > kWidth) {
      lines += line + "\n";
      line = "#";
    }
    line += " " + word;
  }
  return lines + line + "\n";
}

std::string lines_of(const SettingDeclaration& setting) {
  std::string text = "\n" + comment(setting.sentence);
  text += comment(fmt::format("Expected: {}. {}. In the environment: {}", describe_expected(setting),
                              setting.default_text.empty() ? std::string("Not set by default")
                                                           : fmt::format("Default: {}", setting.default_text),
                              setting.environment_name()));
  return text + fmt::format("#{} = {}\n", setting.key, example_value(setting));
}

constexpr std::string_view kHead =
    "# dialin.toml: the configuration of Dialin, complete. Everything in it is a comment: as it stands, it\n"
    "# changes nothing. Take away the # in front of what you set, and of the [section] above it.\n"
    "#\n"
    "# `dialin config check FILE` says what is wrong in it, `dialin config show` what is in force and why.\n"
    "# No password stands in it: a setting that ends with _file names the file that holds one, which nobody\n"
    "# but its owner may read.\n";

constexpr std::string_view kSites =
    "\n# [site.NAME.smtp], [site.NAME.mail] and [site.NAME.organisation] override their sections for people\n"
    "# of the site NAME:\n"
    "#[site.Paris.mail]\n"
    "#from = \"Conférences <dialin@contoso.fr>\"\n";

}  // namespace

std::string_view describe_section(std::string_view section) {
  if (section == "smtp") return "The mail server, and how to log in there.";
  if (section == "mail") return "Who mail comes from, what it looks like, where it may go.";
  if (section == "organisation") return "What mail says of the organisation.";
  if (section == "pin") return "PINs that are generated, and what computing their verifiers costs.";
  if (section == "store") return "Where people, PINs and welcomes are kept.";
  if (section == "queue") return "How long mail is tried again.";
  if (section == "check") return "Whether `dialin serve` answers telephone systems, and whom.";
  if (section == "audit") return "Where signed heads of the audit trail go.";
  if (section == "admin") return "Where `dialin serve` takes commands, on a host without systemd.";
  if (section == "roles") return "Who may do what.";
  return {};
}

std::string example_value(const SettingDeclaration& setting) {
  std::string text(setting.default_text);
  if (text.empty()) {
    const auto telling = telling_values().find(setting.name());
    text = telling != telling_values().end() ? telling->second : any_value(setting);
  }
  switch (setting.kind) {
    case SettingKind::Boolean:
    case SettingKind::Integer:
      return text;
    case SettingKind::List: {
      std::vector<std::string> elements;
      for (const std::string& element : split(text, ',')) elements.push_back(quoted(trim(element)));
      return "[" + join(elements, ", ") + "]";
    }
    case SettingKind::Text:
    case SettingKind::Path:
    case SettingKind::Duration:
    case SettingKind::Rate:
    case SettingKind::Choice:
      return quoted(text);
  }
  return {};
}

std::string example_configuration() {
  std::string text(kHead);
  std::string_view section;
  for (const SettingDeclaration& setting : setting_declarations()) {
    if (setting.section != section) {
      section = setting.section;
      const std::string_view about = describe_section(section);
      text += "\n\n";
      if (!about.empty()) text += comment(about);
      text += fmt::format("#[{}]\n", section);
    }
    text += lines_of(setting);
  }
  return text + std::string(kSites);
}

}  // namespace dialin
