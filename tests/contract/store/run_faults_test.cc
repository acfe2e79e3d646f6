// SPDX-License-Identifier: Apache-2.0
// A worker that meets a fault at each of its calls and begins again: everybody is welcomed once.
#include "contract/store/run_test.h"
#include "support/fault_injecting_store.h"

namespace dialin::test {
namespace {

using End = AttemptRecord::End;
using std::chrono::seconds;

class RunFaults : public RunTest {
 protected:
  AttemptRecord accepted(const WelcomeId& id, const std::string& claim_id) {
    AttemptRecord record;
    record.id = id;
    record.claim_id = claim_id;
    record.end = End::Accepted;
    record.words.reply_code = 250;
    record.server = "mail.contoso.com:25";
    record.sent_to = "somebody@contoso.com";
    record.verifier = &verifier_;
    record.pin = &pin_;
    return record;
  }

  // One attempt at the whole run, from whatever the ones before have left.
  void attempt(Store& store, const std::string& name) {
    RunStore& runs = store.runs();
    std::optional<RunRecord> record = runs.find(name);
    if (record && record->state == RunState::Staging) {
      runs.discard(record->id);
      record.reset();
    }
    const RunId run = record ? record->id : runs.begin(new_run(name), living_, marco_);
    if (!record) {
      runs.add_plan(run, plan());
      std::vector<StagedRow> rows;
      for (std::size_t i = 0; i < people_.size(); ++i)
        rows.push_back(waiting_row(static_cast<std::int64_t>(i) + 1, people_[i], &pin_));
      runs.stage(run, rows);
      runs.make_ready(run, "", marco_);
    }
    for (bool more = true; more;) {
      more = false;
      for (const WelcomeId& id : runs.due(run, {0}, 10)) {
        const ClaimResult claim = store.outbox().claim(id, ClaimReason::Due, gone_, seconds(60));
        if (!claim.claimed) continue;
        more = true;
        store.outbox().record({accepted(id, claim.claimed->claim_id)}, marco_);
      }
      std::vector<IssueRow> rows;
      for (const WaitingRow& row : runs.waiting(run, {0}, 0, 2)) rows.push_back(issue_row(row, pin_));
      for (const RowIssue& row : runs.issue(run, rows, gone_, seconds(60), marco_)) {
        if (row.outcome != RowIssue::Outcome::Issued) continue;
        more = true;
        store.outbox().record({accepted(row.welcome, row.claim_id)}, marco_);
      }
    }
    EXPECT_TRUE(runs.finish(run, marco_));
  }

  Secret verifier_{std::string_view("$argon2id$v=19$m=8,t=1,p=1$welcome")};
};
DIALIN_ON_BOTH_STORES(RunFaults);

TEST_P(RunFaults, AFaultAtAnyCallLosesNobodyAndWelcomesNobodyTwice) {
  for (int i = 0; i < 3; ++i) people_.push_back(add_person(fmt::format("person{}", i)));
  FaultInjectingStore faulty(open());
  for (const Fault fault : {Fault::NotDone, Fault::AnswerLost}) {
    bool reached = true;
    for (int call = 1; reached; ++call) {
      SCOPED_TRACE(fmt::format("call {}, {}", call, fault == Fault::NotDone ? "not done" : "answer lost"));
      const std::string name = fmt::format("run {} {}", static_cast<int>(fault), call);
      const int before = faulty.plan.failed();
      faulty.plan.fail_at(call, fault);
      bool done = false;
      for (int i = 0; i < 3 && !done; ++i) {
        try {
          attempt(faulty, name);
          done = true;
        } catch (const Error& error) {
          ASSERT_EQ(error.code(), ErrorCode::Unavailable) << error.what();
        }
      }
      ASSERT_TRUE(done);
      reached = faulty.plan.failed() > before;
      const RunId run = runs().find(name)->id;
      EXPECT_EQ(counts(run).sent, 3);
      EXPECT_EQ(runs().get(run)->state, RunState::Finished);
      EXPECT_EQ(number("SELECT COUNT(*) FROM welcomes WHERE run = :run", {{"run", run}}), 3);
      EXPECT_EQ(row_seals(), 0);
      for (const PersonId& person : people_) EXPECT_EQ(verifier_of(person), "welcome");
    }
  }
  EXPECT_EQ(number("SELECT COUNT(*) FROM welcomes WHERE state <> 'sent'"), 0);
}

}  // namespace
}  // namespace dialin::test
