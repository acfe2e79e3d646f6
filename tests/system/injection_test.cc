// SPDX-License-Identifier: Apache-2.0
// Line ends, markup, direction marks and very long texts in every text parameter and every CSV column:
// refused with a clear error, or harmless.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/mail_servers.h"
#include "user_view.h"

namespace dialin::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

struct Poison {
  const char* name;
  std::string text;
  bool control;  // never taken, wherever it stands
};

void PrintTo(const Poison& poison, std::ostream* out) {
  *out << poison.name;
}

const std::vector<Poison>& poisons() {
  static const std::vector<Poison> all = {
      {"CRLF", "Bob\r\nX-Injected: yes\r\nBcc: spy@example.net", true},
      {"LF", "Bob\nX-Injected: yes", true},
      {"CR", "Bob\rX-Injected: yes", true},
      {"EndOfContent", "Bob\r\n.\r\nMAIL FROM:<spy@example.net>", true},
      {"Escape", "Bob\x1b[2J\x1b]0;owned\x07", true},
      {"RightToLeftOverride", "Bob\u202emoc.live", true},
      {"Isolate", "Bob\u2066x\u2069", true},
      {"C1", "Bob\u009b31m", true},
      {"Script", "<script>alert(1)</script>", false},
      {"Attribute", "\" onmouseover=alert(1) x=\"", false},
      {"Entity", "&lt;script&gt;&#60;script&#62;", false},
      {"Tag", "{{PIN}} {{=<% %>=}}", false},
      {"EncodedWord", "=?utf-8?b?DQpYLUluamVjdGVkOiB5ZXM=?=", false},
      {"RightToLeftMark", "Bob \u200f\u05d0\u05d1 Kelly", false},
      {"TenKilobytes", std::string(10 * 1024, 'x'), false},
      {"Quote", "O'Hara'; DROP TABLE people; --", false},
  };
  return all;
}

class Injection : public testing::TestWithParam<Poison> {
 protected:
  Injection() {
    import_csv(program_, "SipAddress,DisplayName,Mail\nsip:bob@contoso.com,Bob Kelly,bob@contoso.com\n");
  }

  // What came, if anything came, is a mail of ours and nothing else.
  void expect_harmless_mails() {
    for (const KeptMail& kept : receiver_.mails()) {
      EXPECT_EQ(kept.content.find("\nX-Injected"), std::string::npos) << kept.content;
      const json mail = parsed(kept.content);
      EXPECT_FALSE(mail["headers"].contains("x-injected"));
      EXPECT_FALSE(mail["headers"].contains("bcc"));
      EXPECT_EQ(mail["headers"]["subject"].size(), 1U);
      EXPECT_THAT(mail.value("running", json::array()), IsEmpty());
      const bool notice = kept.header("Subject") == "Your PIN for conferences was changed";
      if (!notice) EXPECT_THAT(mail["header_octets"].get<std::string>(), Not(HasSubstr(kept.pin())));
      EXPECT_EQ(kept.sender, "marco@contoso.com");
      EXPECT_THAT(kept.recipient, Not(HasSubstr("spy")));
    }
  }
  // What a terminal would obey, and what makes a text read as another.
  void expect_harmless_output(const Completed& done) {
    for (const std::string& text : {done.output, done.error}) {
      for (const char* bad : {"\x1b", "\r", "\x07", "\u202e", "\u2066", "\u009b"}) {
        EXPECT_EQ(text.find(bad), std::string::npos) << all_of(done);
      }
    }
  }
  // A refusal by the rules, neither a crash nor an internal error.
  void expect_clear_answer(const Completed& done, const std::string& where) {
    EXPECT_THAT(done.exit_code, testing::AnyOf(0, 1, 64, 69, 75, 78)) << where << all_of(done);
    if (done.exit_code != 0) {
      EXPECT_THAT(done.error, HasSubstr("dialin: ")) << where;
      EXPECT_THAT(done.error, Not(HasSubstr("internal error"))) << where;
      EXPECT_LT(done.error.size(), 12U * 1024) << where;
    }
    expect_harmless_output(done);
  }

  DialinProgram program_;
  MailReceiver receiver_;
};

TEST_P(Injection, InEveryTextParameterOfAWelcome) {
  const Poison& poison = GetParam();
  for (const char* parameter :
       {"-UserUri", "-From", "-Subject", "-UserEmailAddress", "-Cc", "-Bcc", "-ReplyTo", "-TemplatePath",
        "-SmtpServer", "-Credential", "-Language", "-Encoding", "-Pin"}) {
    std::map<std::string, std::string> values = {
        {"-UserUri", "bob@contoso.com"},
        {"-From", "marco@contoso.com"},
        {"-SmtpServer", fmt::format("127.0.0.1:{}", receiver_.port())}};
    values[parameter] = poison.text;
    DialinProgram::Arguments arguments = {"Set-CsPinSendCAWelcomeMail", "-Force", "-NoLink"};
    // In one word, as a text must be written that begins with a dash.
    for (const auto& [name, value] : values) arguments.push_back(name + ":" + value);
    const std::size_t before = receiver_.mails().size();
    const Completed done = program_.run(arguments);
    expect_clear_answer(done, parameter);
    if (poison.control) {
      EXPECT_NE(done.exit_code, 0) << parameter;
      EXPECT_EQ(receiver_.mails().size(), before) << parameter;
    }
  }
  // As a display name, which an address may have.
  for (const char* parameter : {"-From", "-UserEmailAddress", "-Cc", "-ReplyTo"}) {
    DialinProgram::Arguments arguments =
        welcome_command("bob", receiver_.port(),
                        {"-Force", fmt::format("{}:{} <marco@contoso.com>", parameter, poison.text)});
    if (std::string(parameter) == "-From") arguments.erase(arguments.begin() + 2, arguments.begin() + 4);
    const Completed done = program_.run(arguments);
    expect_clear_answer(done, parameter);
    if (poison.control) {
      EXPECT_EQ(done.exit_code, 64) << parameter << all_of(done);
    }
  }
  expect_harmless_mails();
  // The store is none the worse, and there is still one person in it.
  EXPECT_EQ(object_of(program_.run({"status", "-Output", "json"}))["People"], 1);
}

TEST_P(Injection, InTheTextParametersOfOtherCommands) {
  const Poison& poison = GetParam();
  const std::vector<DialinProgram::Arguments> commands = {
      {"Set-CsClientPin", "-Identity:" + poison.text, "-Pin", "48213"},
      {"Get-CsClientPinInfo", "-Identity:" + poison.text},
      {"Lock-CsClientPin", "-Identity", "bob@contoso.com", "-Reason:" + poison.text},
      {"people", "add", "-SipAddress:" + poison.text},
      {"people", "add", "new@contoso.com", "-Mail:" + poison.text},
      {"people", "add", "new@contoso.com", "-LineUri:" + poison.text},
      {"people", "add", "new@contoso.com", "-Language:" + poison.text},
      {"people", "add", "new@contoso.com", "-UserPrincipalName:" + poison.text},
      {"people", "add", "new1@contoso.com", "-DisplayName:" + poison.text},
      {"people", "add", "new2@contoso.com", "-Region:" + poison.text},
      {"people", "add", "new3@contoso.com", "-Site:" + poison.text},
      {"people", "add", "new4@contoso.com", "-ConferenceId:" + poison.text},
      {"people", "add", "new5@contoso.com", "-ExternalId:" + poison.text},
      {"people", "add", "new6@contoso.com", "-SamAccountName:" + poison.text},
      {"people", "show", "-Identity:" + poison.text},
      {"cancel", "-Identity:" + poison.text},
      {"people", "import", "-File:" + poison.text},
      {"template", "check", "-TemplatePath:" + poison.text},
      {"status", "-Config:" + poison.text},
  };
  for (const DialinProgram::Arguments& arguments : commands) {
    const Completed done = program_.run(arguments);
    expect_clear_answer(done, arguments[0] + " " + arguments[1]);
    if (poison.control) {
      EXPECT_NE(done.exit_code, 0) << arguments[0] << " " << arguments[1];
    }
  }
  // Whatever was taken is shown in a form that a terminal survives, and mailed in one that a reader does.
  expect_harmless_output(program_.run({"people", "list"}));
  expect_harmless_output(program_.run({"Get-CsClientPinInfo", "bob@contoso.com"}));
}

TEST_P(Injection, InEveryColumnOfAnImport) {
  const Poison& poison = GetParam();
  std::string cell = "\"";
  for (char c : poison.text) cell += c == '"' ? "\"\"" : std::string(1, c);
  cell += "\"";
  const std::vector<std::string> columns = {
      "ExternalId", "UserPrincipalName", "SamAccountName", "DisplayName",
      "Mail",       "LineUri",           "Language",       "Region",
      "Site",       "ConferenceId",      "Enabled"};
  const std::string people_before = program_.run({"people", "list", "-Output", "csv"}).output;
  for (std::size_t i = 0; i <= columns.size(); ++i) {
    // The last round: the address itself.
    const std::string column = i < columns.size() ? columns[i] : "SipAddress";
    const std::string file =
        i < columns.size() ? fmt::format("SipAddress,{}\nsip:good@contoso.com,{}\nsip:p{}@contoso.com,{}\n",
                                         column, column == "Enabled" ? "True" : "", i, cell)
                           : fmt::format("SipAddress\nsip:good@contoso.com\n{}\n", cell);
    const Completed done = program_.run({"people", "import", "-", "-WhatIf"}, file);
    EXPECT_THAT(done.exit_code, testing::AnyOf(0, 64)) << column << all_of(done);
    expect_harmless_output(done);
    if (poison.control) {
      EXPECT_EQ(done.exit_code, 64) << column << all_of(done);
    }
    if (done.exit_code == 64) {
      EXPECT_THAT(done.error, HasSubstr("standard input:3: " + column + ": ")) << column;
      EXPECT_THAT(done.error, HasSubstr("nothing was changed")) << column;
    }
  }
  EXPECT_EQ(program_.run({"people", "list", "-Output", "csv"}).output, people_before);

  // As a name it is mailed, if it is taken at all.
  const Completed done = program_.run(
      {"people", "import", "-"},
      fmt::format("SipAddress,DisplayName,Mail\nsip:bob@contoso.com,{},bob@contoso.com\n", cell));
  if (done.exit_code == 0) {
    const Completed sent = program_.run(welcome_command("bob", receiver_.port()));
    EXPECT_EQ(sent.exit_code, 0) << all_of(sent);
    ASSERT_EQ(receiver_.mails().size(), 1U);
    const json mail = parsed(receiver_.mails().front().content);
    EXPECT_EQ(mail["addresses"]["to"].size(), 1U) << mail["addresses"];
    EXPECT_EQ(mail["addresses"]["to"][0][1], "bob@contoso.com");
    EXPECT_EQ(mail["addresses"]["to"][0][0], poison.text);
    EXPECT_EQ(mail["text_words"], mail["html_words"]);
    EXPECT_TRUE(program_.pin_is("bob", receiver_.mails().front().pin()));
  } else {
    EXPECT_EQ(done.exit_code, 64) << all_of(done);
  }
  expect_harmless_mails();
}

INSTANTIATE_TEST_SUITE_P(System, Injection, testing::ValuesIn(poisons()),
                         [](const auto& info) { return std::string(info.param.name); });

// What a server says is foreign text too.
TEST(InjectionByTheServer, ItsWordsDriveNoTerminal) {
  DialinProgram program;
  program.import_people({"bob"});
  MailReceiver receiver;
  // A reply is text: one with a control character is none, and tells nothing about Bob. The client tries once
  // more, one command at a time.
  const std::string no_reply = "550 5.1.1 gone \x1b[2J\x1b]0;owned\x07";
  receiver.answer(MailReceiver::At::Rcpt, {no_reply, no_reply});
  const Completed broken = program.run(welcome_command("bob", receiver.port(), {"-Verbose"}));
  EXPECT_EQ(broken.exit_code, 75) << all_of(broken);
  for (const std::string& text : {broken.output, broken.error}) {
    EXPECT_EQ(text.find('\x1b'), std::string::npos) << all_of(broken);
    EXPECT_EQ(text.find('\x07'), std::string::npos) << all_of(broken);
  }
  // What is text and makes a line read as another is taken out of it.
  receiver.answer(MailReceiver::At::Rcpt, {"550 5.1.1 gone \u202eyllaer <script>"});
  const Completed refused = program.run(welcome_command("bob", receiver.port(), {"-Verbose"}));
  EXPECT_EQ(refused.exit_code, 1) << all_of(refused);
  EXPECT_THAT(refused.error, HasSubstr("gone"));
  for (const std::string& text : {refused.output, refused.error})
    EXPECT_EQ(text.find("\u202e"), std::string::npos) << all_of(refused);
}

// A spreadsheet would run what begins like a formula.
TEST(InjectionIntoASpreadsheet, CellsAreDefused) {
  DialinProgram program;
  import_csv(program, "SipAddress,DisplayName\nsip:bob@contoso.com,\"=HYPERLINK(\"\"http://x\"\")\"\n");
  const Completed done = program.run({"people", "list", "-Output", "csv"});
  EXPECT_THAT(done.output, HasSubstr("'=HYPERLINK"));
  EXPECT_THAT(done.output, Not(HasSubstr(",=HYPERLINK")));
  EXPECT_THAT(done.output, Not(HasSubstr(",\"=HYPERLINK")));
}

}  // namespace
}  // namespace dialin::test
