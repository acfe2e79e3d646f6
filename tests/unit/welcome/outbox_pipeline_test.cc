// SPDX-License-Identifier: Apache-2.0
// What the threads of a pipeline throw: it comes out of run_pipeline(), after every row was given back.
#include "welcome/outbox_pipeline.h"

#include <gmock/gmock.h>

#include "unit/welcome/workplace.h"

namespace dialin::test {
namespace {

using testing::HasSubstr;

class PipelineErrors : public Workplace, protected RowSource {
 protected:
  PipelineErrors() {
    settings_.trust_of = [](const WelcomeWay&) { return ServerTrust(); };
    settings_.organisation_of = [](const Person&) { return OrganisationValues(); };
    settings_.hash_cost = {.memory_kib = 8, .passes = 1};
    settings_.hash_threads = 2;
    store_.outbox().on_record = [this](const std::vector<AttemptRecord>& records) {
      std::vector<RecordResult> results;
      for (const AttemptRecord& record : records) {
        recorded_.emplace_back(record.id, record.end);
        RecordResult& result = results.emplace_back();
        result.outcome = RecordResult::Outcome::Queued;
        result.state = WelcomeState::Queued;
      }
      return results;
    };
  }

  PipelineReport run() { return run_pipeline(environment_, settings_, way(), UnclearRefusals::Hold, *this); }

  std::vector<ClaimedWelcome> claim(std::size_t) override {
    if (store_fails_) throw Error(ErrorCode::Unavailable, "the store is away");
    std::vector<ClaimedWelcome> rows;
    for (; left_ > 0; --left_) rows.push_back(claimed("p" + std::to_string(left_)));
    return rows;
  }
  bool exhausted() override { return left_ == 0; }
  bool recorded(std::vector<RowOutcome> outcomes) override {
    for (RowOutcome& outcome : outcomes) outcomes_.push_back(std::move(outcome));
    return true;
  }

  int left_ = 3;
  bool store_fails_ = false;
  std::vector<std::pair<WelcomeId, AttemptRecord::End>> recorded_;
  std::vector<RowOutcome> outcomes_;
};

// `template_text` of the rows is empty: none of the mails can be made.
TEST_F(PipelineErrors, OfPreparationEndTheirRowsAndNothingElse) {
  const PipelineReport report = run();
  EXPECT_FALSE(report.problem);
  ASSERT_EQ(outcomes_.size(), 3u);
  for (const RowOutcome& outcome : outcomes_) EXPECT_TRUE(outcome.error);
  for (const auto& [id, end] : recorded_) EXPECT_EQ(end, AttemptRecord::End::Deferred);
  EXPECT_TRUE(server_.arrived.empty());
}

TEST_F(PipelineErrors, OfTheTransportComeOutInTheEnd) {
  server_.connecting = [] { throw Error(ErrorCode::Configuration, "no access token"); };
  try {
    run();
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "no access token");
  }
  EXPECT_TRUE(recorded_.empty());  // nothing is claimed before a session is ready
}

TEST_F(PipelineErrors, OfTheStoreEndTheSessionsFirst) {
  store_fails_ = true;
  EXPECT_THROW(run(), Error);
  EXPECT_EQ(server_.sessions.size(), 1u);
}

TEST_F(PipelineErrors, OfRecordingSayWhatWasAccepted) {
  int tries = 0;
  store_.outbox().on_record = [&](const std::vector<AttemptRecord>&) -> std::vector<RecordResult> {
    ++tries;
    throw Error(ErrorCode::Unavailable, "the store is away");
  };
  EXPECT_THROW(run(), Error);
  EXPECT_GE(tries, 5);
}

TEST_F(PipelineErrors, AnInterruptedSessionClaimsNothing) {
  server_.connecting = [&] { interrupted_ = true; };
  run();
  EXPECT_EQ(left_, 3);
  EXPECT_TRUE(recorded_.empty());
  EXPECT_TRUE(server_.arrived.empty());
}

}  // namespace
}  // namespace dialin::test
