// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "contract/store/store_test.h"

namespace dialin::test {
namespace {

class People : public StoreTest {
 protected:
  static PersonRow row(const std::string& sip, std::size_t line = 1) {
    return {.line = line, .sip_address = *SipAddress::parse(sip)};
  }
  static Cell<std::string> cell(const std::string& text) { return {true, text}; }
  static Cell<PhoneNumber> number_cell(const std::string& text) { return {true, PhoneNumber::parse(text)}; }

  PeopleImport apply(const std::vector<PersonRow>& rows, bool share_number = false,
                     ImportMode mode = ImportMode::Apply) {
    return people().apply(rows, mode, share_number, marco_);
  }
  // "sip of the person/attribute" of everybody who was found.
  std::vector<std::string> find(const std::string& text, std::size_t limit = 10) {
    std::vector<std::string> found;
    for (const DirectoryMatch& match : people().find(*UserIdentifier::parse(text), limit))
      found.push_back(std::string(match.person.sip_address.address()) + "/" + match.attribute);
    return found;
  }
  Person only(const std::string& text) {
    return people().find(*UserIdentifier::parse(text), 10).at(0).person;
  }
  using Found = std::vector<std::string>;
};
DIALIN_ON_BOTH_STORES(People);

TEST_P(People, EverythingOfAPersonIsKept) {
  PersonRow bob = row("Bob@Contoso.com");
  bob.external_id = cell("17");
  bob.user_principal_name = cell("bob.kelly@contoso.com");
  bob.sam_account_name = cell("CONTOSO\\bob");
  bob.display_name = cell("Bob Kelly");
  bob.mail = {true, mailbox("Bob <bob@mail.contoso.com>")};
  bob.line_uri = number_cell("tel:+14255551297;ext=51297");
  bob.language = cell("fr-CA");
  bob.region = cell("Québec");
  bob.site = cell("Montréal");
  bob.conference_id = cell("88123");
  EXPECT_EQ(apply({bob}).added, Found{"sip:Bob@contoso.com"});
  const Person person = only("sip:bob@contoso.com");
  EXPECT_EQ(people().get(person.id)->external_id, "17");
  EXPECT_EQ(person.sip_address.uri(), "sip:Bob@contoso.com");
  EXPECT_EQ(person.user_principal_name, "bob.kelly@contoso.com");
  EXPECT_EQ(person.sam_account_name, "CONTOSO\\bob");
  EXPECT_EQ(person.display_name, "Bob Kelly");
  EXPECT_EQ(person.mail->address(), "bob@mail.contoso.com");
  EXPECT_EQ(person.mail->display_name(), "Bob");
  EXPECT_EQ(person.line_uri->uri(), "tel:+14255551297;ext=51297");
  EXPECT_EQ(person.language, "fr-CA");
  EXPECT_EQ(person.region, "Québec");
  EXPECT_EQ(person.site, "Montréal");
  EXPECT_EQ(person.conference_id, "88123");
  EXPECT_TRUE(person.enabled);
  EXPECT_FALSE(people().get("no such person"));
  EXPECT_FALSE(pins().pin_of(person.id).verifier);
}

TEST_P(People, AreFoundByEveryFormOfTheirName) {
  PersonRow bob = row("bob@contoso.com");
  bob.user_principal_name = cell("Bob.Kelly@Contoso.com");
  bob.sam_account_name = cell("CONTOSO\\bkelly");
  bob.display_name = cell("Bob Kelly");
  bob.mail = {true, mailbox("b.kelly@contoso.com")};
  bob.line_uri = number_cell("tel:+14255551297");
  PersonRow zoe = row("zoe@contoso.com");
  zoe.sam_account_name = cell("zoe");
  zoe.display_name = cell("ZOË Ångström-100%_!");
  zoe.mail = {true, mailbox("bob@contoso.com")};  // Bob's SIP address is her mail address
  apply({bob, zoe});
  EXPECT_EQ(find("sip:BOB@contoso.com"), Found{"bob@contoso.com/SipAddress"});
  EXPECT_EQ(find("bob@CONTOSO.com"), (Found{"bob@contoso.com/SipAddress", "zoe@contoso.com/Mail"}));
  EXPECT_EQ(find("bob.kelly@contoso.com"), Found{"bob@contoso.com/UserPrincipalName"});
  EXPECT_EQ(find("B.Kelly@contoso.com"), Found{"bob@contoso.com/Mail"});
  EXPECT_EQ(find("contoso\\BKELLY"), Found{"bob@contoso.com/SamAccountName"});
  EXPECT_EQ(find("bkelly"), Found{"bob@contoso.com/SamAccountName"});
  EXPECT_EQ(find("FABRIKAM\\bkelly"), Found{});
  EXPECT_EQ(find("CONTOSO\\zoe"), Found{"zoe@contoso.com/SamAccountName"});
  EXPECT_EQ(find("kelly"), Found{});
  EXPECT_EQ(find("tel:+14255551297"), Found{"bob@contoso.com/LineUri"});
  EXPECT_EQ(find("tel:+14255551297;ext=1"), Found{});
  EXPECT_EQ(find("bob KELLY"), Found{"bob@contoso.com/DisplayName"});
  EXPECT_EQ(find("zoë ångström-100%_!"), Found{"zoe@contoso.com/DisplayName"});
  EXPECT_EQ(find("* kelly"), Found{"bob@contoso.com/DisplayName"});
  EXPECT_EQ(find("***o***"), (Found{"bob@contoso.com/DisplayName", "zoe@contoso.com/DisplayName"}));
  EXPECT_EQ(find("*", 1), Found{"bob@contoso.com/DisplayName"});
  // What is special in a LIKE pattern stands for itself.
  EXPECT_EQ(find("*100%_!"), Found{"zoe@contoso.com/DisplayName"});
  EXPECT_EQ(find("*1_0%_!"), Found{});
  EXPECT_EQ(find("B% *"), Found{});
  EXPECT_EQ(find("CN=Bob,OU=People,DC=contoso,DC=com"), Found{});
}

TEST_P(People, AreListedInPagesInOrderOfTheirAddresses) {
  std::vector<PersonRow> rows;
  for (const char* name : {"d", "B", "a", "c", "é"}) {
    if (auto sip = SipAddress::parse(std::string(name) + "@contoso.com")) rows.push_back(row(sip->uri()));
  }
  apply(rows);
  Found seen;
  std::string after;
  for (;;) {
    const std::vector<Person> page = people().list(after, 2);
    if (page.empty()) break;
    for (const Person& person : page) seen.push_back(person.sip_address.uri());
    after = seen.back();
  }
  EXPECT_EQ(seen,
            (Found{"sip:a@contoso.com", "sip:B@contoso.com", "sip:c@contoso.com", "sip:d@contoso.com"}));
}

TEST_P(People, AnImportAddsUpdatesAndSaysWhatChanged) {
  PersonRow bob = row("bob@contoso.com");
  bob.external_id = cell("17");
  bob.display_name = cell("Bob");
  apply({bob});
  const PersonId id = only("sip:bob@contoso.com").id;
  EXPECT_EQ(apply({bob}).unchanged, 1u);

  // A known external id with another address is a rename.
  PersonRow renamed = row("robert@contoso.com");
  renamed.external_id = cell("17");
  renamed.display_name = cell("Robert");
  PersonRow eva = row("eva@contoso.com", 2);
  PeopleImport import = apply({renamed, eva}, false, ImportMode::WhatIf);
  EXPECT_EQ(import.added, Found{"sip:eva@contoso.com"});
  EXPECT_EQ(find("sip:eva@contoso.com"), Found{});
  import = apply({renamed, eva});
  ASSERT_EQ(import.updated.size(), 1u);
  EXPECT_EQ(import.updated[0].sip_address, "sip:robert@contoso.com");
  EXPECT_EQ(import.updated[0].fields, (Found{"SipAddress", "DisplayName"}));
  EXPECT_EQ(only("sip:robert@contoso.com").id, id);
  EXPECT_EQ(find("sip:bob@contoso.com"), Found{});

  // Columns that are not there stay; empty cells clear.
  PersonRow cleared = row("robert@contoso.com");
  cleared.display_name = {true, std::nullopt};
  EXPECT_EQ(apply({cleared}).updated.at(0).fields, Found{"DisplayName"});
  EXPECT_EQ(people().get(id)->external_id, "17");
  EXPECT_EQ(people().get(id)->display_name, "");

  // The address that somebody gave up may be taken in the same file, and two may exchange theirs.
  PersonRow moved = row("bobby@contoso.com");
  moved.external_id = cell("17");
  PersonRow taker = row("robert@contoso.com", 2);
  taker.external_id = cell("18");
  import = apply({moved, taker});
  EXPECT_TRUE(import.conflicts.empty());
  EXPECT_EQ(import.added, Found{"sip:robert@contoso.com"});
  PersonRow a = row("robert@contoso.com"), b = row("bobby@contoso.com", 2);
  a.external_id = cell("17");
  b.external_id = cell("18");
  EXPECT_EQ(apply({a, b}).updated.size(), 2u);
  EXPECT_EQ(only("sip:robert@contoso.com").id, id);
}

TEST_P(People, AConflictChangesNothing) {
  PersonRow bob = row("bob@contoso.com");
  bob.external_id = cell("17");
  bob.line_uri = number_cell("tel:+14255551297");
  apply({bob});
  const auto refused = [&](const std::vector<PersonRow>& rows, std::size_t line, const std::string& words) {
    for (ImportMode mode : {ImportMode::WhatIf, ImportMode::Apply}) {
      std::vector<PersonRow> with_another = {row("new@contoso.com", 99)};
      with_another.insert(with_another.end(), rows.begin(), rows.end());
      const PeopleImport import = apply(with_another, false, mode);
      ASSERT_EQ(import.conflicts.size(), 1u) << words;
      EXPECT_EQ(import.conflicts[0].line, line);
      EXPECT_NE(import.conflicts[0].reason.find(words), std::string::npos) << import.conflicts[0].reason;
      EXPECT_TRUE(import.added.empty());
      EXPECT_EQ(find("sip:new@contoso.com"), Found{});
    }
  };
  PersonRow other_id = row("bob@contoso.com", 2);
  other_id.external_id = cell("18");
  refused({other_id}, 2, "sip:bob@contoso.com already belongs to the person with the external id 17");

  PersonRow same_number = row("eva@contoso.com", 3);
  same_number.line_uri = number_cell("+1 425 555 1297");
  refused({same_number}, 3, "tel:+14255551297 of sip:eva@contoso.com is already held by sip:bob@contoso.com");

  PersonRow by_id = row("bobby@contoso.com", 4), by_address = row("bob@contoso.com", 5);
  by_id.external_id = cell("17");
  by_address.external_id = cell("17");
  refused({by_id, by_address}, 5, "another row is about");

  PersonRow first = row("twin@contoso.com", 6), second = row("TWIN@contoso.com", 7);
  refused({first, second}, 7, "already belongs to");
  PersonRow one = row("one@contoso.com", 8), two = row("two@contoso.com", 9);
  one.line_uri = two.line_uri = number_cell("+1 425 555 1300");
  refused({one, two}, 9, "already held by sip:one@contoso.com");
}

TEST_P(People, ANumberMayBeSharedIfAskedForAndTakenFromADisabledPerson) {
  PersonRow bob = row("bob@contoso.com"), eva = row("eva@contoso.com", 2);
  bob.line_uri = eva.line_uri = number_cell("+1 425 555 1297");
  EXPECT_EQ(apply({bob}).added.size(), 1u);
  EXPECT_EQ(apply({eva}, true).added.size(), 1u);
  // Shared already: nobody asks again.
  EXPECT_EQ(apply({eva}).unchanged, 1u);
  EXPECT_EQ(pins().sharers(only("sip:eva@contoso.com").id).size(), 1u);
  people().disable(only("sip:bob@contoso.com").id, marco_);
  people().disable(only("sip:eva@contoso.com").id, marco_);
  PersonRow ann = row("ann@contoso.com");
  ann.line_uri = number_cell("+1 425 555 1297");
  EXPECT_EQ(apply({ann}).added.size(), 1u);
  // Whoever comes back asks for the number again.
  eva.enabled = true;
  EXPECT_EQ(apply({eva}).conflicts.size(), 1u);
}

TEST_P(People, DisablingKeepsThePinAsideAndEnablingErasesItUnlessAskedNotTo) {
  const PersonId bob = add_person("bob");
  set_pin(bob);
  const std::int64_t version = version_of(bob);
  EXPECT_TRUE(people().disable(bob, marco_));
  EXPECT_FALSE(people().disable(bob, marco_));
  EXPECT_FALSE(people().get(bob)->enabled);
  EXPECT_EQ(version_of(bob), version + 1);
  EXPECT_TRUE(people().enable(bob, /*keep_pin=*/true, marco_));
  EXPECT_FALSE(people().enable(bob, true, marco_));
  EXPECT_EQ(verifier_of(bob), "set");

  PersonRow off = row("bob@contoso.com");
  off.enabled = false;
  EXPECT_EQ(apply({off}).disabled, Found{"sip:bob@contoso.com"});
  PersonRow on = off;
  on.enabled = true;
  EXPECT_EQ(apply({on}).enabled, Found{"sip:bob@contoso.com"});
  EXPECT_EQ(verifier_of(bob), "");
  EXPECT_TRUE(people().get(bob)->enabled);
}

TEST_P(People, ARemovedPersonLeavesAnIdAndNothingElse) {
  PersonRow bob = row("bob@contoso.com");
  bob.external_id = cell("17");
  bob.user_principal_name = cell("bobupn@contoso.com");
  bob.sam_account_name = cell("CONTOSO\\bob");
  bob.display_name = cell("Bob Kelly");
  bob.mail = {true, mailbox("Bob <bob@contoso.com>")};
  bob.line_uri = number_cell("+1 425 555 1297");
  bob.region = cell("bobland");
  apply({bob});
  const PersonId id = only("sip:bob@contoso.com").id;
  const WelcomeId sent = issue(id, "73519", {mailbox("copy@contoso.com")});
  record(sent, claim(sent).claim_id, AttemptRecord::End::Accepted);
  pins().lock(id, "lost telephone", marco_);
  EXPECT_TRUE(people().remove(id, marco_));
  EXPECT_FALSE(people().get(id));
  for (const char* name :
       {"sip:bob@contoso.com", "bob@contoso.com", "CONTOSO\\bob", "Bob Kelly", "+14255551297", "*"})
    EXPECT_EQ(find(name), Found{}) << name;
  EXPECT_TRUE(people().list("", 10).empty());
  EXPECT_EQ(store().status().people, 0);
  EXPECT_EQ(store().status().pins_set, 0);
  EXPECT_EQ(number("SELECT COUNT(*) FROM pin_history"), 0);
  EXPECT_EQ(number("SELECT COUNT(*) FROM welcomes"), 0);
  EXPECT_EQ(number("SELECT COUNT(*) FROM audit_names"), 0);
  EXPECT_GT(number("SELECT COUNT(*) FROM audit WHERE person = :id", {{"id", id}}), 3);
  EXPECT_EQ(
      number("SELECT COUNT(*) FROM audit WHERE LOWER(detail) LIKE '%bob%' OR LOWER(detail) LIKE '%1297%'"),
      0);
  for (const auto& call : std::vector<std::function<void()>>{
           [&] { pins().pin_of(id); }, [&] { pins().lock(id, "x", marco_); },
           [&] { pins().unlock(id, marco_); }, [&] { people().disable(id, marco_); },
           [&] { people().enable(id, true, marco_); }, [&] { people().remove(id, marco_); },
           [&] { outbox().cancel(id, marco_); }}) {
    try {
      call();
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::NotFound);
    }
  }
  // The same file again makes a new person.
  EXPECT_EQ(apply({bob}).added.size(), 1u);
  EXPECT_NE(only("sip:bob@contoso.com").id, id);
}

TEST_P(People, TheDomainsThatSeveralHaveAreCommon) {
  const auto with_mail = [&](const std::string& name, const std::string& mail) {
    PersonRow person = row(name + "@contoso.com");
    person.mail = {true, mailbox(mail)};
    apply({person});
  };
  with_mail("a", "a@Contoso.com");
  with_mail("b", "b@contoso.com");
  with_mail("c", "c@fabrikam.com");
  with_mail("d", "d@fabrikam.com");
  with_mail("e", "e@northwind.com");
  apply({row("f@contoso.com")});
  EXPECT_EQ(people().common_mail_domains(), (Found{"contoso.com", "fabrikam.com"}));
  people().disable(only("sip:d@contoso.com").id, marco_);
  EXPECT_EQ(people().common_mail_domains(), Found{"contoso.com"});
}

TEST_P(People, AnImportOfThousandsIsOneTransaction) {
  std::vector<PersonRow> rows;
  for (int i = 0; i < 1500; ++i) {
    PersonRow person = row("person" + std::to_string(i) + "@contoso.com", static_cast<std::size_t>(i) + 2);
    person.external_id = cell(std::to_string(i));
    person.line_uri = number_cell("+1425" + std::to_string(5550000 + i));
    rows.push_back(person);
  }
  EXPECT_EQ(apply(rows).added.size(), 1500u);
  EXPECT_EQ(apply(rows).unchanged, 1500u);
  EXPECT_EQ(store().status().people, 1500);
  EXPECT_EQ(store().status().audit_lines, 1500);
  rows[1400].line_uri = rows[3].line_uri;
  EXPECT_EQ(apply(rows).conflicts.size(), 1u);
}

}  // namespace
}  // namespace dialin::test
