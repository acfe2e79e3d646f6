// SPDX-License-Identifier: Apache-2.0
#include "contract/store/store_test.h"
#include "store/schema.h"

namespace dialin::test {
namespace {

using std::chrono::hours;

class Pins : public StoreTest {
 protected:
  SetPinResult set(const PersonId& person, std::int64_t version, const std::string& verifier,
                   std::optional<std::chrono::seconds> lifetime = {}, unsigned history_count = 0) {
    const Secret secret{std::string_view(verifier)};
    SetPin request;
    request.person = person;
    request.expected_version = version;
    request.verifier = &secret;
    request.lifetime = lifetime;
    request.history_count = history_count;
    return pins().set_pin(request, marco_);
  }
};
DIALIN_ON_BOTH_STORES(Pins);

TEST_P(Pins, ASetPinHasAVerifierATimeAndAnEnd) {
  const PersonId bob = add_person("bob");
  PinRecord record = pins().pin_of(bob);
  EXPECT_EQ(record.version, 1);
  EXPECT_FALSE(record.verifier);
  EXPECT_FALSE(record.changed_at);
  EXPECT_FALSE(record.lock);
  EXPECT_EQ(set(bob, 1, "first").outcome, SetPinResult::Outcome::Set);
  record = pins().pin_of(bob);
  EXPECT_EQ(record.version, 2);
  EXPECT_TRUE(record.verifier->same_as(Secret{std::string_view("first")}));
  EXPECT_TRUE(record.changed_at);
  EXPECT_FALSE(record.expires_at);
  EXPECT_EQ(set(bob, 2, "second", hours(24)).outcome, SetPinResult::Outcome::Replaced);
  record = pins().pin_of(bob);
  EXPECT_TRUE(record.verifier->same_as(Secret{std::string_view("second")}));
  EXPECT_EQ(*record.expires_at, *record.changed_at + hours(24));
}

TEST_P(Pins, ADecisionOnAnOldVersionBeginsAgain) {
  const PersonId bob = add_person("bob");
  set(bob, 1, "first");
  EXPECT_EQ(set(bob, 1, "second").outcome, SetPinResult::Outcome::VersionChanged);
  EXPECT_TRUE(pins().pin_of(bob).verifier->same_as(Secret{std::string_view("first")}));
}

TEST_P(Pins, SharersAreComparedUnderTheNumbersLock) {
  const PersonId bob = add_person("bob", "+1 425 555 1297"), eva = add_person("eva", "+1 425 555 1297");
  EXPECT_EQ(set(bob, 1, "first").outcome, SetPinResult::Outcome::VersionChanged);  // Eva was not looked at
  EXPECT_EQ(set_pin(eva).outcome, SetPinResult::Outcome::Set);
  const std::vector<NumberSharer> sharers = pins().sharers(bob);
  ASSERT_EQ(sharers.size(), 1u);
  EXPECT_EQ(sharers[0].person, eva);
  EXPECT_TRUE(sharers[0].verifier);
  EXPECT_FALSE(sharers[0].pending);
  EXPECT_EQ(set_pin(bob).outcome, SetPinResult::Outcome::Set);
  EXPECT_TRUE(pins().sharers(add_person("ann")).empty());
}

TEST_P(Pins, HistoryKeepsAsManyAsThePolicySays) {
  const PersonId bob = add_person("bob");
  const auto kept = [&] { return number("SELECT COUNT(*) FROM pin_history"); };
  for (std::int64_t version = 1; version <= 4; ++version) set(bob, version, "x", {}, 3);
  EXPECT_EQ(kept(), 3);
  EXPECT_EQ(number("SELECT MIN(version) FROM pin_history"), 3);
  for (std::int64_t version = 5; version <= 30; ++version) set(bob, version, "x", {}, 99);
  EXPECT_EQ(kept(), 20);
  set(bob, 31, "x", {}, 0);
  EXPECT_EQ(kept(), 0);
  // A welcome writes its row when it is activated.
  const WelcomeId failed = issue(bob);
  record(failed, claim(failed).claim_id, AttemptRecord::End::Refused);
  EXPECT_EQ(kept(), 0);
}

TEST_P(Pins, AnotherCostOfTheSamePinIsNoDecision) {
  const PersonId bob = add_person("bob");
  EXPECT_FALSE(pins().replace_verifier(bob, 1, Secret{std::string_view("x")}));  // none is set
  set(bob, 1, "first");
  const std::optional<Timestamp> changed_at = pins().pin_of(bob).changed_at;
  EXPECT_FALSE(pins().replace_verifier(bob, 1, Secret{std::string_view("x")}));
  EXPECT_TRUE(pins().replace_verifier(bob, 2, Secret{std::string_view("costlier")}));
  const PinRecord record = pins().pin_of(bob);
  EXPECT_EQ(record.version, 2);
  EXPECT_EQ(record.changed_at, changed_at);
  EXPECT_TRUE(record.verifier->same_as(Secret{std::string_view("costlier")}));
}

TEST_P(Pins, ADeliberateLockKeepsItsFirstReasonAndOutlastsANewPin) {
  const PersonId bob = add_person("bob");
  EXPECT_TRUE(pins().lock(bob, "lost telephone", marco_));
  EXPECT_FALSE(pins().lock(bob, "another reason", {.name = "eva"}));
  const PinRecord locked = pins().pin_of(bob);
  EXPECT_EQ(locked.version, 2);
  EXPECT_EQ(locked.lock->reason, "lost telephone");
  EXPECT_EQ(locked.lock->by, "marco");
  EXPECT_EQ(set(bob, 2, "first").outcome, SetPinResult::Outcome::Set);
  EXPECT_TRUE(pins().pin_of(bob).lock);
  // Nor does a welcome that was issued under the lock lift it.
  const WelcomeId id = issue(bob);
  EXPECT_EQ(record(id, claim(id).claim_id, AttemptRecord::End::Accepted).outcome,
            RecordResult::Outcome::Sent);
  EXPECT_TRUE(pins().pin_of(bob).lock);
  const std::int64_t version = version_of(bob);
  EXPECT_TRUE(pins().unlock(bob, marco_));
  EXPECT_FALSE(pins().unlock(bob, marco_));
  EXPECT_FALSE(pins().pin_of(bob).lock);
  EXPECT_EQ(version_of(bob), version);
  EXPECT_EQ(store().status().pins_locked, 0);
}

TEST_P(Pins, TheHelpDeskEndsItsOwnLocksAndLockoutsOnly) {
  const Operator hannah{.name = "hannah", .role = Role::HelpDesk, .origin = "test"};
  const PersonId bob = add_person("bob");
  EXPECT_TRUE(pins().lock(bob, "lost telephone", hannah));
  EXPECT_TRUE(pins().unlock(bob, hannah));

  EXPECT_TRUE(pins().lock(bob, "leaving", marco_));
  EXPECT_FALSE(pins().lock(bob, "lost telephone", hannah)) << "an administrator's lock stays theirs";
  try {
    pins().unlock(bob, hannah);
    FAIL() << "unlocked";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Permission);
    EXPECT_NE(std::string(error.what()).find("marco"), std::string::npos) << error.what();
  }
  ASSERT_TRUE(pins().pin_of(bob).lock);
  EXPECT_EQ(pins().pin_of(bob).lock->reason, "leaving");
  EXPECT_TRUE(pins().unlock(bob, marco_));

  // The stronger decision wins, whoever came first.
  EXPECT_TRUE(pins().lock(bob, "lost telephone", hannah));
  EXPECT_TRUE(pins().lock(bob, "leaving", marco_));
  EXPECT_EQ(pins().pin_of(bob).lock->reason, "leaving");
  EXPECT_THROW(pins().unlock(bob, hannah), Error);
  EXPECT_TRUE(pins().unlock(bob, marco_));
}

TEST_P(Pins, AVerifierOfAnotherPersonDoesNotOpen) {
  const PersonId bob = add_person("bob"), eva = add_person("eva");
  set_pin(bob);
  set_pin(eva);
  tables().execute(
      "UPDATE pins SET verifier = (SELECT verifier FROM pins WHERE person = :eva) WHERE person = :bob",
      {{"eva", eva}, {"bob", bob}});
  try {
    pins().pin_of(bob);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Internal);
  }
}

class NumbersAndStatus : public StoreTest {
 protected:
  static AccessNumber access_number(const std::string& line, int priority, std::vector<std::string> regions) {
    AccessNumber number{.primary_uri = "sip:dialin@contoso.com", .line_uri = *PhoneNumber::parse(line)};
    number.display_number = line;
    number.display_name = "Redmond";
    number.regions = std::move(regions);
    number.primary_language = "en-US";
    number.secondary_languages = {"fr-CA", "es"};
    number.priority = priority;
    return number;
  }
};
DIALIN_ON_BOTH_STORES(NumbersAndStatus);

TEST_P(NumbersAndStatus, AccessNumbersAreKeptAndFoundByRegionInOrderOfPriority) {
  NumberStore& numbers = store().numbers();
  const AccessNumber first = access_number("+1 425 555 0100", 1, {"Redmond", "Québec"});
  const AccessNumber second = access_number("+1 425 555 0101", 0, {"Redmond"});
  NumberStore::Import import = numbers.import({first, second}, ImportMode::WhatIf, marco_);
  EXPECT_EQ(import.added, 2u);
  EXPECT_TRUE(numbers.of_region("").empty());
  EXPECT_EQ(numbers.import({first, second}, ImportMode::Apply, marco_).added, 2u);
  EXPECT_EQ(numbers.import({first, second}, ImportMode::Apply, marco_).unchanged, 2u);
  const std::vector<AccessNumber> redmond = numbers.of_region("REDMOND");
  ASSERT_EQ(redmond.size(), 2u);
  EXPECT_EQ(redmond[0].line_uri, second.line_uri);
  EXPECT_EQ(redmond[1].secondary_languages, first.secondary_languages);
  EXPECT_EQ(redmond[1].display_number, "+1 425 555 0100");
  EXPECT_EQ(redmond[1].primary_uri, "sip:dialin@contoso.com");
  EXPECT_EQ(numbers.of_region("québec").size(), 1u);
  EXPECT_TRUE(numbers.of_region("Paris").empty());
  AccessNumber changed = second;
  changed.display_name = "Seattle";
  import = numbers.import({changed, first}, ImportMode::Apply, marco_);
  EXPECT_EQ(import.updated, 1u);
  EXPECT_EQ(import.unchanged, 1u);
  EXPECT_EQ(numbers.of_region("")[0].display_name, "Seattle");
}

TEST_P(NumbersAndStatus, StatusCountsWhatIsThere) {
  const PersonId bob = add_person("bob"), eva = add_person("eva"), ann = add_person("ann");
  people().disable(ann, marco_);
  set_pin(eva);
  pins().lock(eva, "lost telephone", marco_);
  const WelcomeId id = issue(bob, "73519", {mailbox("copy@contoso.com")});
  record(id, claim(id).claim_id, AttemptRecord::End::Accepted);
  const StoreStatus status = store().status();
  EXPECT_EQ(status.people, 3);
  EXPECT_EQ(status.people_disabled, 1);
  EXPECT_EQ(status.pins_set, 2);
  EXPECT_EQ(status.pins_locked, 1);
  EXPECT_EQ(status.schema_version, built_in_schema().back().number);
  EXPECT_EQ(status.store_id, text("SELECT store_id FROM store_meta"));
  EXPECT_EQ(status.key_id, text("SELECT key_id FROM store_meta"));
  ASSERT_EQ(status.welcomes.size(), 7u);
  EXPECT_EQ(status.welcomes[0], std::pair(WelcomeState::Queued, std::int64_t{0}));
  EXPECT_EQ(status.welcomes[2], std::pair(WelcomeState::Sent, std::int64_t{1}));
  EXPECT_EQ(status.copies[0], std::pair(WelcomeState::Queued, std::int64_t{1}));
  EXPECT_EQ(status.audit_lines, static_cast<std::int64_t>(events().size()));
  EXPECT_EQ(status.backend.substr(0, 6), on_postgresql() ? "Postgr" : "SQLite");
  EXPECT_NE(status.location.find(on_postgresql() ? "127.0.0.1" : "/dialin.db"), std::string::npos);
}

TEST_P(NumbersAndStatus, ACredentialStampTellsOnlyWhetherTwoPasswordsAreTheSame) {
  const std::string stamp = store().credential_stamp(Secret{std::string_view("secret")});
  EXPECT_EQ(store().credential_stamp(Secret{std::string_view("secret")}), stamp);
  EXPECT_NE(store().credential_stamp(Secret{std::string_view("secret2")}), stamp);
  EXPECT_EQ(stamp.find("secret"), std::string::npos);
  EXPECT_EQ(open()->credential_stamp(Secret{std::string_view("secret")}), stamp);
}

}  // namespace
}  // namespace dialin::test
