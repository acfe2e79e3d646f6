// SPDX-License-Identifier: Apache-2.0
#include "config/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/error.h"
#include "config/setting.h"

namespace dialin {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using namespace std::chrono_literals;

using Environment = std::map<std::string, std::string>;

Configuration load(const std::string& text, const Environment& environment = {}) {
  return load_configuration(ConfigurationText{"dialin.toml", text}, environment);
}

std::string problem(const std::string& text, const Environment& environment = {}) {
  try {
    load(text, environment);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Configuration);
    return error.what();
  }
  return "nothing was thrown";
}

TEST(SettingTable, EveryRowIsWhole) {
  std::set<std::string> names;
  for (const SettingDeclaration& setting : setting_declarations()) {
    EXPECT_TRUE(names.insert(setting.name()).second) << setting.name() << " is declared twice";
    EXPECT_TRUE(setting.sentence.ends_with('.')) << setting.name();
    EXPECT_TRUE(parse_setting(setting, setting.default_text)) << setting.name();
    EXPECT_FALSE(describe_expected(setting).empty()) << setting.name();
    EXPECT_EQ(find_setting(setting.section, setting.key), &setting);
    EXPECT_EQ(setting.choices.empty(), setting.kind != SettingKind::Choice) << setting.name();
    const bool limited = setting.kind == SettingKind::Integer || setting.kind == SettingKind::Duration ||
                         setting.kind == SettingKind::Rate;
    EXPECT_EQ(setting.least < setting.most, limited) << setting.name();
  }
  EXPECT_EQ(find_setting("smtp", "password"), nullptr);
  EXPECT_EQ(find_setting("smtp", "server")->environment_name(), "DIALIN_SMTP_SERVER");
}

TEST(Configuration, NothingHasToBeConfigured) {
  const Configuration configuration = load_configuration(std::nullopt, {{"PATH", "/bin"}, {"DIALIN", "x"}});
  EXPECT_EQ(configuration.smtp.server, "");
  EXPECT_FALSE(configuration.smtp.port);
  EXPECT_EQ(configuration.smtp.tls, SmtpTls::Opportunistic);
  EXPECT_FALSE(configuration.smtp.connections);
  EXPECT_FALSE(configuration.smtp.rate);
  EXPECT_EQ(configuration.smtp.pipelining, SmtpPipelining::Across);
  EXPECT_FALSE(configuration.smtp.allow_insecure_auth);
  EXPECT_FALSE(configuration.pin.generated_length);
  EXPECT_EQ(configuration.pin.hash_memory_kib, 7168U);
  EXPECT_EQ(configuration.pin.hash_passes, 5U);
  EXPECT_EQ(configuration.queue.give_up_after, 12h);
  EXPECT_EQ(configuration.queue.max_queue_time, 48h);
  EXPECT_EQ(configuration.queue.lease, 60s);
  EXPECT_THAT(configuration.roles.administrators, ElementsAre("RTCUniversalServerAdmins"));
  EXPECT_THAT(configuration.roles.help_desk, ElementsAre("CsHelpDesk"));
  EXPECT_EQ(configuration.admin.listen, "");
  EXPECT_THAT(configuration.sites, testing::SizeIs(0));
  EXPECT_EQ(configuration.settings.size(), setting_declarations().size());
  EXPECT_EQ(configuration.origin_of("queue.lease").describe(), "default");
}

TEST(Configuration, EverySettingCanBeReadFromAFile) {
  const Configuration configuration = load(R"(
[smtp]
server = "mail.contoso.com"
port = 587
tls = "required"
ca_file = "/etc/dialin/ca.pem"
fingerprint = "AB:CD"
user = "dialin"
password_file = "/etc/dialin/password"
oauth_token_file = "/run/dialin/token"
oauth_token_command = "/usr/bin/token 'of us'"
helo_name = "dialin.contoso.com"
connections = 3
rate = "30/m"
pipelining = "off"
allow_insecure_auth = true
[mail]
from = "marco@contoso.com"
reply_to = "help@contoso.com"
envelope_sender = "bounces@contoso.com"
template_directory = "/etc/dialin/templates"
language = "fr"
allowed_domains = ["contoso.com", "litwareinc.com"]
notify_changes = false
[organisation]
name = "Contoso"
settings_page_url = "https://dialin.contoso.com"
support_contact = "help@contoso.com"
logo_text = "CONTOSO"
[pin]
generated_length = 6
hash_memory_kib = 8
hash_passes = 1
[store]
url = "postgresql://dialin@db.contoso.com/dialin"
data_directory = "/srv/dialin"
[queue]
give_up_after = "6h"
max_queue_time = "4d"
lease = "3s"
retry_pause = "2s"
[check]
listen = "unix:/run/dialin/check.sock"
token_file = "/etc/dialin/check-token"
caller_failures = 10
system_failures = 0
most_sharers = 4
connections = 100
queue = 32
[roles]
administrators = ["Admins", "Telephony"]
help_desk = ["Desk"]
[admin]
listen = "unix:/run/dialin/admin.sock"
[audit]
journal = "/run/systemd/journal/dev-log"
)");
  EXPECT_EQ(configuration.smtp.server, "mail.contoso.com");
  EXPECT_EQ(configuration.smtp.port, 587);
  EXPECT_EQ(configuration.smtp.tls, SmtpTls::Required);
  EXPECT_EQ(configuration.smtp.ca_file, "/etc/dialin/ca.pem");
  EXPECT_EQ(configuration.smtp.fingerprint, "AB:CD");
  EXPECT_EQ(configuration.smtp.user, "dialin");
  EXPECT_EQ(configuration.smtp.password_file, "/etc/dialin/password");
  EXPECT_EQ(configuration.smtp.oauth_token_file, "/run/dialin/token");
  EXPECT_EQ(configuration.smtp.oauth_token_command, "/usr/bin/token 'of us'");
  EXPECT_EQ(configuration.smtp.helo_name, "dialin.contoso.com");
  EXPECT_EQ(configuration.smtp.connections, 3);
  ASSERT_TRUE(configuration.smtp.rate);
  EXPECT_EQ(configuration.smtp.rate->messages, 30);
  EXPECT_EQ(configuration.smtp.rate->per, 1min);
  EXPECT_EQ(configuration.smtp.pipelining, SmtpPipelining::Off);
  EXPECT_TRUE(configuration.smtp.allow_insecure_auth);
  EXPECT_EQ(configuration.mail.from, "marco@contoso.com");
  EXPECT_EQ(configuration.mail.reply_to, "help@contoso.com");
  EXPECT_EQ(configuration.mail.envelope_sender, "bounces@contoso.com");
  EXPECT_EQ(configuration.mail.template_directory, "/etc/dialin/templates");
  EXPECT_EQ(configuration.mail.language, "fr");
  EXPECT_THAT(configuration.mail.allowed_domains, ElementsAre("contoso.com", "litwareinc.com"));
  EXPECT_FALSE(configuration.mail.notify_changes);
  EXPECT_EQ(configuration.organisation.name, "Contoso");
  EXPECT_EQ(configuration.organisation.settings_page_url, "https://dialin.contoso.com");
  EXPECT_EQ(configuration.organisation.support_contact, "help@contoso.com");
  EXPECT_EQ(configuration.organisation.logo_text, "CONTOSO");
  EXPECT_EQ(configuration.pin.generated_length, 6);
  EXPECT_EQ(configuration.pin.hash_memory_kib, 8U);
  EXPECT_EQ(configuration.pin.hash_passes, 1U);
  EXPECT_EQ(configuration.store.url, "postgresql://dialin@db.contoso.com/dialin");
  EXPECT_EQ(configuration.store.data_directory, "/srv/dialin");
  EXPECT_EQ(configuration.queue.give_up_after, 6h);
  EXPECT_EQ(configuration.queue.max_queue_time, 96h);
  EXPECT_EQ(configuration.queue.lease, 3s);
  EXPECT_EQ(configuration.queue.retry_pause, 2s);
  EXPECT_EQ(configuration.check.listen, "unix:/run/dialin/check.sock");
  EXPECT_EQ(configuration.check.token_file, "/etc/dialin/check-token");
  EXPECT_EQ(configuration.check.caller_failures, 10U);
  EXPECT_EQ(configuration.check.system_failures, 0U);
  EXPECT_EQ(configuration.check.most_sharers, 4U);
  EXPECT_EQ(configuration.check.connections, 100U);
  EXPECT_EQ(configuration.check.queue, 32U);
  EXPECT_THAT(configuration.roles.administrators, ElementsAre("Admins", "Telephony"));
  EXPECT_THAT(configuration.roles.help_desk, ElementsAre("Desk"));
  EXPECT_EQ(configuration.admin.listen, "unix:/run/dialin/admin.sock");
  EXPECT_EQ(configuration.audit.journal, "/run/systemd/journal/dev-log");
  // Every row of the table was in this file, so none is left out of this test.
  for (const SettingInUse& setting : configuration.settings)
    EXPECT_EQ(setting.origin.kind, SettingOrigin::Kind::File) << setting.name;
  EXPECT_EQ(configuration.origin_of("smtp.server").describe(), "dialin.toml:3");
}

TEST(Configuration, TheEnvironmentIsStrongerThanTheFile) {
  const Configuration configuration =
      load("[smtp]\nserver = \"a.contoso.com\"\nport = 25\n", {{"DIALIN_SMTP_SERVER", "b.contoso.com"},
                                                               {"DIALIN_SMTP_PORT", ""},
                                                               {"DIALIN_QUEUE_LEASE", "5s"},
                                                               {"DIALIN_MAIL_ALLOWED_DOMAINS", "a, b"},
                                                               {"DIALIN_SMTP_ALLOW_INSECURE_AUTH", "1"}});
  EXPECT_EQ(configuration.smtp.server, "b.contoso.com");
  EXPECT_EQ(configuration.smtp.port, 25);
  EXPECT_EQ(configuration.queue.lease, 5s);
  EXPECT_THAT(configuration.mail.allowed_domains, ElementsAre("a", "b"));
  EXPECT_TRUE(configuration.smtp.allow_insecure_auth);
  EXPECT_EQ(configuration.origin_of("smtp.server").describe(), "environment DIALIN_SMTP_SERVER");
  EXPECT_EQ(configuration.origin_of("smtp.port").describe(), "dialin.toml:3");
}

TEST(Configuration, VariablesThatAreNoSettings) {
  const Environment others = {{"DIALIN_CONFIG", "x"},
                              {"DIALIN_DATA", "x"},
                              {"DIALIN_SMTP_PASSWORD", "canary"},
                              {"DIALIN_CHECKPOINT", "x=kill"}};
  for (const SettingInUse& setting : load("", others).settings) {
    EXPECT_EQ(setting.origin.kind, SettingOrigin::Kind::Default) << setting.name;
  }
  EXPECT_THAT(problem("", {{"DIALIN_SMTP_SEVRER", "canary"}}),
              AllOf(HasSubstr("DIALIN_SMTP_SEVRER"), HasSubstr("did you mean DIALIN_SMTP_SERVER?"),
                    Not(HasSubstr("canary"))));
  EXPECT_THAT(problem("", {{"DIALIN_SITE_PARIS_MAIL_FROM", "x"}}), HasSubstr("in the file only"));
  EXPECT_THAT(problem("", {{"DIALIN_SMTP_PORT", "many"}}),
              AllOf(HasSubstr("DIALIN_SMTP_PORT"), HasSubstr("whole number from 1 to 65535")));
}

TEST(Configuration, ASiteOverridesItsOwn) {
  const Configuration configuration = load(
      "[site.Paris]\nmail.from = \"paris@contoso.com\"\n[site.Paris.organisation]\nname = \"Contoso "
      "France\"\n"
      "[site.Oslo.smtp]\nserver = \"oslo.contoso.com\"\n"
      "[mail]\nfrom = \"marco@contoso.com\"\nlanguage = \"en\"\n[organisation]\nname = \"Contoso\"\n",
      {{"DIALIN_MAIL_FROM", "environment@contoso.com"}, {"DIALIN_MAIL_LANGUAGE", "fr"}});
  const SiteSettings paris = configuration.for_site("PARIS");
  EXPECT_EQ(paris.mail.from, "paris@contoso.com");  // stronger than the environment
  EXPECT_EQ(paris.mail.language, "fr");
  EXPECT_EQ(paris.organisation.name, "Contoso France");
  EXPECT_EQ(configuration.for_site("oslo").smtp.server, "oslo.contoso.com");
  EXPECT_EQ(configuration.for_site("oslo").mail.from, "environment@contoso.com");
  EXPECT_EQ(configuration.for_site("").mail.from, "environment@contoso.com");
  EXPECT_EQ(configuration.for_site("Redmond").organisation.name, "Contoso");
  EXPECT_EQ(configuration.origin_of("site.Paris.mail.from").describe(), "dialin.toml:2");
}

struct Wrong {
  std::string text;
  std::string line;
  std::string why;
};

class WrongConfiguration : public testing::TestWithParam<Wrong> {};

TEST_P(WrongConfiguration, IsNamedByLine) {
  EXPECT_THAT(problem(GetParam().text),
              AllOf(HasSubstr("dialin.toml, line " + GetParam().line + ":"), HasSubstr(GetParam().why)));
}

INSTANTIATE_TEST_SUITE_P(
    Configuration, WrongConfiguration,
    testing::Values(
        Wrong{"[smpt]\nserver = \"x\"\n", "1", "no section [smpt]; did you mean [smtp]?"},
        Wrong{"[smpt]\n", "1", "no section [smpt]"}, Wrong{"\nserver = \"x\"\n", "2", "outside of a section"},
        Wrong{"smtp = \"x\"\n", "1", "write [smtp]"},
        Wrong{"[smtp]\nsevrer = \"x\"\n", "2", "no setting smtp.sevrer; did you mean server?"},
        Wrong{"[smtp]\nfrom = \"x\"\n", "2", "did you mean from in section [mail]?"},
        Wrong{"[smtp]\nserver.name = \"x\"\n", "2",
              "smtp.server: expected a text of one line, found a section"},
        Wrong{"[smtp]\n\n\nport = \"25\"\n", "4",
              "smtp.port: expected a whole number from 1 to 65535, found the text"},
        Wrong{"[smtp]\nport = 0\n", "2", "from 1 to 65535, found \"0\""},
        Wrong{"[smtp]\nport = -1\n", "2", "from 1 to 65535"}, Wrong{"[smtp]\nport = 65536\n", "2", "65535"},
        Wrong{"[smtp]\nport = 9223372036854775807\n", "2", "65535"},
        Wrong{"[smtp]\nport = 25.5\n", "2", "found a number with a fraction"},
        Wrong{"[smtp]\nserver = 25\n", "2", "found the number 25"},
        Wrong{"[smtp]\nserver = \"a\\r\\nb\"\n", "2", "text of one line"},
        Wrong{"[smtp]\nserver = 2024-02-29\n", "2", "found a date"},
        Wrong{"[smtp]\nallow_insecure_auth = \"yes\"\n", "2", "true or false"},
        Wrong{"[smtp]\ntls = \"always\"\n", "2",
              "\"opportunistic\", \"required\" or \"implicit\", found \"always\""},
        Wrong{"[smtp]\ntls = \"\"\n", "2", "\"required\""},
        Wrong{"[smtp]\nca_file = \"ca.pem\"\n", "2", "absolute path"},
        Wrong{"[smtp]\nrate = \"fast\"\n", "2", "a rate like"},
        Wrong{"[smtp]\nrate = \"0/m\"\n", "2", "a rate like"},
        Wrong{"[queue]\nlease = \"2s\"\n", "2", "from \"3s\" to \"1h\""},
        Wrong{"[queue]\nlease = 60\n", "2", "found the number 60"},
        Wrong{"[queue]\nlease = \"1 hour\"\n", "2", "a duration"},
        Wrong{"[queue]\ngive_up_after = \"31d\"\n", "2", "to \"30d\""},
        Wrong{"[mail]\nallowed_domains = \"contoso.com\"\n", "2", "a list of texts"},
        Wrong{"[mail]\nallowed_domains = [1]\n", "2", "something else than texts"},
        Wrong{"[mail]\nallowed_domains = [\"a\\nb\"]\n", "2", "a list of texts"},
        Wrong{"[site]\nfrom = \"x\"\n", "2", "[site.NAME] sections only"},
        Wrong{"[site.Paris]\nfrom = \"x\"\n", "2", "write mail.from"},
        Wrong{"[site.Paris.queue]\nlease = \"5s\"\n", "1", "[smtp], [mail] and [organisation] only"},
        Wrong{"[site.Paris.mail]\nform = \"x\"\n", "2", "did you mean from?"},
        Wrong{"[site.Paris]\n[site.paris]\n", "2", "twice"}, Wrong{"[smtp\n", "1", "expected ']'"},
        Wrong{"[smtp]\nserver = \"a\"\nserver = \"b\"\n", "3", "server"}));

TEST(Configuration, APasswordIsRefusedAndNotShown) {
  for (const char* text :
       {"[smtp]\npassword = \"canary\"\n", "[smtp]\nPassWord = 'canary'\n",
        "[smtp]\nclient_secret = \"canary\"\n", "[site.Paris.smtp]\npassword = \"canary\"\n",
        "[store]\nurl = \"postgresql://dialin:canary@db/dialin\"\n",
        "[store]\nurl = \"host=db password=canary\"\n"}) {
    EXPECT_THAT(problem(text),
                AllOf(HasSubstr("a password never stands in the configuration"), Not(HasSubstr("canary"))))
        << text;
  }
  EXPECT_THAT(problem("[smtp]\npassword = \"canary\"\n"), HasSubstr("smtp.password_file"));
  // A secret setting with a wrong value is not shown, either.
  EXPECT_THAT(problem("[smtp]\noauth_token_command = \"canary\\nx\"\n"), Not(HasSubstr("canary")));
  EXPECT_THAT(problem("[smtp]\noauth_token_command = 4711\n"), Not(HasSubstr("4711")));
  EXPECT_EQ(load("[store]\nurl = \"postgresql://db:5432/dialin\"\n").store.url,
            "postgresql://db:5432/dialin");
}

TEST(Configuration, AllProblemsAreListedInTheirOrder) {
  const std::string text =
      problem("[smtp]\nsevrer = \"x\"\nport = 0\n[queue]\nlease = \"x\"\n", {{"DIALIN_X", "y"}});
  EXPECT_THAT(text, HasSubstr("4 problems"));
  EXPECT_LT(text.find("line 2"), text.find("line 3"));
  EXPECT_LT(text.find("line 3"), text.find("line 5"));
  EXPECT_LT(text.find("line 5"), text.find("DIALIN_X"));
}

TEST(Configuration, WhatIsTooLargeOrNoTextIsRefused) {
  EXPECT_THAT(problem(std::string((1 << 20) + 1, '#')), HasSubstr("1 MB"));
  EXPECT_THAT(problem(std::string("[smtp]\nserver = \"a\0b\"\n", 21)), HasSubstr("line 2"));
  EXPECT_THAT(problem("[smtp]\nserver = \"\xE9\"\n"), HasSubstr("line 2"));
  EXPECT_THAT(problem("[smtp]\nserver = \"" + std::string(2000, 'x') + "\"\n"), HasSubstr("line 2"));
}

}  // namespace
}  // namespace dialin
