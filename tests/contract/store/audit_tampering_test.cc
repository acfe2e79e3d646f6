// SPDX-License-Identifier: Apache-2.0
// What the audit trail finds when somebody has changed it, on both databases; and what goes on being proven
// when nobody has.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "audit/audit_segment.h"
#include "audit/audit_verification.h"
#include "base/error.h"
#include "contract/store/store_test.h"
#include "store/audit.h"
#include "store/audit_signing.h"

namespace dialin::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Keeps what it gets, as long as it takes anything.
class KeptJournal final : public Journal {
 public:
  bool write(std::string_view line) override {
    if (takes) lines.emplace_back(line);
    return takes;
  }
  bool takes = true;
  std::vector<std::string> lines;
};

class AuditTampering : public StoreTest {
 protected:
  AuditTrail& trail() { return store().audit(); }
  std::string host() { return text("SELECT MIN(host) FROM audit_heads WHERE host <> 'beta'"); }

  // Ten lines of this host, the seventh signed; and three of beta, the last one signed with a key of its own.
  void write_lines() {
    for (int i = 0; i < 7; ++i) add_person(fmt::format("person{}", i));
    trail().sign(AuditTrail::When::Now);
    SociSession& sql = tables();
    sql.begin();
    std::vector<AuditEntry> entries(3, {marco_, "pin-set", "somebody", {}});
    const ChainEnd end = write_audit(sql, "beta", sql.now(), entries);
    beta_ = {.store_id = store().status().store_id, .chain = "beta", .number = end.number, .hash = end.hash};
    beta_.at = to_microseconds(sql.now());
    beta_.chains = 2;
    sign_head(beta_, *SigningKey::from_seed(Secret(std::string_view("beta's seed of thirty-two octets"))));
    sql.execute(
        "INSERT INTO audit_signed_heads (host, number, hash, at, chains, public_key, signature) VALUES "
        "(:host, "
        ":number, :hash, :at, 2, :key, :signature)",
        {{"host", "beta"},
         {"number", end.number},
         {"hash", end.hash},
         {"at", beta_.at},
         {"key", beta_.public_key},
         {"signature", beta_.signature}});
    sql.commit();
    for (int i = 7; i < 10; ++i) add_person(fmt::format("person{}", i));
  }
  AuditVerdict verify(std::vector<SignedHead> outside = {}) {
    return verify_audit(trail(), {.store_id = store().status().store_id,
                                  .heads = std::move(outside),
                                  .trusted_keys = {trail().public_key(), beta_.public_key}});
  }
  // All that is wrong, one a line.
  std::string problems(std::vector<SignedHead> outside = {}) {
    std::string all;
    const AuditVerdict verdict = verify(std::move(outside));
    for (const ChainVerdict& chain : verdict.chains) {
      for (const std::string& problem : chain.problems) all += chain.chain + ": " + problem + "\n";
    }
    for (const std::string& problem : verdict.problems) all += problem + "\n";
    EXPECT_EQ(all.empty(), verdict.whole());
    return all;
  }
  ChainVerdict of(const std::string& chain, std::vector<SignedHead> outside = {}) {
    for (const ChainVerdict& verdict : verify(std::move(outside)).chains) {
      if (verdict.chain == chain) return verdict;
    }
    throw std::runtime_error("no such chain");
  }
  void change(const std::string& statement) {
    EXPECT_GT(tables().execute(statement, {{"host", host()}}), 0u) << statement;
  }
  // What somebody does who can write the database and knows how lines are hashed.
  void write_anew_from(std::int64_t number) {
    std::string previous = text("SELECT hash FROM audit WHERE host = :host AND number = :before",
                                {{"host", host()}, {"before", number - 1}});
    for (AuditLine& line : trail().of_chain(host(), number - 1, 1000)) {
      line.previous_hash = previous;
      previous = line.hash = audit_hash(line);
      tables().execute(
          "UPDATE audit SET previous_hash = :previous, hash = :hash WHERE host = :host AND number = "
          ":number",
          {{"previous", line.previous_hash},
           {"hash", line.hash},
           {"host", line.chain},
           {"number", line.number}});
    }
    tables().execute("UPDATE audit_heads SET hash = :hash WHERE host = :host",
                     {{"hash", previous}, {"host", host()}});
  }

  SignedHead beta_;
};
DIALIN_ON_BOTH_STORES(AuditTampering);

TEST_P(AuditTampering, WhatNobodyTouchedIsWholeAndProvenAsFarAsHeadsGo) {
  write_lines();
  EXPECT_EQ(problems(), "");
  EXPECT_EQ(of(host()).last, 10);
  EXPECT_EQ(of(host()).proven_signed, 7);
  EXPECT_EQ(of(host()).proven_outside, 0);
  EXPECT_EQ(of("beta").proven_signed, 3);
  trail().sign(AuditTrail::When::Now);
  const SignedHead newest = *trail().newest_head(host());
  EXPECT_EQ(newest.number, 10);
  EXPECT_EQ(newest.chains, 2);
  const auto read_back = parse_head("Mar  1 10:14:07 conf1 dialin[4711]: " + newest.line());
  ASSERT_TRUE(read_back);
  EXPECT_EQ(*read_back, newest);
  EXPECT_EQ(of(host(), {newest}).proven_outside, 10);
  EXPECT_EQ(problems({newest, beta_}), "");
}

TEST_P(AuditTampering, AnErasedPersonLeavesAWholeTrail) {
  const PersonId bob = add_person("bob");
  const WelcomeId id = issue(bob);
  record(id, claim(id).claim_id, AttemptRecord::End::Accepted);
  trail().sign(AuditTrail::When::Now);
  const SignedHead head = *trail().newest_head(host());
  people().remove(bob, marco_);
  EXPECT_EQ(problems({head}), "");
  EXPECT_EQ(of(host(), {head}).proven_outside, head.number);
  EXPECT_EQ(number("SELECT COUNT(*) FROM audit_names"), 0);
  for (const AuditLine& line : trail().of_chain(host(), 0, 100)) {
    EXPECT_THAT(line.detail, Not(HasSubstr("contoso.com/")));
    EXPECT_THAT(line.detail, Not(HasSubstr("bob")));
  }
}

TEST_P(AuditTampering, AChangedLineIsFound) {
  write_lines();
  change("UPDATE audit SET operator_name = 'nobody' WHERE host = :host AND number = 4");
  EXPECT_THAT(problems(), HasSubstr("line 4 was changed"));
}

TEST_P(AuditTampering, ARemovedLineIsFound) {
  write_lines();
  change("DELETE FROM audit WHERE host = :host AND number = 4");
  EXPECT_THAT(problems(), HasSubstr("line 4 is missing"));
  change("DELETE FROM audit WHERE host = :host AND number IN (5, 6)");
  EXPECT_THAT(problems(), HasSubstr("lines 4 to 6 are missing"));
}

TEST_P(AuditTampering, ExchangedLinesAreFound) {
  write_lines();
  change(
      "UPDATE audit SET number = CASE number WHEN 4 THEN 1005 ELSE 1004 END WHERE host = :host AND number IN "
      "(4, 5)");
  change("UPDATE audit SET number = number - 1000 WHERE host = :host AND number > 1000");
  EXPECT_THAT(problems(), HasSubstr("line 4 does not follow"));
}

TEST_P(AuditTampering, ACutEndIsFound) {
  write_lines();
  const SignedHead signed_end = *trail().newest_head(host());
  change("DELETE FROM audit WHERE host = :host AND number > 8");
  EXPECT_THAT(problems(), HasSubstr("its end is cut off: it had 10 lines, and the last one is 8"));
  // Whoever notes the new end too is found where they cut a signed line.
  change(
      "UPDATE audit_heads SET number = 8, hash = (SELECT hash FROM audit WHERE host = :host AND number = 8) "
      "WHERE host = :host");
  EXPECT_EQ(problems(), "");
  change("DELETE FROM audit WHERE host = :host AND number > 5");
  change(
      "UPDATE audit_heads SET number = 5, hash = (SELECT hash FROM audit WHERE host = :host AND number = 5) "
      "WHERE host = :host");
  EXPECT_THAT(problems(), HasSubstr("a head in the store is of line 7, and the last one is 5"));
  // And who removes that head as well, by one from outside.
  change("DELETE FROM audit_signed_heads WHERE host = :host AND number > 5");
  EXPECT_EQ(problems(), "");
  EXPECT_THAT(problems({signed_end}), HasSubstr("a head from outside is of line 7, and the last one is 5"));
}

TEST_P(AuditTampering, AChainThatWasWrittenAnewIsFoundByItsHeads) {
  write_lines();
  const SignedHead head = *trail().newest_head(host());
  change("UPDATE audit SET event = 'pin-unlocked' WHERE host = :host AND number = 4");
  write_anew_from(4);
  EXPECT_THAT(problems(),
              HasSubstr("line 7 or one before it was changed: a head in the store names another"));
  // Of another head in its place the signature is wrong, or the key.
  change(
      "UPDATE audit_signed_heads SET hash = (SELECT hash FROM audit WHERE host = :host AND number = 7) WHERE "
      "host = :host AND number = 7");
  EXPECT_THAT(problems(), HasSubstr("is not signed as it says"));
  change("DELETE FROM audit_signed_heads WHERE host = :host");
  EXPECT_EQ(problems(), "");
  EXPECT_EQ(of(host()).proven_signed, 0);  // and nothing says that it is proven
  EXPECT_THAT(problems({head}), HasSubstr("a head from outside names another one"));
}

TEST_P(AuditTampering, AHeadOfAForgedKeyProvesNothing) {
  write_lines();
  SignedHead forged = *trail().newest_head(host());
  sign_head(forged, *SigningKey::from_seed(Secret(std::string_view("somebody's seed of thirty-two oc"))));
  const AuditVerdict verdict = verify({forged});
  EXPECT_TRUE(verdict.whole());
  EXPECT_EQ(of(host(), {forged}).proven_outside, 0);
  EXPECT_THAT(verdict.notes, Contains(HasSubstr(forged.public_key)));
  forged.number = 6;
  EXPECT_THAT(problems({forged}), HasSubstr("from outside of line 6 is not signed as it says"));
}

TEST_P(AuditTampering, AMissingChainIsFound) {
  write_lines();
  trail().sign(AuditTrail::When::Now);
  const SignedHead head = *trail().newest_head(host());
  tables().execute("DELETE FROM audit WHERE host = 'beta'");
  EXPECT_THAT(problems(), HasSubstr("beta: its end is cut off"));
  tables().execute("DELETE FROM audit_heads WHERE host = 'beta'");
  EXPECT_THAT(problems(), HasSubstr("beta: its end is cut off"));
  tables().execute("DELETE FROM audit_signed_heads WHERE host = 'beta'");
  // This host's heads say how many chains there were.
  EXPECT_THAT(problems(), HasSubstr("a chain is missing: a head says that there were 2, and there are 1"));
  EXPECT_THAT(problems({beta_}), HasSubstr("the chain beta is missing"));
  tables().execute("DELETE FROM audit_signed_heads");
  EXPECT_EQ(problems(), "");
  EXPECT_THAT(problems({head}), HasSubstr("a chain is missing"));
}

TEST_P(AuditTampering, AChainWithoutItsEndIsFound) {
  write_lines();
  change("DELETE FROM audit_heads WHERE host = :host OR host = 'beta'");
  EXPECT_THAT(problems(), HasSubstr("the store has lost where it ends"));
}

TEST_P(AuditTampering, HeadsAreMadeByLinesAndByTimeAndGoToTheJournal) {
  KeptJournal journal;
  const auto own =
      open_store(location_, OpenMode::CreateIfAbsent, clock_, random_, checkpoints_, nullptr, &journal);
  const PersonId bob = add_person("bob");  // of a store without a journal: its head waits
  EXPECT_EQ(trail().newest_head(host())->number, 1);
  EXPECT_THAT(journal.lines, IsEmpty());
  own->pins().lock(bob, "", marco_);
  EXPECT_EQ(trail().newest_head(host())->number, 1);  // not due
  own->audit().sign(AuditTrail::When::IfDue);
  ASSERT_EQ(journal.lines.size(), 1u);
  EXPECT_EQ(*parse_head(journal.lines[0]), *trail().newest_head(host()));
  tables().execute("UPDATE audit_heads SET signed_at = signed_at - 3600000000");
  clock_.advance(std::chrono::hours(1));
  own->pins().unlock(bob, marco_);
  EXPECT_EQ(trail().newest_head(host())->number, 3);
  EXPECT_EQ(journal.lines.size(), 2u);
  own->audit().sign(AuditTrail::When::Now);  // nothing new
  EXPECT_EQ(journal.lines.size(), 2u);
  // A journal that is away gets it with the next head.
  journal.takes = false;
  tables().execute("UPDATE audit_heads SET signed_number = signed_number - 1000 WHERE host = :host",
                   {{"host", host()}});
  own->pins().lock(bob, "", marco_);
  EXPECT_EQ(trail().newest_head(host())->number, 4);
  EXPECT_EQ(trail().chains().at(0).heads_not_in_journal, 1);
  journal.takes = true;
  own->pins().unlock(bob, marco_);
  own->audit().sign(AuditTrail::When::Now);
  EXPECT_EQ(journal.lines.size(), 4u);
  EXPECT_EQ(trail().chains().at(0).heads_not_in_journal, 0);
}

TEST_P(AuditTampering, ArchivedLinesStandInAFileAndTheRestGoesOn) {
  write_lines();
  const Timestamp later = tables().now() + std::chrono::hours(1);
  const SignedHead outside = *trail().newest_head(host());
  EXPECT_FALSE(trail().archivable(host(), tables().now() - std::chrono::hours(1)));
  const SignedHead closing = *trail().archivable(host(), later);
  EXPECT_EQ(closing.number, 7);  // lines 8 to 10 are covered by no head
  const AuditChain chain = trail().chains().at(host() < "beta" ? 0 : 1);
  std::string file;
  write_segment(trail(), chain, closing, [&](std::string_view piece) { file += piece; });
  trail().note_archived(closing, marco_);
  EXPECT_EQ(problems({outside}), "");  // nothing was removed yet
  EXPECT_EQ(trail().remove_archived(host(), 5), 5u);
  EXPECT_EQ(problems({outside}), "");
  EXPECT_EQ(trail().remove_archived(host(), 5), 2u);
  EXPECT_EQ(problems({outside}), "");
  EXPECT_EQ(of(host(), {outside}).proven_outside, 7);
  EXPECT_EQ(of(host()).archived, 7);
  EXPECT_EQ(trail().find({}, std::nullopt, 100).size(), 3u + 3u + 1u);  // and audit-archived
  EXPECT_THROW(trail().note_archived(closing, marco_), Error);

  const auto judge = [&](std::string content) {
    std::size_t at = 0;
    return verify_segment(
        [&]() -> std::optional<std::string> {
          if (at >= content.size()) return std::nullopt;
          const std::size_t end = content.find('\n', at);
          std::string line = content.substr(at, end - at);
          at = end == std::string::npos ? content.size() : end + 1;
          return line;
        },
        {trail().public_key()});
  };
  SegmentVerdict verdict = judge(file);
  EXPECT_THAT(verdict.problems, IsEmpty());
  EXPECT_TRUE(verdict.trusted);
  EXPECT_EQ(verdict.first, 1);
  EXPECT_EQ(verdict.last, 7);
  std::string changed = file;
  changed.replace(changed.find("marco"), 5, "oscar");
  EXPECT_THAT(judge(changed).problems, Contains(HasSubstr("line 1 was changed")));
  EXPECT_THAT(judge(file.substr(0, file.rfind("{\"closing"))).problems,
              Contains(HasSubstr("no closing head")));
  EXPECT_THROW(judge("something else\n"), Error);

  // A line that is left of the archived ones does not hide that the next one is missing.
  change("DELETE FROM audit WHERE host = :host AND number = 8");
  EXPECT_THAT(problems(), HasSubstr("line 8 is missing"));
}

TEST_P(AuditTampering, WhatIsNotWholeIsNotArchived) {
  write_lines();
  change("UPDATE audit SET operator_name = 'nobody' WHERE host = :host AND number = 4");
  const AuditChain chain = trail().chains().at(host() < "beta" ? 0 : 1);
  EXPECT_THROW(write_segment(trail(), chain, *trail().newest_head(host()), [](std::string_view) {}), Error);
}

TEST_P(AuditTampering, LinesAreFoundByPersonOperatorEventAndTime) {
  write_lines();
  const PersonId bob = add_person("bob");
  pins().lock(bob, "", {.name = "Eva", .origin = "host"});
  const auto count = [&](const AuditQuery& query) { return trail().find(query, std::nullopt, 100).size(); };
  EXPECT_EQ(count({}), 15u);
  EXPECT_EQ(count({.person = bob}), 2u);
  EXPECT_EQ(count({.operator_name = "eva"}), 1u);
  EXPECT_EQ(count({.events = {"pin-set", "pin-locked"}}), 4u);
  EXPECT_EQ(count({.chain = "beta"}), 3u);
  const Timestamp now = tables().now();
  EXPECT_EQ(count({.since = now + std::chrono::hours(1)}), 0u);
  EXPECT_EQ(count({.before = now + std::chrono::hours(1)}), 15u);
  // In pages, and the last ones.
  std::vector<AuditLine> all;
  std::optional<AuditPosition> after;
  for (;;) {
    const auto page = trail().find({}, after, 4);
    all.insert(all.end(), page.begin(), page.end());
    if (page.size() < 4) break;
    after = AuditPosition{page.back().at, page.back().chain, page.back().number};
  }
  EXPECT_EQ(all.size(), 15u);
  EXPECT_EQ(trail().find({}, trail().before_last({}, 2), 100).size(), 2u);
  EXPECT_FALSE(trail().before_last({}, 15));
}

TEST_P(AuditTampering, ChecksByTelephoneAreCounted) {
  LockoutStore& lockouts = store().lockouts();
  const CheckOrigin telephone{.caller = "+14255550100", .address = "192.0.2.7"};
  lockouts.settle({}, "Success", telephone, marco_);
  lockouts.settle({}, "Success", telephone, marco_);
  lockouts.settle({}, "IncorrectPin", telephone, marco_);
  open()->lockouts().settle({}, "Success", telephone, marco_);  // of another process
  lockouts.settle({}, "Success", {}, marco_);                   // Test-CsClientPin is no telephone
  const std::vector<CheckCount> counts = trail().check_counts(std::nullopt, std::nullopt);
  ASSERT_EQ(counts.size(), 2u);
  EXPECT_EQ(counts[0].result, "IncorrectPin");
  EXPECT_EQ(counts[0].checks, 1);
  EXPECT_EQ(counts[1].checks, 3);
  EXPECT_EQ(counts[1].day, day_of(tables().now()));
  EXPECT_TRUE(trail().check_counts(tables().now() + std::chrono::days(1), std::nullopt).empty());
  EXPECT_EQ(number("SELECT COUNT(*) FROM audit"), 0);
}

}  // namespace
}  // namespace dialin::test
