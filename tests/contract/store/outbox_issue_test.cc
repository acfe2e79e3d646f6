// SPDX-License-Identifier: Apache-2.0
// Issuing, and the same command typed again (doc/delivery.md).
#include "contract/store/store_test.h"

namespace dialin::test {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using End = AttemptRecord::End;

class OutboxIssue : public StoreTest {
 protected:
  ContentChange change(const WelcomeId& id, const std::string& subject, const Pin* pin = nullptr,
                       std::vector<SharerVersion> sharers = {}) {
    WelcomeContent content = outbox().get(id)->content;
    content.subject = subject;
    content.template_hash = "another hash";
    return outbox().change_content(id, content, "Another {{PIN}}", pin, sharers, "command again", marco_);
  }
};
DIALIN_ON_BOTH_STORES(OutboxIssue);

TEST_P(OutboxIssue, AWelcomeIsIssuedClaimedDeliveredAndItsPinBecomesValid) {
  const PersonId bob = add_person("bob");
  EXPECT_EQ(version_of(bob), 1);
  const WelcomeId id = issue(bob);
  EXPECT_EQ(version_of(bob), 2);
  EXPECT_EQ(verifier_of(bob), "");
  EXPECT_EQ(state_of(id), WelcomeState::Queued);

  const ClaimedWelcome claimed = claim(id);
  EXPECT_TRUE(claimed.pin->same_as(pin("73519")));
  EXPECT_EQ(claimed.person.id, bob);
  EXPECT_EQ(claimed.template_text, "Hello {{PIN}}");
  EXPECT_EQ(claimed.row.state, WelcomeState::Sending);
  EXPECT_EQ(verifier_of(bob), "");

  EXPECT_EQ(record(id, claimed.claim_id, End::Accepted).outcome, RecordResult::Outcome::Sent);
  EXPECT_EQ(verifier_of(bob), "welcome");
  EXPECT_EQ(version_of(bob), 3);
  EXPECT_FALSE(has_seal(id));
  const WelcomeRow row = *outbox().get(id);
  EXPECT_EQ(row.words.reply_code, 250);
  EXPECT_EQ(row.words.text, "words of the server");
  EXPECT_TRUE(row.finished_at);
  EXPECT_FALSE(outbox().unfinished_of(bob));
  EXPECT_EQ(outbox().latest_of(bob)->id, id);
  EXPECT_EQ(events(), (std::vector<std::string>{"person-added", "welcome-issued", "welcome-sent"}));
}

TEST_P(OutboxIssue, EverythingOfAWelcomeIsKept) {
  const PersonId bob = add_person("bob");
  NewWelcome welcome = new_welcome(bob);
  const Pin the_pin = pin("0042");
  welcome.pin = &the_pin;
  welcome.content.to = mailbox("\"Kelly, Bob\" <bob.kelly@contoso.com>");
  welcome.content.to_is_from_record = false;
  welcome.content.from = mailbox("Zoë <zoe@contoso.com>");
  welcome.content.reply_to = mailbox("desk@contoso.com");
  welcome.content.envelope_sender = "bounces@contoso.com";
  welcome.content.subject = "Grüße; it's -- 100 % :done \"quoted\"";
  welcome.content.language = "de-AT";
  welcome.content.cc = {mailbox("a@contoso.com"), mailbox("B <b@contoso.com>")};
  welcome.content.bcc = {mailbox("c@contoso.com")};
  welcome.content.mask_pin_in_copies = true;
  welcome.content.plain_text_only = true;
  welcome.content.without_link = true;
  welcome.way = {"mail.contoso.com", 587, WelcomeWay::Tls::Required, "admin@contoso.com",
                 "file:/etc/password"};
  welcome.replaces_pin = true;
  const WelcomeId id = outbox().issue(welcome, marco_).id;
  const WelcomeRow row = *outbox().get(id);
  EXPECT_EQ(row.id, id);
  EXPECT_EQ(row.kind, WelcomeKind::Welcome);
  EXPECT_EQ(row.person, bob);
  EXPECT_EQ(row.version, 2);
  EXPECT_EQ(row.message_id, welcome.message_id);
  EXPECT_EQ(row.content.to.address(), "bob.kelly@contoso.com");
  EXPECT_EQ(row.content.to.display_name(), "Kelly, Bob");
  EXPECT_FALSE(row.content.to_is_from_record);
  EXPECT_EQ(row.content.from.display_name(), "Zoë");
  EXPECT_EQ(row.content.reply_to->address(), "desk@contoso.com");
  EXPECT_EQ(row.content.envelope_sender, "bounces@contoso.com");
  EXPECT_EQ(row.content.subject, welcome.content.subject);
  EXPECT_EQ(row.content.language, "de-AT");
  ASSERT_EQ(row.content.cc.size(), 2u);
  EXPECT_EQ(row.content.cc[1].display_name(), "B");
  ASSERT_EQ(row.content.bcc.size(), 1u);
  EXPECT_TRUE(row.content.mask_pin_in_copies);
  EXPECT_TRUE(row.content.plain_text_only);
  EXPECT_TRUE(row.content.without_link);
  EXPECT_EQ(row.content.template_hash, welcome.content.template_hash);
  EXPECT_EQ(row.way.server, "mail.contoso.com");
  EXPECT_EQ(row.way.port, 587);
  EXPECT_EQ(row.way.tls, WelcomeWay::Tls::Required);
  EXPECT_EQ(row.way.user, "admin@contoso.com");
  EXPECT_EQ(row.way.password_source, "file:/etc/password");
  EXPECT_TRUE(row.replaces_pin);
  EXPECT_EQ(row.operator_name, "marco");
  EXPECT_FALSE(row.finished_at);
  EXPECT_FALSE(row.claim_owner);
  EXPECT_TRUE(outbox().has_pin(id, the_pin).value());
  EXPECT_FALSE(outbox().has_pin(id, pin("0043")).value());
  EXPECT_FALSE(outbox().get("no such id"));
}

TEST_P(OutboxIssue, APersonHasOneUnfinishedWelcome) {
  const PersonId bob = add_person("bob");
  const WelcomeId first = issue(bob);
  NewWelcome second = new_welcome(bob);
  const Pin another = pin("90817");
  second.pin = &another;
  const IssueResult result = outbox().issue(second, marco_);
  EXPECT_EQ(result.outcome, IssueResult::Outcome::Unfinished);
  EXPECT_EQ(result.id, first);
  EXPECT_EQ(version_of(bob), 2);
  EXPECT_TRUE(outbox().has_pin(first, pin("73519")).value());
}

TEST_P(OutboxIssue, ADecisionMadeOnAnOldVersionBeginsAgain) {
  const PersonId bob = add_person("bob");
  NewWelcome welcome = new_welcome(bob);
  const Pin the_pin = pin("73519");
  welcome.pin = &the_pin;
  ASSERT_TRUE(pins().lock(bob, "lost telephone", marco_));
  EXPECT_EQ(outbox().issue(welcome, marco_).outcome, IssueResult::Outcome::VersionChanged);
  EXPECT_FALSE(outbox().unfinished_of(bob));
  EXPECT_EQ(version_of(bob), 2);
}

TEST_P(OutboxIssue, SharersOfANumberAreComparedUnderItsLock) {
  const PersonId bob = add_person("bob", "tel:+14255551297");
  const PersonId eva = add_person("eva", "tel:+14255551297");
  add_person("other", "tel:+14255551297;ext=5");  // another number
  NewWelcome welcome = new_welcome(bob);
  const Pin the_pin = pin("73519");
  welcome.pin = &the_pin;
  ASSERT_EQ(welcome.sharers.size(), 1u);
  EXPECT_EQ(welcome.sharers[0].person, eva);
  const WelcomeId evas = issue(eva, "11223");
  EXPECT_EQ(outbox().issue(welcome, marco_).outcome, IssueResult::Outcome::VersionChanged);
  // What waits for Eva is shown for comparing, and then the decision stands on it.
  std::vector<NumberSharer> sharers = pins().sharers(bob);
  ASSERT_EQ(sharers.size(), 1u);
  EXPECT_TRUE(sharers[0].pending->same_as(pin("11223")));
  welcome.sharers = {{eva, sharers[0].version}};
  // Another PIN in Eva's waiting welcome is a decision too.
  const Pin evas_other = pin("44556");
  const std::vector<SharerVersion> bobs = {{bob, version_of(bob)}};
  EXPECT_EQ(change(evas, "x", &evas_other, {}), ContentChange::VersionChanged);
  EXPECT_EQ(change(evas, "x", &evas_other, bobs), ContentChange::Changed);
  EXPECT_EQ(outbox().issue(welcome, marco_).outcome, IssueResult::Outcome::VersionChanged);
  welcome.sharers = {{eva, version_of(eva)}};
  EXPECT_EQ(outbox().issue(welcome, marco_).outcome, IssueResult::Outcome::Issued);
  EXPECT_EQ(outbox().claim(evas, ClaimReason::SameCommand, living_, seconds(60)).outcome,
            ClaimResult::Outcome::Claimed);
}

TEST_P(OutboxIssue, WaitingContentIsChangedInPlace) {
  const PersonId bob = add_person("bob");
  const WelcomeId id = issue(bob);
  const std::string message_id = outbox().get(id)->message_id;
  EXPECT_EQ(change(id, "Another subject"), ContentChange::Changed);
  WelcomeRow row = *outbox().get(id);
  EXPECT_EQ(row.content.subject, "Another subject");
  EXPECT_EQ(row.message_id, message_id);
  EXPECT_EQ(version_of(bob), row.version);
  EXPECT_TRUE(outbox().has_pin(id, pin("73519")).value());

  const Pin another = pin("90817");
  EXPECT_EQ(change(id, "Third", &another), ContentChange::Changed);
  EXPECT_TRUE(outbox().has_pin(id, another).value());
  EXPECT_EQ(version_of(bob), outbox().get(id)->version);
  const ClaimedWelcome claimed = claim(id);
  EXPECT_TRUE(claimed.pin->same_as(another));
  EXPECT_EQ(claimed.template_text, "Another {{PIN}}");
}

TEST_P(OutboxIssue, ContentIsFrozenWhileItIsSentAndOnceItMayHaveArrived) {
  const PersonId bob = add_person("bob");
  const WelcomeId id = issue(bob);
  const ClaimedWelcome claimed = claim(id);
  EXPECT_EQ(change(id, "no"), ContentChange::InProgress);
  // Deferred: nothing may have arrived.
  record(id, claimed.claim_id, End::Deferred);
  EXPECT_EQ(change(id, "yes"), ContentChange::Changed);
  // A lease that ran out: something may be under way.
  claim(id);
  let_pass(seconds(61));
  EXPECT_EQ(change(id, "no"), ContentChange::MayHaveArrived);
  record(id, claim(id).claim_id, End::Unknown);
  EXPECT_EQ(change(id, "no"), ContentChange::MayHaveArrived);
  record(id, "any", End::Accepted);
  EXPECT_EQ(change(id, "no"), ContentChange::Finished);
  EXPECT_EQ(outbox().get(id)->content.subject, "yes");
}

TEST_P(OutboxIssue, TheWayMayChangeButTlsIsNeverWeaker) {
  using Tls = WelcomeWay::Tls;
  const PersonId bob = add_person("bob");
  const WelcomeId id = issue(bob);
  const auto after = [&](std::uint16_t port, Tls tls) {
    outbox().change_way(id, {"other.contoso.com", port, tls, "admin", "prompt"}, marco_);
    return outbox().get(id)->way;
  };
  EXPECT_EQ(after(25, Tls::Opportunistic).tls, Tls::Opportunistic);
  EXPECT_EQ(after(465, Tls::Implicit).tls, Tls::Implicit);
  // On port 25 nobody speaks TLS from the first octet.
  const WelcomeWay way = after(25, Tls::Opportunistic);
  EXPECT_EQ(way.tls, Tls::Required);
  EXPECT_EQ(way.server, "other.contoso.com");
  EXPECT_EQ(way.user, "admin");
  EXPECT_EQ(way.password_source, "prompt");
  EXPECT_EQ(after(587, Tls::Opportunistic).tls, Tls::Required);
  EXPECT_EQ(after(465, Tls::Implicit).tls, Tls::Implicit);
}

TEST_P(OutboxIssue, AFinishedWelcomeIsUnreportedUntilItsObjectWasPrinted) {
  const PersonId bob = add_person("bob");
  const WelcomeId id = issue(bob);
  const Timestamp before = tables().now() - hours(24);
  const auto unreported = [&](const Operator& by, const std::string& command) {
    return outbox().unreported(bob, by, command, before).has_value();
  };
  outbox().mark_reported(id);  // not finished: nothing to report yet
  EXPECT_FALSE(unreported(marco_, "command"));
  record(id, claim(id).claim_id, End::Accepted);
  EXPECT_TRUE(unreported(marco_, "command"));
  EXPECT_FALSE(unreported({.name = "eva"}, "command"));
  EXPECT_FALSE(unreported(marco_, "another command"));
  EXPECT_FALSE(outbox().unreported(bob, marco_, "command", tables().now() + hours(1)));
  outbox().mark_reported(id);
  EXPECT_FALSE(unreported(marco_, "command"));
  EXPECT_TRUE(outbox().get(id)->reported_at);
}

TEST_P(OutboxIssue, AnUnknownPersonIsNotFound) {
  const PersonId bob = add_person("bob");
  NewWelcome welcome = new_welcome(bob);
  const Pin the_pin = pin("73519");
  welcome.pin = &the_pin;
  welcome.person = "nobody";
  try {
    outbox().issue(welcome, marco_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::NotFound);
  }
}

TEST_P(OutboxIssue, WordsOfAServerAreMadeFitBecauseADeliveryMustBeRecorded) {
  const PersonId bob = add_person("bob");
  const WelcomeId id = issue(bob);
  const Secret verifier{std::string_view("verifier")};
  AttemptRecord accepted;
  accepted.id = id;
  accepted.claim_id = claim(id).claim_id;
  accepted.end = End::Accepted;
  accepted.words = {250, "2.0\xff", std::string("ok\0\xff\r\n", 6)};
  accepted.server = "mail\xff:25";
  accepted.sent_to = "bob@contoso.com";
  accepted.verifier = &verifier;
  const Operator odd{.name = "marco\xff", .origin = std::string("host\0", 5)};
  EXPECT_EQ(outbox().record({accepted}, odd).at(0).outcome, RecordResult::Outcome::Sent);
  EXPECT_EQ(outbox().get(id)->words.enhanced_code, "2.0?");
}

TEST_P(OutboxIssue, ATextWithNulOrWithoutUtf8IsRefused) {
  const PersonId bob = add_person("bob");
  NewWelcome welcome = new_welcome(bob);
  const Pin the_pin = pin("73519");
  welcome.pin = &the_pin;
  for (const std::string& subject : {std::string("cut\0off", 7), std::string("caf\xe9")}) {
    welcome.content.subject = subject;
    try {
      outbox().issue(welcome, marco_);
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::InvalidInput);
    }
  }
  EXPECT_FALSE(outbox().unfinished_of(bob));
  EXPECT_EQ(version_of(bob), 1);
}

}  // namespace
}  // namespace dialin::test
