// SPDX-License-Identifier: Apache-2.0
// The configuration, read and checked: every setting with its value, and where that came from.
//
// A setting comes from, the later the stronger: its default; the configuration file (TOML); the environment
// (DIALIN_SECTION_KEY); the site of the person concerned. The command line is stronger than all of them, and
// not seen here. Mail addresses stay text here, free of control characters; who uses them makes a Mailbox of
// them. No password stands in the configuration: a `_file` key names the file that holds it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dialin {

enum class SmtpTls { Opportunistic, Required, Implicit };
enum class SmtpPipelining { Off, Message, Across };

struct MessageRate {
  std::int64_t messages = 0;
  std::chrono::seconds per{1};
};

// In text and paths, empty means: not set.
struct SmtpSettings {
  std::string server;
  std::optional<std::uint16_t> port;  // not set: 25, or 465 for implicit TLS
  SmtpTls tls = SmtpTls::Opportunistic;
  std::string ca_file;
  std::string fingerprint;
  std::string user;
  std::string password_file;
  std::string oauth_token_file;
  std::string oauth_token_command;
  std::string helo_name;
  std::optional<int> connections;  // not set: what is published for the server, else 2
  std::optional<MessageRate> rate;
  SmtpPipelining pipelining = SmtpPipelining::Across;
  bool allow_insecure_auth = false;
};

struct MailSettings {
  std::string from;
  std::string reply_to;
  std::string envelope_sender;
  std::string template_directory;
  std::string language;
  std::vector<std::string> allowed_domains;
  bool notify_changes = true;
};

struct OrganisationSettings {
  std::string name;
  std::string settings_page_url;
  std::string support_contact;
  std::string logo_text;
};

struct PinSettings {
  std::optional<int> generated_length;
  std::uint32_t hash_memory_kib = 0;
  std::uint32_t hash_passes = 0;
};

struct StoreSettings {
  std::string url;
  std::string data_directory;
};

struct QueueSettings {
  std::chrono::seconds give_up_after{};
  std::chrono::seconds max_queue_time{};
  std::chrono::seconds lease{};
  std::chrono::seconds retry_pause{};
};

struct CheckSettings {
  std::string listen;  // "127.0.0.1:8467", "unix:/run/dialin/check.sock"; empty: nobody is answered
  std::string token_file;
  unsigned caller_failures = 0;  // an hour; 0: no limit
  unsigned system_failures = 0;
  unsigned most_sharers = 0;
  unsigned connections = 0;
  unsigned queue = 0;
};

struct AuditSettings {
  std::string journal;
};

struct RoleSettings {
  std::vector<std::string> administrators;
  std::vector<std::string> help_desk;
};

struct AdminSettings {
  std::string listen;  // "unix:/run/dialin/admin.sock"; empty: nowhere
};

// What a person of a site gets: the general settings with the site's own above them.
struct SiteSettings {
  SmtpSettings smtp;
  MailSettings mail;
  OrganisationSettings organisation;
};

struct SettingOrigin {
  enum class Kind { Default, File, Environment } kind = Kind::Default;
  std::string file;      // File
  std::size_t line = 0;  // File
  std::string variable;  // Environment

  // "default", "/etc/dialin/dialin.toml:4", "environment DIALIN_SMTP_SERVER"
  std::string describe() const;
};

// One line of `dialin status`.
struct SettingInUse {
  std::string name;   // "smtp.server", "site.Paris.mail.from"
  std::string value;  // as written; "(hidden)" if it is secret and set
  SettingOrigin origin;
};

struct Configuration {
  SmtpSettings smtp;
  MailSettings mail;
  OrganisationSettings organisation;
  PinSettings pin;
  StoreSettings store;
  QueueSettings queue;
  CheckSettings check;
  AuditSettings audit;
  RoleSettings roles;
  AdminSettings admin;
  std::map<std::string, SiteSettings> sites;  // by fold_case() of the name

  std::vector<SettingInUse> settings;  // all, in the order of the table, then what sites override

  // The settings for a person of `site`; the general ones if it has none of its own, or is empty.
  SiteSettings for_site(std::string_view site) const;
  // Where `name` ("smtp.server") came from.
  const SettingOrigin& origin_of(std::string_view name) const;
};

struct ConfigurationText {
  std::string file;  // its name, for messages and origins
  std::string text;
};

struct ConfigurationProblem {
  std::size_t line = 0;  // of the file; 0: of a variable of the environment, which `text` names
  std::string text;
};

struct ConfigurationReading {
  Configuration configuration;                 // as far as it is right; defaults stand in for the rest
  std::vector<ConfigurationProblem> problems;  // by line, then those of the environment
};

// What load_configuration() would throw for, as a list.
ConfigurationReading read_configuration(const std::optional<ConfigurationText>& file,
                                        const std::map<std::string, std::string>& environment);

// `file`: nothing for the built-in defaults. `environment`: the process's or the service's; names that do not
// begin with DIALIN_ are ignored, as are DIALIN_CONFIG, DIALIN_DATA, DIALIN_SMTP_PASSWORD and
// DIALIN_CHECKPOINT, which are no settings. An empty variable counts as not set. Throws Error(Configuration)
// that lists everything that is wrong, by line or variable: not TOML, unknown sections, keys and variables
// (with what may have been meant: a misspelt setting must not be silently without effect), wrong types,
// values out of range, passwords.
Configuration load_configuration(const std::optional<ConfigurationText>& file,
                                 const std::map<std::string, std::string>& environment);

}  // namespace dialin
