// SPDX-License-Identifier: Apache-2.0
// What a stolen database gives away: no PIN, no verifier that could be searched without the key.
#include <filesystem>

#include "contract/store/store_test.h"

namespace dialin::test {
namespace {

constexpr const char* kCanary = "86753091";
constexpr const char* kCanaryVerifier = "$argon2id$v=19$canary";

class Secrets : public StoreTest {
 protected:
  // Everything that the database holds.
  std::string everything() {
    std::string all;
    if (on_postgresql()) {
      for (const SqlRow& table :
           tables().rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", 1)) {
        for (const SqlRow& row : tables().rows("SELECT CAST(t AS TEXT) FROM " + table.text(0) + " AS t", 1))
          all += row.text(0) + "\n";
      }
      return all;
    }
    for (const char* suffix : {"", "-wal", "-shm"}) {
      const std::filesystem::path file = location_.data_directory + "/dialin.db" + suffix;
      if (std::filesystem::exists(file)) all += read_file(file);
    }
    return all;
  }
  void expect_nothing() {
    const std::string all = everything();
    ASSERT_NE(all.find("bob@contoso.com"), std::string::npos);  // we look in the right place
    EXPECT_EQ(all.find(kCanary), std::string::npos);
    EXPECT_EQ(all.find(kCanaryVerifier), std::string::npos);
  }
};
DIALIN_ON_BOTH_STORES(Secrets);

TEST_P(Secrets, NoPinAndNoBareVerifierIsInTheDatabaseAtAnyTime) {
  const PersonId bob = add_person("bob", "+1 425 555 1297"), eva = add_person("eva", "+1 425 555 1297");
  const Secret verifier{std::string_view(kCanaryVerifier)};
  const Pin canary = pin(kCanary);
  const WelcomeId id = issue(bob, kCanary, {mailbox("copy@contoso.com")});
  expect_nothing();
  const ClaimedWelcome claimed = claim(id);
  EXPECT_TRUE(claimed.pin->same_as(canary));
  expect_nothing();
  AttemptRecord accepted;
  accepted.id = id;
  accepted.claim_id = claimed.claim_id;
  accepted.end = AttemptRecord::End::Accepted;
  accepted.sent_to = "bob@contoso.com";
  accepted.verifier = &verifier;
  accepted.pin = &canary;
  const RecordResult result = outbox().record({accepted}, marco_).at(0);
  EXPECT_TRUE(claim(result.copies.at(0)).pin->same_as(canary));
  expect_nothing();
  SetPin request;
  request.person = eva;
  request.expected_version = version_of(eva);
  request.sharers = {{bob, version_of(bob)}};
  request.verifier = &verifier;
  request.history_count = 5;
  EXPECT_EQ(pins().set_pin(request, marco_).outcome, SetPinResult::Outcome::Set);
  expect_nothing();
  EXPECT_TRUE(pins().sharers(bob).at(0).verifier->same_as(verifier));
}

TEST_P(Secrets, AFailedStatementDoesNotRepeatWhatWasBound) {
  store();
  try {
    tables().execute(
        "INSERT INTO store_meta (one, schema_version, store_id, key_id, created_at) VALUES (1, 1, :canary, "
        ":canary, 1)",
        {{"canary", kCanary}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ((std::string(error.what()) + error.next()).find(kCanary), std::string::npos);
  }
}

}  // namespace
}  // namespace dialin::test
