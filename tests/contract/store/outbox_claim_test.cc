// SPDX-License-Identifier: Apache-2.0
// Claims, leases, pauses, copies.
#include <algorithm>

#include "contract/store/store_test.h"

namespace dialin::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using End = AttemptRecord::End;

class OutboxClaim : public StoreTest {
 protected:
  Pause pause_of(const std::string& server, const std::string& sender = {}) {
    Pause pause;
    pause.server = server;
    pause.port = 25;
    pause.sender = sender;
    pause.words = "535 no";
    pause.credential_stamp = "stamp";
    return pause;
  }
  void set_mail(const std::string& name, const std::string& address) {
    PersonRow row{.line = 1, .sip_address = *SipAddress::parse(name + "@contoso.com")};
    row.mail = {true, mailbox(address)};
    people().apply({row}, ImportMode::Apply, true, marco_);
  }
};
DIALIN_ON_BOTH_STORES(OutboxClaim);

TEST_P(OutboxClaim, ALiveLeaseTellsWhoseItIsAndUntilWhen) {
  const WelcomeId id = issue(add_person("bob"));
  const ClaimedWelcome claimed = claim(id);
  EXPECT_EQ(claimed.row.claim_owner, living_);
  const ClaimResult second = try_claim(id);
  EXPECT_EQ(second.outcome, ClaimResult::Outcome::InProgress);
  EXPECT_EQ(second.owner, living_);
  EXPECT_EQ(second.until, claimed.row.claim_until);
  EXPECT_EQ(second.until, second.claimed_at + seconds(60));
}

TEST_P(OutboxClaim, ALeaseIsRenewedByWhoeverHoldsIt) {
  const WelcomeId id = issue(add_person("bob"));
  const ClaimedWelcome claimed = claim(id);
  let_pass(seconds(40));
  EXPECT_TRUE(still_holds(id, claimed.claim_id));
  let_pass(seconds(40));
  EXPECT_EQ(try_claim(id).outcome, ClaimResult::Outcome::InProgress);
  EXPECT_FALSE(still_holds(id, "another claim"));
  let_pass(seconds(21));
  const ClaimedWelcome second = claim(id);
  EXPECT_TRUE(second.row.may_have_arrived);
  EXPECT_FALSE(still_holds(id, claimed.claim_id));
  EXPECT_TRUE(still_holds(id, second.claim_id));
}

TEST_P(OutboxClaim, OnlyAProcessOfThisHostIsKnownToBeGone) {
  const WelcomeId id = issue(add_person("bob"));
  ProcessIdentity elsewhere = gone_;
  elsewhere.host = "another-host";
  ASSERT_TRUE(outbox().claim(id, ClaimReason::SameCommand, elsewhere, seconds(60)).claimed);
  EXPECT_EQ(try_claim(id).outcome, ClaimResult::Outcome::InProgress);
  EXPECT_TRUE(outbox().due(10).empty());
  let_pass(seconds(61));
  EXPECT_EQ(outbox().due(10), std::vector<WelcomeId>{id});
  ASSERT_TRUE(outbox().claim(id, ClaimReason::Due, gone_, seconds(60)).claimed);
  EXPECT_EQ(outbox().due(10), std::vector<WelcomeId>{id});
  EXPECT_TRUE(try_claim(id).claimed);
}

TEST_P(OutboxClaim, AnAddressOfTheRecordIsReadAgainUntilContentMayHaveArrived) {
  const PersonId bob = add_person("bob");
  const WelcomeId id = issue(bob);
  set_mail("bob", "bob@fabrikam.com");
  ClaimedWelcome claimed = claim(id);
  EXPECT_EQ(claimed.row.content.to.address(), "bob@fabrikam.com");
  EXPECT_EQ(outbox().get(id)->content.to.address(), "bob@fabrikam.com");
  record(id, claimed.claim_id, End::Unknown);
  set_mail("bob", "bob@northwind.com");
  claimed = claim(id);
  EXPECT_EQ(claimed.row.content.to.address(), "bob@fabrikam.com");
  EXPECT_EQ(claimed.person.mail->address(), "bob@northwind.com");
}

TEST_P(OutboxClaim, AnAddressThatWasTypedStays) {
  const PersonId bob = add_person("bob");
  NewWelcome welcome = new_welcome(bob);
  const Pin the_pin = pin("73519");
  welcome.pin = &the_pin;
  welcome.content.to_is_from_record = false;
  const WelcomeId id = outbox().issue(welcome, marco_).id;
  set_mail("bob", "bob@fabrikam.com");
  EXPECT_EQ(claim(id).row.content.to.address(), "bob@contoso.com");
}

TEST_P(OutboxClaim, DueComesInOrderOfCreationAndNotBeforeItsTime) {
  std::vector<WelcomeId> ids;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(issue(add_person("person" + std::to_string(i))));
    let_pass(seconds(1));
  }
  EXPECT_EQ(outbox().due(10), ids);
  EXPECT_EQ(outbox().due(2), (std::vector<WelcomeId>{ids[0], ids[1]}));
  record(ids[0], claim(ids[0]).claim_id, End::Deferred);  // for a minute
  claim(ids[1]);
  EXPECT_EQ(outbox().due(10), (std::vector<WelcomeId>{ids[2], ids[3]}));
  const ClaimResult early = try_claim(ids[0], ClaimReason::Due);
  EXPECT_EQ(early.outcome, ClaimResult::Outcome::NotDue);
  EXPECT_EQ(early.until, outbox().get(ids[0])->next_attempt_at);
  let_pass(seconds(61));
  EXPECT_EQ(outbox().due(10), ids);
  EXPECT_TRUE(try_claim(ids[0], ClaimReason::Due).claimed);
}

TEST_P(OutboxClaim, NobodyClaimsWhatAPauseCovers) {
  const WelcomeId id = issue(add_person("bob"));
  outbox().pause(pause_of("other.contoso.com"), marco_);
  outbox().pause(pause_of("mail.contoso.com", "eva@contoso.com"), marco_);
  EXPECT_EQ(outbox().due(10).size(), 1u);
  for (const std::string sender : {"", "MARCO@contoso.com"}) {
    SCOPED_TRACE(sender);
    Pause pause = pause_of("mail.contoso.com", sender);
    pause.reason = sender.empty() ? Pause::Reason::Password : Pause::Reason::SenderRefused;
    outbox().pause(pause, marco_);
    EXPECT_TRUE(outbox().due(10).empty());
    EXPECT_EQ(outbox().paused(10), std::vector<WelcomeId>{id});
    for (ClaimReason reason : {ClaimReason::SameCommand, ClaimReason::Due}) {
      const ClaimResult result = try_claim(id, reason);
      ASSERT_EQ(result.outcome, ClaimResult::Outcome::Paused);
      EXPECT_EQ(result.pause->words, "535 no");
      EXPECT_EQ(result.pause->credential_stamp, "stamp");
      EXPECT_EQ(result.pause->reason, pause.reason);
    }
    outbox().end_pause(try_claim(id).pause->id, marco_);
    EXPECT_EQ(outbox().due(10).size(), 1u);
  }
  EXPECT_EQ(outbox().pauses().size(), 2u);
  EXPECT_TRUE(outbox().paused(10).empty());
  EXPECT_TRUE(try_claim(id).claimed);
}

TEST_P(OutboxClaim, APauseCoversWhatIsNotDueYetAsWell) {
  const WelcomeId id = issue(add_person("bob"));
  record(id, claim(id).claim_id, End::Deferred);
  ASSERT_GT(outbox().get(id)->next_attempt_at, tables().now());
  EXPECT_TRUE(outbox().paused(10).empty());
  outbox().pause(pause_of("mail.contoso.com"), marco_);
  EXPECT_EQ(outbox().paused(10), std::vector<WelcomeId>{id});
}

TEST_P(OutboxClaim, APauseWithATimeEndsThen) {
  const WelcomeId id = issue(add_person("bob"));
  Pause pause = pause_of("mail.contoso.com");
  pause.reason = Pause::Reason::Quota;
  pause.until = tables().now() + hours(1);
  outbox().pause(pause, marco_);
  EXPECT_EQ(try_claim(id).pause->reason, Pause::Reason::Quota);
  ASSERT_EQ(outbox().pauses().size(), 1u);
  EXPECT_TRUE(outbox().pauses()[0].until);
  // The same one again: one row, with what was found out last.
  pause.words = "552 tomorrow";
  outbox().pause(pause, marco_);
  ASSERT_EQ(outbox().pauses().size(), 1u);
  EXPECT_EQ(outbox().pauses()[0].words, "552 tomorrow");
  let_pass(hours(1));
  EXPECT_TRUE(outbox().pauses().empty());
  EXPECT_EQ(outbox().due(10).size(), 1u);
  EXPECT_TRUE(try_claim(id).claimed);
  outbox().end_pause("no such pause", marco_);
}

TEST_P(OutboxClaim, CopiesAreMadeWhenTheWelcomeIsFirstAccepted) {
  const PersonId bob = add_person("bob");
  // The same address twice, and the recipient's own, make one copy and none.
  const WelcomeId id = issue(bob, "73519",
                             {mailbox("a@contoso.com"), mailbox("A@contoso.com"), mailbox("b@contoso.com"),
                              mailbox("somebody@contoso.com")});
  const ClaimedWelcome claimed = claim(id);
  const RecordResult sent = record(id, claimed.claim_id, End::Accepted);
  ASSERT_EQ(sent.copies.size(), 2u);
  EXPECT_EQ(outbox().copies_of(id).size(), 2u);
  EXPECT_TRUE(record(id, claimed.claim_id, End::Accepted).copies.empty());
  EXPECT_EQ(outbox().copies_of(id).size(), 2u);

  const ClaimedWelcome copy = claim(sent.copies[0], ClaimReason::Due);
  EXPECT_EQ(copy.row.kind, WelcomeKind::Copy);
  EXPECT_EQ(copy.row.parent, id);
  EXPECT_EQ(copy.row.copy_to->address(), "a@contoso.com");
  EXPECT_NE(copy.row.message_id, outbox().get(id)->message_id);
  EXPECT_NE(copy.row.message_id, outbox().get(sent.copies[1])->message_id);
  EXPECT_EQ(copy.row.message_id.substr(copy.row.message_id.find('@')), "@contoso.com");
  EXPECT_TRUE(copy.pin->same_as(pin("73519")));
  EXPECT_EQ(copy.template_text, "Hello {{PIN}}");
  const std::int64_t version = version_of(bob);
  EXPECT_EQ(record(copy.row.id, copy.claim_id, End::Accepted).outcome, RecordResult::Outcome::Sent);
  EXPECT_FALSE(has_seal(copy.row.id));
  EXPECT_EQ(version_of(bob), version);
  EXPECT_EQ(record(copy.row.id, copy.claim_id, End::Accepted).outcome,
            RecordResult::Outcome::AlreadyRecorded);
}

TEST_P(OutboxClaim, AMaskedCopyHoldsNoPin) {
  const WelcomeId id = issue(add_person("bob"), "73519", {mailbox("a@contoso.com")}, /*masked=*/true);
  const RecordResult sent = record(id, claim(id).claim_id, End::Accepted);
  EXPECT_FALSE(has_seal(sent.copies.at(0)));
  EXPECT_FALSE(claim(sent.copies[0]).pin);
}

TEST_P(OutboxClaim, ACopyNeverBecomesUncertainAndItsFateDoesNotTouchTheWelcome) {
  const PersonId bob = add_person("bob");
  const WelcomeId id =
      issue(bob, "73519", {mailbox("a@contoso.com"), mailbox("b@contoso.com"), mailbox("c@contoso.com")});
  const std::vector<WelcomeId> copies = record(id, claim(id).claim_id, End::Accepted).copies;
  // Lost three times.
  for (int i = 0; i < 3; ++i) record(copies[0], claim(copies[0]).claim_id, End::Unknown);
  EXPECT_EQ(state_of(copies[0]), WelcomeState::Failed);
  // Refused after it may have arrived.
  record(copies[1], claim(copies[1]).claim_id, End::Unknown);
  record(copies[1], claim(copies[1]).claim_id, End::Refused);
  EXPECT_EQ(state_of(copies[1]), WelcomeState::Failed);
  // Too long in the queue.
  record(copies[2], claim(copies[2]).claim_id, End::Unknown);
  let_pass(hours(48));
  outbox().sweep(hours(48));
  EXPECT_EQ(state_of(copies[2]), WelcomeState::Failed);
  for (const WelcomeId& copy : copies) EXPECT_FALSE(has_seal(copy));
  EXPECT_EQ(state_of(id), WelcomeState::Sent);
  EXPECT_EQ(verifier_of(bob), "welcome");
}

TEST_P(OutboxClaim, WhatChangesThePinSupersedesItsCopies) {
  const auto with_copies = [&](const std::string& name) {
    const PersonId person = add_person(name);
    const WelcomeId id = issue(person, "73519", {mailbox("a@contoso.com"), mailbox("b@contoso.com")});
    return std::pair(person, record(id, claim(id).claim_id, End::Accepted).copies);
  };
  const auto [set, copies_of_set] = with_copies("set");
  const ClaimedWelcome on_its_way = claim(copies_of_set[1]);
  set_pin(set);
  EXPECT_EQ(state_of(copies_of_set[0]), WelcomeState::Superseded);
  EXPECT_FALSE(has_seal(copies_of_set[0]));
  // The one that is being sent finds out afterwards.
  EXPECT_EQ(record(copies_of_set[1], on_its_way.claim_id, End::Deferred).outcome,
            RecordResult::Outcome::Superseded);
  EXPECT_FALSE(has_seal(copies_of_set[1]));

  const auto [disabled, copies_of_disabled] = with_copies("disabled");
  people().disable(disabled, marco_);
  EXPECT_EQ(state_of(copies_of_disabled[0]), WelcomeState::Superseded);

  const auto [again, copies_of_again] = with_copies("again");
  const WelcomeId newer = issue(again);
  // The PIN is still the one that they show.
  EXPECT_EQ(state_of(copies_of_again[0]), WelcomeState::Queued);
  record(newer, claim(newer).claim_id, End::Accepted);
  EXPECT_EQ(state_of(copies_of_again[0]), WelcomeState::Superseded);

  const auto [locked, copies_of_locked] = with_copies("locked");
  pins().lock(locked, "lost telephone", marco_);
  EXPECT_TRUE(try_claim(copies_of_locked[0]).claimed);
}

TEST_P(OutboxClaim, AGroupIsRecordedTogetherEachRowByItsOwnRules) {
  const PersonId bob = add_person("bob"), eva = add_person("eva"), ann = add_person("ann");
  const WelcomeId bobs = issue(bob), evas = issue(eva), anns = issue(ann);
  const std::string bobs_claim = claim(bobs).claim_id, evas_claim = claim(evas).claim_id;
  const Secret verifier{std::string_view("$argon2id$v=19$m=8,t=1,p=1$welcome")};
  const Pin shown = pin("73519");
  std::vector<AttemptRecord> records(4);
  records[0].id = evas;
  records[0].claim_id = evas_claim;
  records[0].end = End::Refused;
  records[1].id = bobs;
  records[1].claim_id = bobs_claim;
  records[1].end = End::Accepted;
  records[1].sent_to = "bob@contoso.com";
  records[1].verifier = &verifier;
  records[1].pin = &shown;
  records[2].id = anns;
  records[2].claim_id = "none";
  records[2].end = End::Deferred;
  records[3].id = "no such welcome";
  records[3].end = End::Deferred;
  const std::vector<RecordResult> results = outbox().record(records, marco_);
  ASSERT_EQ(results.size(), 4u);
  EXPECT_EQ(results[0].outcome, RecordResult::Outcome::Failed);
  EXPECT_EQ(results[1].outcome, RecordResult::Outcome::Sent);
  EXPECT_EQ(results[2].outcome, RecordResult::Outcome::NotOurs);
  EXPECT_EQ(results[3].outcome, RecordResult::Outcome::NotOurs);
  EXPECT_EQ(verifier_of(bob), "welcome");
  EXPECT_EQ(verifier_of(eva), "");
  EXPECT_TRUE(outbox().record({}, marco_).empty());
}

TEST_P(OutboxClaim, AnUnknownWelcomeIsNotFound) {
  try {
    try_claim("no such welcome");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::NotFound);
  }
}

}  // namespace
}  // namespace dialin::test
