// SPDX-License-Identifier: Apache-2.0
// One PIN and one password go through every command, past servers that repeat whatever they are told, and are
// then looked for everywhere: output, database, configuration, process. Only the mail may hold the PIN.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/mail_servers.h"
#include "support/postgresql_server.h"
#include "support/scripted_smtp_server.h"
#include "user_view.h"

namespace dialin::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* canary_pin = "739205186";
constexpr const char* former_pin = "48213";
constexpr const char* canary_password = "Zitronenfalter4711";
constexpr const char* user = "admin";

std::string base64(std::string_view text) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    unsigned bits = 0;
    for (std::size_t j = 0; j < 3; ++j)
      bits = bits << 8 | (i + j < text.size() ? static_cast<unsigned char>(text[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j)
      result += i + j > text.size() ? '=' : digits[bits >> (18 - 6 * j) & 63];
  }
  return result;
}

// The text, and what base64 makes of it wherever it stands in something longer.
std::vector<std::string> forms_of(const std::string& secret) {
  std::vector<std::string> forms = {secret};
  for (std::size_t before = 0; before < 3; ++before) {
    const std::string encoded = base64(std::string(before, '\0') + secret);
    // Only the digits that nothing but the secret decides.
    const std::size_t begin = (before * 8 + 5) / 6;
    const std::size_t end = (before + secret.size()) * 8 / 6;
    forms.push_back(encoded.substr(begin, end - begin));
  }
  return forms;
}

std::string octets_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

class Canary : public testing::TestWithParam<StoreKind> {
 protected:
  Canary() {
    if (GetParam() == StoreKind::Postgresql) {
      database_ = PostgresqlServer::shared().create_database();
      program_.set("store", "url", fmt::format("\"{}\"", database_));
    }
    program_.set("smtp", "allow_insecure_auth", "true");
    program_.set("organisation", "settings_page_url", "\"https://dialin.contoso.com\"");
    import_csv(program_,
               "SipAddress,DisplayName,Mail,LineUri\n"
               "sip:bob@contoso.com,Bob Kelly,bob@contoso.com,tel:+14255550101;ext=50101\n"
               "sip:kim@contoso.com,Kim Akers,kim@contoso.com,\n");
    must(0, {"pin", "set", "bob@contoso.com", "-Pin", "-"}, former_pin);
    password_file_ = write_private(program_, "password", std::string(canary_password) + "\n").string();
  }

  // Runs a command and keeps what it wrote.
  Completed must(int exit_code, const DialinProgram::Arguments& arguments, std::string_view input = {},
                 const DialinProgram::Environment& environment = {}) {
    Completed done = program_.run(arguments, input, environment);
    std::string line;
    for (const std::string& word : arguments) line += word + " ";
    EXPECT_EQ(done.exit_code, exit_code) << line << all_of(done);
    seen_.emplace_back(line, done.output + done.error);
    return done;
  }
  DialinProgram::Arguments welcome(std::uint16_t port, const DialinProgram::Arguments& more = {}) const {
    DialinProgram::Arguments all = {"Set-CsPinSendCAWelcomeMail",
                                    "-UserUri",
                                    "bob@contoso.com",
                                    "-From",
                                    "marco@contoso.com",
                                    "-SmtpServer",
                                    fmt::format("127.0.0.1:{}", port),
                                    "-Verbose"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  // Everything that a thief of the database would have.
  std::string everything_kept() const {
    std::string all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(program_.data_directory())) {
      if (entry.is_regular_file()) all += octets_of(entry.path());
    }
    all += octets_of(program_.directory() / "dialin.toml");
    if (!database_.empty()) {
      all += run_successfully(
          {.arguments = {find_program("pg_dump", "postgresql-client"), "--inserts", database_}});
    }
    return all;
  }
  void expect_no_canary(const std::string& text, const std::string& where) const {
    for (const char* secret : {canary_pin, canary_password}) {
      for (const std::string& form : forms_of(secret)) {
        EXPECT_EQ(text.find(form), std::string::npos) << form << " stands in " << where << ":\n"
                                                      << text.substr(0, 4000);
      }
    }
  }
  void expect_nowhere() const {
    for (const auto& [line, text] : seen_) expect_no_canary(text, "what this wrote: " + line);
    const std::string kept = everything_kept();
    ASSERT_THAT(kept, HasSubstr("bob@contoso.com"));  // we look in the right place
    expect_no_canary(kept, "the store");
  }

  DialinProgram program_;
  std::string database_;
  std::string password_file_;
  std::vector<std::pair<std::string, std::string>> seen_;
};

// Greets, takes the password whatever it is, and gives the content of the mail that follows.
std::string take_mail(ScriptedPeer& peer, bool with_password) {
  peer.greet({"PIPELINING", "AUTH PLAIN"});
  if (with_password) {
    peer.expect("AUTH");
    peer.send("235 2.7.0 welcome\r\n");
  }
  peer.take_envelope();
  return peer.read_content();
}

// A reply of many lines that quotes the content where the PIN stands, plain, encoded and pulled apart.
std::string quoting(const std::string& code, const std::string& content) {
  std::string reply;
  std::istringstream lines(content);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.find(canary_pin) == std::string::npos) continue;
    reply += fmt::format("{}-5.7.1 your mail says: {}\r\n", code, line.substr(0, 400));
  }
  for (const char* before : {"", "x", "xy"})
    reply += fmt::format("{}-5.7.1 that is {}\r\n", code, base64(before + std::string(canary_pin) + "z"));
  return reply + fmt::format("{} 5.7.1 and the PIN is {}.\r\n", code, canary_pin);
}

TEST_P(Canary, InEveryCommandThatSucceeds) {
  MailReceiver receiver;
  receiver.require_password(canary_password);
  const std::string credential = std::string(user) + ":@" + password_file_;
  must(0, welcome(receiver.port(),
                  {"-Pin", canary_pin, "-Force", "-Credential", credential, "-Bcc", "audit@contoso.com"}));
  ASSERT_EQ(receiver.mails_to("bob@contoso.com").size(), 1U);
  EXPECT_EQ(receiver.mails_to("bob@contoso.com").front().pin(), canary_pin);  // where it belongs
  must(0, welcome(receiver.port(), {"-Force", "-Pin", "-", "-Credential", user}), canary_pin,
       {{"DIALIN_SMTP_PASSWORD", canary_password}});
  must(1, welcome(receiver.port(), {"-Pin", canary_pin, "-Credential", credential}));  // has a PIN
  must(0, {"Set-CsClientPin", "-Identity", "kim@contoso.com", "-Pin", canary_pin, "-Verbose"});
  must(0, {"pin", "set", "kim@contoso.com", "--pin", "-", "--verbose"}, std::string(canary_pin) + "\n");
  must(0, {"pin", "set", "kim@contoso.com", "-WhatIf", "-Pin", canary_pin});
  must(0, {"Test-CsClientPin", "-Identity", "bob@contoso.com", "-Pin", canary_pin, "-Verbose"});
  must(1, {"Test-CsClientPin", "-Identity", "bob@contoso.com", "-Pin", "-"}, canary_pin + std::string("1"));
  must(0, {"Get-CsClientPinInfo", "bob@contoso.com", "-Verbose", "-Output", "json"});
  must(0, {"Lock-CsClientPin", "bob@contoso.com", "-Reason", "lost", "-Verbose"});
  must(1, {"Test-CsClientPin", "-Identity", "bob@contoso.com", "-Pin", canary_pin});
  must(0, {"Unlock-CsClientPin", "bob@contoso.com", "-Verbose"});
  must(0, {"people", "list", "-Output", "csv"});
  must(0, {"people", "show", "bob@contoso.com"});
  must(0, {"template", "preview", "bob@contoso.com"});
  must(0, {"deliver", "-Verbose"});
  must(0, {"status", "-Verbose"}, {}, {{"DIALIN_SMTP_PASSWORD", canary_password}});
  const std::string passphrase =
      write_private(program_, "passphrase", "a long passphrase of ours\n").string();
  const Completed key = must(0, {"key", "export", "-PassphraseFile", passphrase, "-Verbose"});
  EXPECT_EQ(key.output.find("a long passphrase"), std::string::npos);
  must(0, {"people", "disable", "bob@contoso.com"});
  expect_nowhere();
}

TEST_P(Canary, WhereItIsAskedFor) {
  MailReceiver receiver;
  Completed done =
      program_.run(welcome(receiver.port(), {"-Force", "-Pin", canary_pin, "-ShowPin", "-NoLink"}));
  EXPECT_EQ(done.exit_code, 0) << all_of(done);
  EXPECT_THAT(done.output, HasSubstr(canary_pin));
  expect_no_canary(done.error, "standard error");
  done = program_.run({"pin", "set", "kim@contoso.com", "-Output", "json"});
  const std::string pin = object_of(done)["Pin"];
  EXPECT_TRUE(program_.pin_is("kim", pin));
  EXPECT_EQ(done.error.find(pin), std::string::npos);
  EXPECT_EQ(everything_kept().find(canary_pin), std::string::npos);
}

TEST_P(Canary, WhenMistyped) {
  MailReceiver receiver;
  // Refused values are not shown: next to the right one, a wrong one tells much.
  must(64, welcome(receiver.port(), {"-Force", "-Pin", std::string(canary_pin) + "x"}));
  must(64, welcome(receiver.port(), {"-Force", "-Pn", canary_pin}));
  must(64, {"pin", "set", "bob@contoso.com", "-Pin", canary_pin, canary_pin});
  must(64, {"Test-CsClientPin", "bob@contoso.com", "-Pin:" + std::string(canary_pin) + "\n1"});
  must(64, welcome(receiver.port(), {"-Force", "-Credential", std::string(user) + ":" + canary_password}));
  must(1, {"pin", "set", "nobody@contoso.com", "-Pin", canary_pin});
  // With its file as the configuration, which is not TOML.
  must(78, {"status", "-Config", password_file_});
  // A password in the configuration is refused, by line and without it.
  const std::string config =
      write_private(program_, "bad.toml", fmt::format("[smtp]\npassword = \"{}\"\n", canary_password))
          .string();
  must(78, {"status", "-Config", config});
  must(78, {"status"}, {},
       {{"DIALIN_STORE_URL", fmt::format("host=127.0.0.1 password={}", canary_password)}});
  expect_nowhere();
  EXPECT_TRUE(program_.pin_is("bob", former_pin));
}

TEST_P(Canary, WhenTheServerQuotesTheMessage) {
  const DialinProgram::Arguments more = {"-Force", "-Pin", canary_pin};
  {
    ScriptedSmtpServer server([](ScriptedPeer& peer) {
      peer.send(quoting("451", take_mail(peer, false)));
      peer.read_rest();
    });
    must(75, welcome(server.port(), more));
    must(75, welcome(server.port(), more));
    EXPECT_THAT(server.failures(), IsEmpty());
  }
  must(0, {"status"});
  expect_nowhere();
  must(0, {"cancel", "bob@contoso.com", "-Verbose"});
  {
    ScriptedSmtpServer server([](ScriptedPeer& peer) {
      peer.send(quoting("554", take_mail(peer, false)));
      peer.read_rest();
    });
    const Completed refused = must(1, welcome(server.port(), more));
    EXPECT_THAT(refused.error, HasSubstr("and the PIN is"));  // the words came through, without it
    EXPECT_THAT(server.failures(), IsEmpty());
  }
  expect_nowhere();
  {
    // The answer is lost each time: uncertain in the end.
    ScriptedSmtpServer server([](ScriptedPeer& peer) { take_mail(peer, false); });
    int code = 75;
    for (int i = 0; i < 5 && code == 75; ++i) {
      const Completed done = program_.run(welcome(server.port(), more));
      seen_.emplace_back("welcome whose answer is lost", done.output + done.error);
      code = done.exit_code;
      if (i == 0) expect_nowhere();
    }
    EXPECT_EQ(code, 1);
    EXPECT_EQ(program_.outbox("Uncertain"), 1U);
  }
  must(0, {"status"});
  expect_nowhere();
  EXPECT_TRUE(program_.pin_is("bob", former_pin));
}

TEST_P(Canary, WhenTheServerQuotesThePassword) {
  const std::string credential = std::string(user) + ":@" + password_file_;
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet({"AUTH PLAIN LOGIN"});
    const std::string line = peer.expect("AUTH");
    peer.send(fmt::format("535-5.7.8 you said {}\r\n535-5.7.8 that is {} {}\r\n535 5.7.8 or {}\r\n", line,
                          user, canary_password, base64(canary_password)));
    peer.read_rest();
  });
  const Completed done =
      must(77, welcome(server.port(), {"-Force", "-Pin", canary_pin, "-Credential", credential}));
  EXPECT_THAT(done.error, HasSubstr("you said"));  // the words came through, without it
  EXPECT_THAT(server.failures(), IsEmpty());
  must(0, {"status"});
  must(77, {"deliver", "-Verbose"});
  must(77, welcome(server.port(), {"-Force", "-Pin", canary_pin, "-Credential", credential}));
  expect_nowhere();
  EXPECT_TRUE(program_.pin_is("bob", former_pin));
}

TEST_P(Canary, InTheProcessWhileItWaits) {
  MailReceiver receiver;
  receiver.require_password(canary_password);
  receiver.hold(MailReceiver::At::Dot);
  const auto process =
      program_.start(welcome(receiver.port(), {"-Force", "-Pin", canary_pin, "-Credential", user}),
                     {{"DIALIN_SMTP_PASSWORD", canary_password}});
  receiver.wait_until_held();
  const std::filesystem::path proc = fmt::format("/proc/{}", process->pid());
  const std::string arguments = octets_of(proc / "cmdline");
  ASSERT_THAT(arguments, HasSubstr("bob@contoso.com"));
  expect_no_canary(arguments, "the process's arguments");
  const std::string environment = octets_of(proc / "environ");
  ASSERT_THAT(environment, HasSubstr("DIALIN_SMTP_PASSWORD"));
  expect_no_canary(environment, "the process's environment");
  // No core file could hold it either.
  EXPECT_THAT(octets_of(proc / "limits"), testing::ContainsRegex("Max core file size +0 +0"));
  expect_nowhere();
  receiver.release();
  const Completed done = process->wait();
  EXPECT_EQ(done.exit_code, 0) << all_of(done);
  seen_.emplace_back("welcome", done.output + done.error);
  expect_nowhere();
  EXPECT_TRUE(program_.pin_is("bob", canary_pin));
}

INSTANTIATE_TEST_SUITE_P(System, Canary, testing::Values(StoreKind::Sqlite, StoreKind::Postgresql),
                         [](const auto& info) { return std::string(to_text(info.param)); });

// That the search would find one.
TEST(CanarySearch, FindsBase64WhereverItStands) {
  for (const std::string before : {"", "x", "xy", "xyz"}) {
    const std::string encoded = base64(before + canary_password + "zz");
    const std::vector<std::string> forms = forms_of(canary_password);
    EXPECT_TRUE(std::any_of(forms.begin(), forms.end(), [&](const std::string& form) {
      return encoded.find(form) != std::string::npos;
    })) << encoded;
  }
}

}  // namespace
}  // namespace dialin::test
