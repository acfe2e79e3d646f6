// SPDX-License-Identifier: Apache-2.0
#include "mail/message_mould.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "mail/message.h"
#include "unit/mail/contoso.h"

namespace dialin {
namespace {

using testing::HasSubstr;

const SharedHeaders& shared() {
  static const SharedHeaders headers{*Mailbox::parse("Márco <marco@contoso.com>"),
                                     {*Mailbox::parse("ops@contoso.com")},
                                     *Mailbox::parse("help@contoso.com"),
                                     "fr"};
  return headers;
}

OwnHeaders own(const std::string& name) {
  return {*Mailbox::parse("\"" + name + "\" <" + name + "@contoso.com>"), "Welcome " + name, name + "@id",
          from_microseconds(1772356447123456)};
}

std::string filled(const MessageMould& mould, const OwnHeaders& headers, std::string_view html,
                   std::string_view text) {
  const Secret message = mould.fill(headers, {"", Secret(html), Secret(text)});
  return std::string(message.reveal(ClearSecretAccess()));
}

std::string boundary_of(const std::string& message) {
  const std::size_t begin = message.find("boundary=\"") + 10;
  return message.substr(begin, message.find('"', begin) - begin);
}

TEST(MessageMould, TheWholeMessage) {
  const std::string message = filled(MessageMould(shared(), BodyForm::HtmlAndText), own("bob"),
                                     "<p>é</p>\n<p>hello</p>\n", "hello\n");
  const std::string boundary = boundary_of(message);
  EXPECT_GE(boundary.size(), 22u);
  EXPECT_EQ(boundary.substr(0, 2), "=-");
  EXPECT_EQ(message,
            "Date: Sun, 01 Mar 2026 09:14:07 +0000\r\n"
            "To: bob <bob@contoso.com>\r\n"
            "Subject: Welcome bob\r\n"
            "Message-Id: <bob@id>\r\n"
            "From: =?UTF-8?b?TcOhcmNv?= <marco@contoso.com>\r\n"
            "Cc: ops@contoso.com\r\n"
            "Reply-To: help@contoso.com\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "X-Auto-Response-Suppress: All\r\n"
            "Content-Language: fr\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: multipart/alternative; boundary=\"" +
                boundary +
                "\"\r\n"
                "\r\n"
                "--" +
                boundary +
                "\r\n"
                "Content-Type: text/plain; charset=utf-8\r\n"
                "Content-Transfer-Encoding: 7bit\r\n"
                "\r\n"
                "hello\r\n"
                "\r\n"
                "--" +
                boundary +
                "\r\n"
                "Content-Type: text/html; charset=utf-8\r\n"
                "Content-Transfer-Encoding: quoted-printable\r\n"
                "\r\n"
                "<p>=C3=A9</p>\r\n"
                "<p>hello</p>\r\n"
                "\r\n"
                "--" +
                boundary + "--\r\n");
}

TEST(MessageMould, TheTextAlone) {
  const SharedHeaders headers{*Mailbox::parse("marco@contoso.com"), {}, std::nullopt, ""};
  EXPECT_EQ(filled(MessageMould(headers, BodyForm::TextOnly), own("bob"), "<p>no</p>", "é hello hello"),
            "Date: Sun, 01 Mar 2026 09:14:07 +0000\r\n"
            "To: bob <bob@contoso.com>\r\n"
            "Subject: Welcome bob\r\n"
            "Message-Id: <bob@id>\r\n"
            "From: marco@contoso.com\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "X-Auto-Response-Suppress: All\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "\r\n"
            "=C3=A9 hello hello\r\n");
}

TEST(MessageMould, ASubjectThatIsFoldedAndALongListOfCopies) {
  SharedHeaders headers = shared();
  for (int i = 0; i < 30; ++i) headers.cc.push_back(*Mailbox::parse("Frédéric <frederic@contoso.com>"));
  OwnHeaders mine = own("bob");
  for (int i = 0; i < 30; ++i) mine.subject += " welcome";
  const std::string message = filled(MessageMould(headers, BodyForm::TextOnly), mine, "", "x");
  EXPECT_THAT(message, HasSubstr("\r\nSubject: Welcome bob welcome welcome welcome"));
  EXPECT_THAT(message, HasSubstr("welcome\r\n welcome"));
  EXPECT_THAT(message, HasSubstr("<frederic@contoso.com>,\r\n\t=?UTF-8?"));
}

TEST(MessageMould, WhoKnowsTheBoundaryCannotWriteAPart) {
  const MessageMould mould(shared(), BodyForm::HtmlAndText);
  const std::string boundary = boundary_of(filled(mould, own("bob"), "x", "x"));
  const std::string message = filled(mould, own("bob"), "<p>\n--" + boundary + "--\n",
                                     "one\n--" + boundary + "\nContent-Type: x/y\n");
  EXPECT_EQ(boundary_of(message), boundary);
  std::size_t count = 0;
  for (std::size_t at = message.find("\r\n--" + boundary); at != std::string::npos;
       at = message.find("\r\n--" + boundary, at + 1)) {
    ++count;
  }
  EXPECT_EQ(count, 3u);
}

TEST(MessageMould, EachHasABoundaryOfItsOwn) {
  EXPECT_NE(boundary_of(filled(MessageMould(shared(), BodyForm::HtmlAndText), own("bob"), "x", "x")),
            boundary_of(filled(MessageMould(shared(), BodyForm::HtmlAndText), own("bob"), "x", "x")));
}

TEST(MessageMould, FitsWhatIsWrittenExactlyAlike) {
  const MessageMould mould(shared(), BodyForm::HtmlAndText);
  EXPECT_TRUE(mould.fits(shared(), BodyForm::HtmlAndText));
  EXPECT_FALSE(mould.fits(shared(), BodyForm::TextOnly));
  const auto changed = [&mould](auto change) {
    SharedHeaders headers = shared();
    change(headers);
    return !mould.fits(headers, BodyForm::HtmlAndText);
  };
  EXPECT_TRUE(changed([](SharedHeaders& h) { h.from = *Mailbox::parse("Marco <marco@contoso.com>"); }));
  EXPECT_TRUE(changed([](SharedHeaders& h) { h.from = *Mailbox::parse("Márco <Marco@contoso.com>"); }));
  EXPECT_TRUE(changed([](SharedHeaders& h) { h.cc.clear(); }));
  EXPECT_TRUE(changed([](SharedHeaders& h) { h.cc[0] = *Mailbox::parse("Ops <ops@contoso.com>"); }));
  EXPECT_TRUE(changed([](SharedHeaders& h) { h.reply_to.reset(); }));
  EXPECT_TRUE(changed([](SharedHeaders& h) { h.reply_to = h.from; }));
  EXPECT_TRUE(changed([](SharedHeaders& h) { h.language = "en"; }));
}

TEST(MessageMould, ThreadsFillOneAtATime) {
  const MessageMould mould(shared(), BodyForm::HtmlAndText);
  const std::string expected = filled(mould, own("bob"), "<p>é</p>", "bob");
  std::array<bool, 4> right{};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < right.size(); ++i) {
    threads.emplace_back([&, i] {
      const std::string name = "bob" + std::to_string(i);
      std::string mine = expected;
      for (std::size_t at = mine.find("bob"); at != std::string::npos; at = mine.find("bob", at + 3)) {
        mine.insert(at + 3, std::to_string(i));
      }
      right[i] = true;
      for (int k = 0; k < 200; ++k) right[i] &= filled(mould, own(name), "<p>é</p>", name) == mine;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, (std::array<bool, 4>{true, true, true, true}));
}

}  // namespace
}  // namespace dialin
