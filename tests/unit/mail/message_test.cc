// SPDX-License-Identifier: Apache-2.0
// The composed message, read back by Python's email package.
#include "mail/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/error.h"
#include "base/text.h"
#include "support/child_process.h"
#include "unit/mail/contoso.h"

namespace dialin {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* Read = R"(
import email, email.policy, sys
message = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.SMTP)
for name, value in message.items():
    print('%s: %s' % (name, value))
print('defects', message.defects, [header.defects for header in message.values() if header.defects])
for part in message.walk():
    print('part', part.get_content_type(), part.get_content_charset(), part.defects)
for part in message.walk():
    if not part.is_multipart():
        print('<<<' + part.get_content().replace('\r\n', '\n') + '>>>')
)";

// The policy's own reading of addresses leaves spaces between encoded words (RFC 2047 section 6.2 drops
// them).
constexpr const char* ReadTo = R"(
import email, sys
from email.header import decode_header, make_header
from email.utils import getaddresses
message = email.message_from_bytes(sys.stdin.buffer.read())
addresses = getaddresses([message['to'].replace('\r\n', '')])
name = str(make_header(decode_header(addresses[0][0])))
sys.stdout.buffer.write(('%d%s|%s' % (len(addresses), addresses[0][1], name)).encode())
)";

std::string read_back(const Secret& message) {
  const test::Completed done =
      test::run({.arguments = {"python3", "-c", Read}, .environment = {{"PYTHONIOENCODING", "utf-8"}}},
                message.reveal(ClearSecretAccess()));
  EXPECT_EQ(done.exit_code, 0) << done.error;
  return done.output;
}

MessageHeaders headers(const std::string& subject = "Welcome") {
  return {.from = *Mailbox::parse("marco@contoso.com"),
          .to = *Mailbox::parse("\"Kelly, Bob\" <bob@contoso.com>"),
          .cc = {},
          .reply_to = std::nullopt,
          .subject = subject,
          .message_id = "0123@contoso.com",
          .date = from_microseconds(1772356447123456),
          .language = "fr"};
}

RenderedWelcome body(std::string_view html, std::string_view text) {
  return {"", Secret(html), Secret(text)};
}

std::string octets(const Secret& message) {
  return std::string(message.reveal(ClearSecretAccess()));
}

void expect_clean(const std::string& message) {
  std::size_t begin = 0;
  while (begin < message.size()) {
    const std::size_t end = message.find("\r\n", begin);
    ASSERT_NE(end, std::string::npos);
    EXPECT_LE(end - begin, 998u);
    for (std::size_t i = begin; i < end; ++i) {
      const auto octet = static_cast<unsigned char>(message[i]);
      ASSERT_TRUE(octet != 0 && octet < 128 && octet != '\r' && octet != '\n') << "at " << i;
    }
    begin = end + 2;
  }
}

TEST(Message, OfAShippedTemplateReadByAnotherParser) {
  for (const char* language : {"en", "fr"}) {
    const TemplateSource& source = test::shipped().choose({language});
    const auto pin = Pin::parse(test::ContosoPin);
    const RenderedWelcome welcome = WelcomeTemplate::parse(source).render(test::contoso_values(), &*pin);
    MessageHeaders fields = headers(welcome.subject);
    fields.cc = {*Mailbox::parse("Am\xC3\xA9lie <amelie@contoso.com>"), *Mailbox::parse("ops@contoso.com")};
    fields.reply_to = *Mailbox::parse("help@contoso.com");
    const Secret message = compose_message(fields, welcome, BodyForm::HtmlAndText);
    expect_clean(octets(message));
    const std::string read = read_back(message);
    EXPECT_THAT(read, HasSubstr("\nFrom: marco@contoso.com\n"));
    EXPECT_THAT(read, HasSubstr("\nTo: \"Kelly, Bob\" <bob@contoso.com>\n"));
    EXPECT_THAT(read, HasSubstr("\nCc: Am\xC3\xA9lie <amelie@contoso.com>, ops@contoso.com\n"));
    EXPECT_THAT(read, HasSubstr("\nReply-To: help@contoso.com\n"));
    EXPECT_THAT(read, HasSubstr("\nSubject: " + welcome.subject + "\n"));
    EXPECT_THAT(read, HasSubstr("Date: Sun, 01 Mar 2026 09:14:07 +0000\n"));
    EXPECT_THAT(read, HasSubstr("\nMessage-Id: <0123@contoso.com>\n"));
    EXPECT_THAT(read, HasSubstr("\nMIME-Version: 1.0\n"));
    EXPECT_THAT(read, HasSubstr("\nAuto-Submitted: auto-generated\n"));
    EXPECT_THAT(read, HasSubstr("\nX-Auto-Response-Suppress: All\n"));
    EXPECT_THAT(read, HasSubstr("\nContent-Language: fr\n"));
    EXPECT_THAT(read,
                HasSubstr("\ndefects [] []\npart multipart/alternative None []\npart text/plain utf-8 []\n"
                          "part text/html utf-8 []\n"));
    EXPECT_THAT(read, HasSubstr("<<<" + test::plain(welcome).text + ">>>\n"));
    EXPECT_THAT(read, HasSubstr("<<<" + test::plain(welcome).html + ">>>\n"));
    const std::string head = octets(message).substr(0, octets(message).find("\r\n\r\n"));
    EXPECT_THAT(head, Not(HasSubstr(test::ContosoPin)));
  }
}

TEST(Message, FrenchSubjectExactly) {
  const RenderedWelcome welcome =
      WelcomeTemplate::parse(test::shipped().choose({"fr"})).render(test::contoso_values(), nullptr);
  const std::string read = read_back(compose_message(headers(welcome.subject), welcome, BodyForm::TextOnly));
  EXPECT_THAT(read, HasSubstr("\nSubject: Bienvenue dans les conférences rendez-vous\n"));
}

TEST(Message, TextAlone) {
  const Secret message = compose_message(headers(), body("<p>no</p>", "a\n\nb\n"), BodyForm::TextOnly);
  const std::string read = read_back(message);
  EXPECT_THAT(read, HasSubstr("defects [] []\npart text/plain utf-8 []\n<<<a\n\nb\n>>>\n"));
  EXPECT_THAT(octets(message), testing::EndsWith("\r\n\r\na\r\n\r\nb\r\n"));
  EXPECT_THAT(octets(message), Not(HasSubstr("<p>")));
}

TEST(Message, BodiesOfEveryKindComeBackWhole) {
  std::string japanese;
  for (int i = 0; i < 200; ++i) japanese += "電話会議へようこそ";
  for (const std::string& text :
       {std::string("plain\n"), std::string(".\n..\n.x\nFrom here\n"), std::string(5000, 'x') + "\n",
        std::string("trailing space \n=41 =\n\ttab\t\n"), std::string("é è à\n\n\n"), japanese + "\n",
        "line one\n" + japanese + "\n.\nend\n", std::string("--=-boundary\n--\n")}) {
    const Secret message = compose_message(headers(), body("<p>" + text, text), BodyForm::HtmlAndText);
    expect_clean(octets(message));
    const std::string read = read_back(message);
    EXPECT_THAT(read, HasSubstr("<<<" + text + ">>>\n"));
    EXPECT_THAT(read, HasSubstr("<<<<p>" + text + ">>>\n"));
  }
}

TEST(Message, HardSubjectsAndNames) {
  for (const std::string& subject :
       {std::string(300, 'x'), std::string(2000, 'y'), std::string("日本語の件名").append(600, 'z'),
        std::string("Ärger mit <script>\"'=?utf-8?Q?x?="), std::string("a  b"),
        std::string("=?utf-8?B?QQ==?=")}) {
    const Secret message = compose_message(headers(subject), body("<p>x</p>", "x"), BodyForm::HtmlAndText);
    expect_clean(octets(message));
    EXPECT_THAT(read_back(message), HasSubstr("\nSubject: " + subject + "\n"));
  }
  for (const std::string& name : {std::string("Jos\xC3\xA9 \"Pepe\" (x) <y>"), std::string(256, 'n'),
                                  std::string("\xE6\x9D\xB1\xE4\xBA\xAC, \xE5\xA4\xAA\xE9\x83\x8E")}) {
    MessageHeaders fields = headers();
    fields.to = Mailbox::parse("bob@contoso.com")->with_display_name(name);
    const Secret message = compose_message(fields, body("<p>x</p>", "x"), BodyForm::HtmlAndText);
    expect_clean(octets(message));
    const test::Completed parsed = test::run({.arguments = {"python3", "-c", ReadTo}}, octets(message));
    EXPECT_EQ(parsed.output, "1bob@contoso.com|" + name) << parsed.error;
  }
}

TEST(Message, ALineEndInASubjectIsNoHeader) {
  const Secret message = compose_message(headers("Hello\r\nBcc: evil@example.com\nX: y"),
                                         body("<p>x</p>", "x"), BodyForm::TextOnly);
  expect_clean(octets(message));
  const std::string head = octets(message).substr(0, octets(message).find("\r\n\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("\r\nBcc:")));
  EXPECT_THAT(head, Not(HasSubstr("\r\nX:")));
}

TEST(Message, ANonAsciiAddressIsSaidInWords) {
  const auto mailbox = Mailbox::parse("Jos\xC3\xA9 <jos\xC3\xA9@contoso.com>");
  ASSERT_TRUE(mailbox);
  MessageHeaders fields = headers();
  fields.to = *mailbox;
  const Secret message = compose_message(fields, body("<p>x</p>", "x"), BodyForm::TextOnly);
  expect_clean(octets(message));
  EXPECT_THAT(read_back(message), HasSubstr("\nTo: \"Jos\xC3\xA9 jos\xC3\xA9@contoso.com\":;\n"));
}

TEST(Message, BoundariesDifferAndThreadsDoNotDisturb) {
  std::vector<std::thread> threads;
  std::vector<std::string> messages(8);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    threads.emplace_back([&messages, i] {
      for (int k = 0; k < 20; ++k) {
        messages[i] = octets(compose_message(headers(), body("<p>é</p>", "é"), BodyForm::HtmlAndText));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& message : messages) expect_clean(message);
  EXPECT_NE(messages[0], messages[1]);
}

TEST(Message, Identifier) {
  EXPECT_EQ(new_message_id("00ff", *Mailbox::parse("marco@Contoso.com")), "00ff@contoso.com");
}

}  // namespace
}  // namespace dialin
