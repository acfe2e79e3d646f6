// SPDX-License-Identifier: Apache-2.0
// The table.
#include "config/configuration.h"
#include "config/setting.h"

namespace dialin {
namespace {

using Kind = SettingKind;
using Value = SettingValue;
using std::chrono::seconds;

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

std::vector<SettingDeclaration> smtp_settings() {
  return {
      {"smtp", "server", Kind::Text, "",
       "The mail server: host, host:port, smtp://host or smtps://host; PSEmailServer and -SmtpServer come "
       "first.",
       [](Configuration& c, const Value& v) { c.smtp.server = v.text; }},
      {"smtp", "port", Kind::Integer, "", "The mail server's port; 25 if not set, 465 with implicit TLS.",
       [](Configuration& c, const Value& v) {
         c.smtp.port = v.set ? std::optional(static_cast<std::uint16_t>(v.number)) : std::nullopt;
       },
       1, 65535},
      {"smtp",
       "tls",
       Kind::Choice,
       "opportunistic",
       "STARTTLS if it is offered (opportunistic), TLS or nothing (required), or TLS from the first octet "
       "(implicit).",
       [](Configuration& c, const Value& v) { c.smtp.tls = static_cast<SmtpTls>(v.number); },
       0,
       0,
       {"opportunistic", "required", "implicit"}},
      {"smtp", "ca_file", Kind::Path, "",
       "A PEM file of certificate authorities that are trusted for the mail server besides the system's.",
       [](Configuration& c, const Value& v) { c.smtp.ca_file = v.text; }},
      {"smtp", "fingerprint", Kind::Text, "",
       "The SHA-256 fingerprint of the mail server's certificate, which is then trusted whoever signed it.",
       [](Configuration& c, const Value& v) { c.smtp.fingerprint = v.text; }},
      {"smtp", "user", Kind::Text, "", "The name to log in with at the mail server.",
       [](Configuration& c, const Value& v) { c.smtp.user = v.text; }},
      {"smtp", "password_file", Kind::Path, "",
       "The file that holds the mail server's password, readable by its owner only.",
       [](Configuration& c, const Value& v) { c.smtp.password_file = v.text; }},
      {"smtp", "oauth_token_file", Kind::Path, "",
       "The file that holds an OAuth 2 access token, read again before every connection.",
       [](Configuration& c, const Value& v) { c.smtp.oauth_token_file = v.text; }},
      {"smtp",
       "oauth_token_command",
       Kind::Text,
       "",
       "The program and arguments that print an OAuth 2 access token, run without a shell.",
       [](Configuration& c, const Value& v) { c.smtp.oauth_token_command = v.text; },
       0,
       0,
       {},
       true},
      {"smtp", "helo_name", Kind::Text, "",
       "The name to greet the mail server with; the host's own if not set.",
       [](Configuration& c, const Value& v) { c.smtp.helo_name = v.text; }},
      {"smtp", "connections", Kind::Integer, "",
       "How many connections to the mail server a run may have at a time; what its provider publishes if not "
       "set, else 2.",
       [](Configuration& c, const Value& v) {
         c.smtp.connections = v.set ? std::optional(static_cast<int>(v.number)) : std::nullopt;
       },
       1, 100},
      {"smtp", "rate", Kind::Rate, "",
       "How many messages the mail server gets at most, like \"30/m\"; what its provider publishes if not "
       "set. "
       "With /d: in 24 hours.",
       [](Configuration& c, const Value& v) {
         c.smtp.rate = v.set ? std::optional(MessageRate{v.number, seconds(v.per)}) : std::nullopt;
       },
       1, 1000000},
      {"smtp",
       "pipelining",
       Kind::Choice,
       "across",
       "Commands sent without waiting for each reply: not at all (off), within a message, or across "
       "messages.",
       [](Configuration& c, const Value& v) { c.smtp.pipelining = static_cast<SmtpPipelining>(v.number); },
       0,
       0,
       {"off", "message", "across"}},
      {"smtp", "allow_insecure_auth", Kind::Boolean, "false",
       "Whether a password may be sent without TLS to a mail server on this same host (loopback only).",
       [](Configuration& c, const Value& v) { c.smtp.allow_insecure_auth = v.number != 0; }},
  };
}

std::vector<SettingDeclaration> mail_settings() {
  return {
      {"mail", "from", Kind::Text, "", "Who mail comes from; then -From may be left out.",
       [](Configuration& c, const Value& v) { c.mail.from = v.text; }},
      {"mail", "reply_to", Kind::Text, "", "Where replies go, if not to the sender.",
       [](Configuration& c, const Value& v) { c.mail.reply_to = v.text; }},
      {"mail", "envelope_sender", Kind::Text, "",
       "Where undeliverable mail comes back to, if not to the sender.",
       [](Configuration& c, const Value& v) { c.mail.envelope_sender = v.text; }},
      {"mail", "template_directory", Kind::Path, "",
       "The directory of the organisation's own templates; the built-in ones if not set.",
       [](Configuration& c, const Value& v) { c.mail.template_directory = v.text; }},
      {"mail", "language", Kind::Text, "",
       "The language of people who have none of their own: en, fr, fr-CA.",
       [](Configuration& c, const Value& v) { c.mail.language = v.text; }},
      {"mail", "allowed_domains", Kind::List, "",
       "The mail domains to which a PIN may go without being asked; if not set, those that people here have.",
       [](Configuration& c, const Value& v) { c.mail.allowed_domains = v.list; }},
      {"mail", "notify_changes", Kind::Boolean, "true",
       "Whether people are told, at their own address, when their PIN is changed without a mail to it.",
       [](Configuration& c, const Value& v) { c.mail.notify_changes = v.number != 0; }},
      {"organisation", "name", Kind::Text, "", "The organisation's name in mail.",
       [](Configuration& c, const Value& v) { c.organisation.name = v.text; }},
      {"organisation", "settings_page_url", Kind::Text, "",
       "The address of the Dial-in Conferencing Settings page, to which mail links.",
       [](Configuration& c, const Value& v) { c.organisation.settings_page_url = v.text; }},
      {"organisation", "support_contact", Kind::Text, "", "Whom people ask for help: an address or a number.",
       [](Configuration& c, const Value& v) { c.organisation.support_contact = v.text; }},
      {"organisation", "logo_text", Kind::Text, "", "The words at the top of mail, in place of a picture.",
       [](Configuration& c, const Value& v) { c.organisation.logo_text = v.text; }},
  };
}

std::vector<SettingDeclaration> other_settings() {
  return {
      {"pin", "generated_length", Kind::Integer, "",
       "How many digits a generated PIN has; the policy's minimum if not set or less.",
       [](Configuration& c, const Value& v) {
         c.pin.generated_length = v.set ? std::optional(static_cast<int>(v.number)) : std::nullopt;
       },
       4, 24},
      {"pin", "hash_memory_kib", Kind::Integer, "7168",
       "The memory that computing a PIN's verifier takes, in KiB.",
       [](Configuration& c, const Value& v) { c.pin.hash_memory_kib = static_cast<std::uint32_t>(v.number); },
       8, 4 * 1024 * 1024},
      {"pin", "hash_passes", Kind::Integer, "5",
       "How many times computing a PIN's verifier goes over that memory.",
       [](Configuration& c, const Value& v) { c.pin.hash_passes = static_cast<std::uint32_t>(v.number); }, 1,
       1000},
      {"store", "url", Kind::Text, "",
       "The PostgreSQL database, as a connection string without password; a SQLite file if not set.",
       [](Configuration& c, const Value& v) { c.store.url = v.text; }},
      {"store", "data_directory", Kind::Path, "", "The directory of the SQLite file and the keys.",
       [](Configuration& c, const Value& v) { c.store.data_directory = v.text; }},
      {"queue", "give_up_after", Kind::Duration, "12h",
       "How long a mail server may be away before a run is paused.",
       [](Configuration& c, const Value& v) { c.queue.give_up_after = seconds(v.number); }, kMinute,
       30 * kDay},
      {"queue", "max_queue_time", Kind::Duration, "2d",
       "How long a welcome is tried again whose recipient the mail server defers.",
       [](Configuration& c, const Value& v) { c.queue.max_queue_time = seconds(v.number); }, kMinute,
       30 * kDay},
      {"queue", "lease", Kind::Duration, "60s",
       "How long a process may be silent before another one takes over the welcomes that it was sending.",
       [](Configuration& c, const Value& v) { c.queue.lease = seconds(v.number); }, 3, kHour},
      {"queue", "retry_pause", Kind::Duration, "10s",
       "How long one welcome waits before its second try at a server that cannot be reached; twice that "
       "before the third.",
       [](Configuration& c, const Value& v) { c.queue.retry_pause = seconds(v.number); }, 0, kHour},
      {"roles", "administrators", Kind::List, "RTCUniversalServerAdmins",
       "The groups whose members may do everything, besides root; names count without case and domain.",
       [](Configuration& c, const Value& v) { c.roles.administrators = v.list; }},
      {"roles", "help_desk", Kind::List, "CsHelpDesk",
       "The groups whose members may welcome again, lock, unlock and explain, one person at a time.",
       [](Configuration& c, const Value& v) { c.roles.help_desk = v.list; }},
      {"admin", "listen", Kind::Text, "",
       "Where `dialin serve` takes the commands of administrators and the help desk: unix:PATH; nowhere if "
       "not set, because systemd does it.",
       [](Configuration& c, const Value& v) { c.admin.listen = v.text; }},
  };
}

std::vector<SettingDeclaration> check_settings() {
  return {
      {"check", "listen", Kind::Text, "",
       "Where `dialin serve` answers whether a PIN is right: 127.0.0.1:8467, or unix:PATH; nowhere if not "
       "set.",
       [](Configuration& c, const Value& v) { c.check.listen = v.text; }},
      {"check", "token_file", Kind::Path, "",
       "The file that holds the bearer token which telephone systems show; without it `dialin serve` does "
       "not "
       "listen.",
       [](Configuration& c, const Value& v) { c.check.token_file = v.text; }},
      {"check", "caller_failures", Kind::Integer, "30",
       "How many wrong PINs an hour one caller may try at all people together; 0: no limit.",
       [](Configuration& c, const Value& v) { c.check.caller_failures = static_cast<unsigned>(v.number); }, 0,
       1000000},
      {"check", "system_failures", Kind::Integer, "2000",
       "How many wrong PINs an hour all callers together may try; 0: no limit.",
       [](Configuration& c, const Value& v) { c.check.system_failures = static_cast<unsigned>(v.number); }, 0,
       1000000},
      {"check", "most_sharers", Kind::Integer, "8",
       "How many people may have one number or extension for their PINs to be checked by it.",
       [](Configuration& c, const Value& v) { c.check.most_sharers = static_cast<unsigned>(v.number); }, 1,
       100},
      {"check", "connections", Kind::Integer, "2000",
       "How many connections of telephone systems are open at a time, at most.",
       [](Configuration& c, const Value& v) { c.check.connections = static_cast<unsigned>(v.number); }, 1,
       100000},
      {"check", "queue", Kind::Integer, "256",
       "How many questions wait for a free processor, at most; further ones are answered 503.",
       [](Configuration& c, const Value& v) { c.check.queue = static_cast<unsigned>(v.number); }, 1, 100000},
  };
}

std::vector<SettingDeclaration> audit_settings() {
  return {
      {"audit", "journal", Kind::Path, "/dev/log",
       "The socket of the system's logger, which gets the signed heads of the audit trail.",
       [](Configuration& c, const Value& v) { c.audit.journal = v.text; }},
  };
}

}  // namespace

const std::vector<SettingDeclaration>& setting_declarations() {
  static const std::vector<SettingDeclaration> table = [] {
    std::vector<SettingDeclaration> all = smtp_settings();
    for (auto part : {mail_settings(), other_settings(), check_settings(), audit_settings()})
      all.insert(all.end(), part.begin(), part.end());
    return all;
  }();
  return table;
}

}  // namespace dialin
