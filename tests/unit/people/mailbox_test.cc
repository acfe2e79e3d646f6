// SPDX-License-Identifier: Apache-2.0
#include "people/mailbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dialin {
namespace {

using testing::HasSubstr;

struct Accepted {
  std::string text;
  std::string address;
  std::string name;
};

class AcceptedMailbox : public testing::TestWithParam<Accepted> {};

TEST_P(AcceptedMailbox, IsReadIntoOneSpelling) {
  const std::optional<Mailbox> mailbox = Mailbox::parse(GetParam().text);
  ASSERT_TRUE(mailbox) << explain_bad_mailbox(GetParam().text);
  EXPECT_EQ(mailbox->address(), GetParam().address);
  EXPECT_EQ(mailbox->display_name(), GetParam().name);
  EXPECT_EQ(explain_bad_mailbox(GetParam().text), "");
  const std::optional<Mailbox> again = Mailbox::parse(mailbox->address());
  ASSERT_TRUE(again) << explain_bad_mailbox(mailbox->address());
  EXPECT_EQ(again->address(), mailbox->address());
}

INSTANTIATE_TEST_SUITE_P(
    Forms, AcceptedMailbox,
    testing::Values(
        Accepted{"bob@contoso.com", "bob@contoso.com", ""},
        Accepted{"  bob@contoso.com\t", "bob@contoso.com", ""},
        Accepted{"<bob@contoso.com>", "bob@contoso.com", ""},
        Accepted{"Bob Kelly <Bob@Contoso.COM>", "Bob@contoso.com", "Bob Kelly"},
        Accepted{"\"Kelly, Bob\" <bob@contoso.com>", "bob@contoso.com", "Kelly, Bob"},
        Accepted{"\"Bob \\\"K\\\" <x>\" <bob@contoso.com>", "bob@contoso.com", "Bob \"K\" <x>"},
        Accepted{"J. O'Neil<o'neil+dial=in@a.b.c>", "o'neil+dial=in@a.b.c", "J. O'Neil"},
        Accepted{"Élodie Lefèvre <elodie@contoso.com>", "elodie@contoso.com", "Élodie Lefèvre"},
        Accepted{"root@localhost", "root@localhost", ""},
        Accepted{"bob@MÜNCHEN.example", "bob@xn--mnchen-3ya.example", ""},
        Accepted{"bob@faß.example", "bob@xn--fa-hia.example", ""},  // non-transitional: ß is not ss
        Accepted{"jörg@contoso.com", "jörg@contoso.com", ""},
        Accepted{"\"bob\"@contoso.com", "bob@contoso.com", ""},
        Accepted{"\"b o b\"@contoso.com", "\"b o b\"@contoso.com", ""},
        Accepted{"\"a@b\"@contoso.com", "\"a@b\"@contoso.com", ""},
        Accepted{"\"q\\\"u\"@contoso.com", "\"q\\\"u\"@contoso.com", ""},
        Accepted{"bob@[192.0.2.1]", "bob@[192.0.2.1]", ""},
        Accepted{"bob@[ipv6:2001:DB8:0::1]", "bob@[IPv6:2001:db8::1]", ""},
        Accepted{std::string(64, 'a') + "@contoso.com", std::string(64, 'a') + "@contoso.com", ""}));

struct Refused {
  std::string text;
  std::string why;
};

class RefusedMailbox : public testing::TestWithParam<Refused> {};

TEST_P(RefusedMailbox, SaysWhy) {
  EXPECT_FALSE(Mailbox::parse(GetParam().text)) << GetParam().text;
  EXPECT_THAT(explain_bad_mailbox(GetParam().text), HasSubstr(GetParam().why));
}

INSTANTIATE_TEST_SUITE_P(
    Forms, RefusedMailbox,
    testing::Values(
        Refused{"", "empty"}, Refused{"bob", "no @"}, Refused{"@contoso.com", "before the @"},
        Refused{"bob@", "after the @"}, Refused{"bob@contoso com", "the domain contains a space"},
        Refused{"bob@@contoso.com", "more than one @"}, Refused{"a@b@contoso.com", "more than one @"},
        Refused{"bo b@contoso.com", "space"}, Refused{".bob@contoso.com", "dot"},
        Refused{"bob.@contoso.com", "dot"}, Refused{"b..b@contoso.com", "two dots"},
        Refused{"bob@contoso..com", "empty label"}, Refused{"bob@contoso.com.", "empty label"},
        Refused{"bob@-contoso.com", "hyphen"}, Refused{"bob@con_toso.com", "'_'"},
        Refused{"bob@192.0.2.1", "brackets"}, Refused{"bob@[192.0.2.256]", "brackets is not valid"},
        Refused{"bob@[contoso.com]", "brackets is not valid"},
        Refused{"bob@" + std::string(64, 'a') + ".com", "63"},
        Refused{"bob@xn--zzzzzzz99999.com", "international"},
        Refused{std::string(65, 'a') + "@contoso.com", "64 octets"},
        Refused{"bob@contoso.com\r\nBcc: eve@contoso.com", "line end"},
        Refused{std::string("bob\0@contoso.com", 16), "control character"},
        Refused{"bob@contoso.com\nx", "line end"}, Refused{"\"Bob\r\nX: y\" <bob@contoso.com>", "line end"},
        Refused{"\"a\\\rb\"@contoso.com", "control character"},
        Refused{"Bob\u202Ekcarc <bob@contoso.com>", "control character"},
        Refused{"bo\u200Bb@contoso.com", "invisible"}, Refused{"bob\u00A0@contoso.com", "invisible"},
        Refused{"bob\xFF@contoso.com", "UTF-8"}, Refused{"Kelly, Bob <bob@contoso.com>", "in quotes"},
        Refused{"Bob (Sales) <bob@contoso.com>", "in quotes"}, Refused{"bob@contoso.com (Bob)", "space"},
        Refused{"<@relay.example:bob@contoso.com>", "route"}, Refused{"friends: bob@contoso.com;", "':'"},
        Refused{"bob@contoso.com, eve@contoso.com", "more than one @"}, Refused{"<bob@contoso.com", "no >"},
        Refused{"\"bob@contoso.com", "not closed"}, Refused{"\"\"@contoso.com", "before the @"},
        Refused{std::string(257, 'n') + " <bob@contoso.com>", "256"},
        Refused{std::string(10000, 'n') + "@contoso.com", "2,048"}));

TEST(Mailbox, ComparesWithoutCase) {
  EXPECT_EQ(*Mailbox::parse("Bob@Contoso.com"), *Mailbox::parse("Robert <bOB@contoso.COM>"));
  EXPECT_FALSE(*Mailbox::parse("bob@contoso.com") == *Mailbox::parse("rob@contoso.com"));
  EXPECT_EQ(Mailbox::parse("JÖRG@MÜNCHEN.example")->key(), "jörg@xn--mnchen-3ya.example");
}

TEST(Mailbox, KnowsItsParts) {
  const Mailbox plain = *Mailbox::parse("bob@münchen.example");
  EXPECT_EQ(plain.local_part(), "bob");
  EXPECT_EQ(plain.domain(), "xn--mnchen-3ya.example");
  EXPECT_FALSE(plain.needs_smtputf8());
  EXPECT_TRUE(Mailbox::parse("jörg@contoso.com")->needs_smtputf8());
  const Mailbox quoted = *Mailbox::parse("\"a@b\"@contoso.com");
  EXPECT_EQ(quoted.local_part(), "\"a@b\"");
  EXPECT_EQ(quoted.domain(), "contoso.com");
}

TEST(Mailbox, TakesADisplayNameWithoutItsControlCharacters) {
  const Mailbox mailbox = *Mailbox::parse("bob@contoso.com");
  EXPECT_EQ(mailbox.with_display_name("Bob\r\nBcc: eve@contoso.com").display_name(),
            "Bob Bcc: eve@contoso.com");
  EXPECT_EQ(mailbox.with_display_name("  Bob   Kelly ").display_name(), "Bob Kelly");
  EXPECT_EQ(mailbox.with_display_name(std::string(300, 'n')).display_name(), std::string(256, 'n'));
  EXPECT_EQ(mailbox.with_display_name("Bob").address(), "bob@contoso.com");
}

TEST(MailboxList, IsSeparatedByCommasAndSemicolonsOutsideOfQuotes) {
  const auto list =
      parse_mailbox_list("\"Kelly, Bob\" <bob@contoso.com>; eve@contoso.com,\"a;b\"@contoso.com;");
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 3U);
  EXPECT_EQ((*list)[0].display_name(), "Kelly, Bob");
  EXPECT_EQ((*list)[1].address(), "eve@contoso.com");
  EXPECT_EQ((*list)[2].address(), "\"a;b\"@contoso.com");
  EXPECT_TRUE(parse_mailbox_list(" ")->empty());
}

TEST(MailboxList, NamesTheBadOne) {
  std::string bad;
  EXPECT_FALSE(parse_mailbox_list("bob@contoso.com, eve", &bad));
  EXPECT_EQ(bad, "eve");
  EXPECT_FALSE(parse_mailbox_list("bob@contoso.com, \"eve", &bad));
  EXPECT_EQ(bad, "\"eve");
}

}  // namespace
}  // namespace dialin
