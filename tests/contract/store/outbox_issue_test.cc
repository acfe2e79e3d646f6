// SPDX-License-Identifier: Apache-2.0
// Issuing, and the same command typed again (doc/delivery.md).
#include "contract/store/store_test.h"

namespace dialin::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class OutboxIssue : public StoreTest {};
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
  EXPECT_EQ(claimed.row.content.from.display_name(), "Marco");
  EXPECT_EQ(verifier_of(bob), "");

  EXPECT_EQ(record(id, claimed.claim_id, AttemptRecord::End::Accepted).outcome, RecordResult::Outcome::Sent);
  EXPECT_EQ(verifier_of(bob), "welcome");
  EXPECT_EQ(version_of(bob), 3);
  EXPECT_FALSE(has_seal(id));
  const WelcomeRow row = *outbox().get(id);
  EXPECT_EQ(row.state, WelcomeState::Sent);
  EXPECT_EQ(row.words.reply_code, 250);
  EXPECT_TRUE(row.finished_at);
  EXPECT_FALSE(outbox().unfinished_of(bob));
  EXPECT_EQ(outbox().latest_of(bob)->id, id);
  EXPECT_EQ(events(), (std::vector<std::string>{"person-added", "welcome-issued", "welcome-sent"}));
}

}  // namespace
}  // namespace dialin::test
