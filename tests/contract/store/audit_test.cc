// SPDX-License-Identifier: Apache-2.0
// The chain of the audit trail, computed here a second time from what store/audit.h says.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "base/encoding.h"
#include "contract/store/store_test.h"

namespace dialin::test {
namespace {

class Audit : public StoreTest {
 protected:
  // How many lines of this host's chain are right, from the first; fails where one is not.
  std::int64_t check_chain() {
    std::string previous(64, '0');
    std::int64_t expected = 0;
    for (const SqlRow& row :
         tables().rows("SELECT host, number, previous_hash, hash, at, operator_name, origin, event, "
                       "person, detail FROM audit ORDER BY host, number",
                       10)) {
      EXPECT_EQ(row.integer(1), ++expected);
      EXPECT_EQ(row.text(2), previous);
      std::string fields;
      for (const std::string& field :
           {std::string("dialin-audit-v1"), previous, row.text(0), row.text(1), row.text(4), row.text(5),
            row.text(6), row.text(7), row.text(8), row.text(9)})
        fields += std::to_string(field.size()) + ":" + field + ",";
      EXPECT_EQ(row.text(3), sha256_hex(fields));
      previous = row.text(3);
      EXPECT_TRUE(nlohmann::json::parse(row.text(9)).is_object());
    }
    EXPECT_EQ(text("SELECT hash FROM audit_heads"), previous);
    EXPECT_EQ(number("SELECT number FROM audit_heads"), expected);
    return expected;
  }
};
DIALIN_ON_BOTH_STORES(Audit);

TEST_P(Audit, EveryDecisionAndOutcomeIsALineOfTheChain) {
  const PersonId bob = add_person("bob");
  WelcomeId id = issue(bob);
  record(id, claim(id).claim_id, AttemptRecord::End::Deferred);
  record(id, claim(id).claim_id, AttemptRecord::End::Unknown);
  outbox().change_way(id, {"other.contoso.com", 25, WelcomeWay::Tls::Opportunistic, "", ""}, marco_);
  outbox().cancel(bob, marco_);
  id = issue(bob);
  record(id, claim(id).claim_id, AttemptRecord::End::Refused);
  id = issue(bob, "73519", {mailbox("copy@contoso.com")});
  const WelcomeId copy = record(id, claim(id).claim_id, AttemptRecord::End::Accepted).copies.at(0);
  record(copy, claim(copy).claim_id, AttemptRecord::End::Accepted);
  set_pin(bob);
  pins().lock(bob, "lost telephone", marco_);
  pins().unlock(bob, marco_);
  people().disable(bob, marco_);
  people().enable(bob, true, marco_);
  people().remove(bob, marco_);
  EXPECT_EQ(events(),
            (std::vector<std::string>{"person-added", "welcome-issued", "welcome-deferred", "welcome-unknown",
                                      "welcome-changed", "welcome-cancelled", "welcome-issued",
                                      "welcome-failed", "welcome-issued", "welcome-sent", "copy-sent",
                                      "pin-set", "pin-locked", "pin-unlocked", "person-disabled",
                                      "person-enabled", "person-disabled", "person-removed"}));
  EXPECT_EQ(check_chain(), 18);
  EXPECT_EQ(text("SELECT operator_name FROM audit WHERE event = 'pin-locked'"), "marco");
  EXPECT_EQ(text("SELECT origin FROM audit WHERE event = 'pin-locked'"), "host/pts/1");
  EXPECT_EQ(text("SELECT person FROM audit WHERE event = 'pin-locked'"), bob);
  EXPECT_EQ(text("SELECT detail FROM audit WHERE event = 'pin-locked'"), R"({"reason":"lost telephone"})");
}

TEST_P(Audit, AddressesStandInATableOfTheirOwn) {
  const PersonId bob = add_person("bob");
  const WelcomeId id = issue(bob);
  record(id, claim(id).claim_id, AttemptRecord::End::Accepted);
  EXPECT_EQ(number("SELECT COUNT(*) FROM audit WHERE detail LIKE '%@contoso.com%'"), 0);
  const auto name_in = [&](const char* event) {
    const auto detail =
        nlohmann::json::parse(text("SELECT detail FROM audit WHERE event = :event", {{"event", event}}));
    return text("SELECT name FROM audit_names WHERE id = :id", {{"id", detail.at("to").get<std::string>()}});
  };
  EXPECT_EQ(name_in("welcome-issued"), "bob@contoso.com");
  EXPECT_EQ(name_in("welcome-sent"), "somebody@contoso.com");
  EXPECT_EQ(text("SELECT name FROM audit_names WHERE person = :bob AND kind = 'person'", {{"bob", bob}}),
            "bob <sip:bob@contoso.com>");
}

TEST_P(Audit, TextsThatLookLikeJsonOrSqlAreKeptAsTheyAre) {
  const PersonId bob = add_person("bob");
  const std::string reason = "\"}, {\\ '; DROP TABLE audit; -- :reason \n ü \xff";
  pins().lock(bob, "\"}, {\\ '; DROP TABLE audit; -- :reason \n ü", marco_);
  check_chain();
  const auto detail = nlohmann::json::parse(text("SELECT detail FROM audit WHERE event = 'pin-locked'"));
  EXPECT_EQ(detail.at("reason").get<std::string>(), reason.substr(0, reason.size() - 2));
  EXPECT_EQ(pins().pin_of(bob).lock->reason, reason.substr(0, reason.size() - 2));
}

TEST_P(Audit, ConnectionsThatWriteAtOnceMakeOneChain) {
  std::vector<PersonId> ids;
  for (int i = 0; i < 6; ++i) ids.push_back(add_person("person" + std::to_string(i)));
  const std::int64_t before = check_chain();
  std::vector<std::thread> threads;
  for (const PersonId& id : ids) {
    threads.emplace_back([this, id] {
      const std::unique_ptr<Store> own = open();
      for (int i = 0; i < 10; ++i) {
        own->pins().lock(id, "x", marco_);
        own->pins().unlock(id, marco_);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(check_chain(), before + 6 * 20);
}

}  // namespace
}  // namespace dialin::test
