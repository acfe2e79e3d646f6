// SPDX-License-Identifier: Apache-2.0
// How a run comes into being, and how it is looked at.
#include "contract/store/run_test.h"

namespace dialin::test {
namespace {

class RunStaging : public RunTest {};
DIALIN_ON_BOTH_STORES(RunStaging);

TEST_P(RunStaging, ARunIsStagedMadeReadyAndFound) {
  const PersonId bob = add_person("bob"), anna = add_person("anna");
  NewRun wanted = new_run("Users.csv");
  wanted.force = true;
  const RunId run = runs().begin(wanted, living_, marco_);
  RunPlan with_all = plan();
  with_all.content.reply_to = mailbox("Help <help@contoso.com>");
  with_all.content.bcc = {mailbox("audit@contoso.com")};
  with_all.content.mask_pin_in_copies = true;
  with_all.way.tls = WelcomeWay::Tls::Required;
  with_all.way.user = "marco";
  with_all.way.password_source = "prompt";
  EXPECT_EQ(runs().add_plan(run, plan()), 0);
  EXPECT_EQ(runs().add_plan(run, with_all), 1);
  EXPECT_EQ(runs().add_plan(run, plan()), 0);

  StagedRow skipped = waiting_row(2, anna);
  skipped.state = RunRowState::Skipped;
  skipped.code = "PinAlreadySet";
  StagedRow first = waiting_row(1, bob, &pin_);
  first.plan = 1;
  first.to = mailbox("bob@home.example");
  EXPECT_TRUE(runs().stage(run, {first, skipped, invalid_row(3)}).empty());
  EXPECT_EQ(row_seals(), 1);

  const RunRecord staging = *runs().get(run);
  EXPECT_EQ(staging.state, RunState::Staging);
  EXPECT_EQ(staging.stager, living_);
  EXPECT_TRUE(staging.force);
  EXPECT_TRUE(runs().ready().empty());
  EXPECT_FALSE(runs().latest_of_input(wanted.input_hash));
  EXPECT_EQ(runs().list().size(), 1u);
  EXPECT_TRUE(runs().waiting(run, {0, 1}, 0, 10).size() == 1);

  runs().make_ready(run, "two confirmed", marco_);
  EXPECT_EQ(last_event(), "run-started");
  EXPECT_NE(text("SELECT detail FROM audit WHERE event = 'run-started'").find("two confirmed"),
            std::string::npos);
  EXPECT_EQ(refusal([&] { runs().make_ready(run, "", marco_); }), ErrorCode::Precondition);
  const RunRecord record = *runs().find("USERS.CSV");
  EXPECT_EQ(record.id, run);
  EXPECT_EQ(record.state, RunState::Ready);
  EXPECT_EQ(record.operator_name, "marco");
  EXPECT_TRUE(record.ready_at);
  EXPECT_FALSE(record.stager);
  EXPECT_EQ(runs().latest_of_input(wanted.input_hash)->id, run);
  ASSERT_EQ(runs().ready().size(), 1u);

  const RunCounts now = counts(run);
  EXPECT_EQ(now.waiting, 1);
  EXPECT_EQ(now.skipped, 1);
  EXPECT_EQ(now.invalid, 1);
  const std::vector<RunPlan> plans = runs().plans(run);
  ASSERT_EQ(plans.size(), 2u);
  EXPECT_EQ(plans[1].content.reply_to->display_name(), "Help");
  EXPECT_EQ(plans[1].content.bcc.size(), 1u);
  EXPECT_EQ(plans[1].way.tls, WelcomeWay::Tls::Required);
  EXPECT_EQ(plans[1].template_text, "Hello {{PIN}}");

  const std::vector<RunReportRow> report = runs().report(run, 0, 10);
  ASSERT_EQ(report.size(), 3u);
  EXPECT_EQ(report[0].identity, "sip:bob@contoso.com");
  EXPECT_EQ(report[0].address, "bob@home.example");
  EXPECT_TRUE(report[0].had_pin);
  EXPECT_EQ(report[1].address, "anna@contoso.com");
  EXPECT_EQ(report[2].code, "UserDoesNotExist");
  EXPECT_EQ(runs().report(run, 2, 10).size(), 1u);
}

TEST_P(RunStaging, APersonStandsInARunOnce) {
  const PersonId bob = add_person("bob"), anna = add_person("anna");
  const RunId run = runs().begin(new_run(), living_, marco_);
  const auto in_one_call = runs().stage(run, {waiting_row(1, bob), waiting_row(2, bob, &pin_)});
  ASSERT_EQ(in_one_call.size(), 1u);
  EXPECT_EQ(in_one_call[0].line, 2);
  EXPECT_EQ(in_one_call[0].earlier_line, 1);
  const auto in_another = runs().stage(run, {waiting_row(3, anna), waiting_row(4, bob, &pin_)});
  ASSERT_EQ(in_another.size(), 1u);
  EXPECT_EQ(in_another[0].line, 4);
  EXPECT_EQ(in_another[0].earlier_line, 1);
  EXPECT_EQ(row_seals(), 0);
  EXPECT_EQ(counts(run).invalid, 2);
  EXPECT_EQ(counts(run).waiting, 2);
  EXPECT_TRUE(runs().report(run, 3, 1).at(0).had_pin);
}

TEST_P(RunStaging, AThousandRowsAreOneCall) {
  std::vector<StagedRow> rows;
  for (int i = 1; i <= 1000; ++i) rows.push_back(invalid_row(i, std::string(320, 'x')));
  const RunId run = runs().begin(new_run(), living_, marco_);
  runs().stage(run, rows);
  EXPECT_EQ(counts(run).invalid, 1000);
  rows.push_back(invalid_row(1001));
  EXPECT_EQ(refusal([&] { runs().stage(run, rows); }), ErrorCode::Internal);
}

TEST_P(RunStaging, NamesAreUniqueWithoutCase) {
  runs().begin(new_run("users"), living_, marco_);
  EXPECT_EQ(refusal([&] { runs().begin(new_run("USERS"), living_, marco_); }), ErrorCode::AlreadyExists);
}

TEST_P(RunStaging, WhatWasNeverReadyIsDiscardedWithItsSeals) {
  const PersonId bob = add_person("bob");
  const auto staged = [&](const std::string& name, const ProcessIdentity& stager) {
    const RunId run = runs().begin(new_run(name), stager, marco_);
    runs().add_plan(run, plan());
    runs().stage(run, {waiting_row(1, bob, &pin_)});
    return run;
  };
  const RunId discarded = staged("discarded", living_);
  runs().discard(discarded);
  EXPECT_FALSE(runs().get(discarded));
  EXPECT_EQ(row_seals(), 0);

  const RunId alive = staged("alive", living_), orphan = staged("orphan", gone_);
  ProcessIdentity elsewhere = living_;
  elsewhere.host = "another-host";
  const RunId far = staged("far", elsewhere);
  const RunId ready = staged("ready", gone_);
  runs().make_ready(ready, "", marco_);
  EXPECT_EQ(runs().sweep_abandoned(), 1u);
  EXPECT_FALSE(runs().get(orphan));
  EXPECT_TRUE(runs().get(far));
  let_pass(std::chrono::hours(25));
  EXPECT_EQ(runs().sweep_abandoned(), 1u);
  EXPECT_FALSE(runs().get(far));
  EXPECT_TRUE(runs().get(alive));
  EXPECT_TRUE(runs().get(ready));
  EXPECT_EQ(row_seals(), 2);
  EXPECT_EQ(refusal([&] { runs().discard(ready); }), ErrorCode::Precondition);
  EXPECT_EQ(refusal([&] { runs().stage(ready, {}); }), ErrorCode::Precondition);
  // Cancelled while it is staged: nothing of it stays.
  EXPECT_EQ(runs().cancel(alive, marco_), 0);
  EXPECT_FALSE(runs().get(alive));
}

TEST_P(RunStaging, AnUnknownRunIsNotFound) {
  const RunId none = "no such run";
  EXPECT_FALSE(runs().get(none));
  EXPECT_FALSE(runs().find(none));
  for (const auto& call : std::vector<std::function<void()>>{
           [&] { runs().counts(none); }, [&] { runs().report(none, 0, 1); }, [&] { runs().discard(none); },
           [&] { runs().add_plan(none, plan()); }, [&] { runs().stage(none, {}); },
           [&] { runs().make_ready(none, "", marco_); }, [&] { runs().resume(none, marco_); },
           [&] { runs().pause(none, {}, marco_); }, [&] { runs().retry(none, marco_); },
           [&] { runs().cancel(none, marco_); }, [&] { runs().finish(none, marco_); }})
    EXPECT_EQ(refusal(call), ErrorCode::NotFound);
}

TEST_P(RunStaging, WhoeverWaitsIsShownWithEverythingThatChoosingAPinNeeds) {
  const PersonId bob = add_person("bob", "+1 425 555 1297"), anna = add_person("anna", "+1 425 555 1297");
  const PersonId carl = add_person("carl"), dora = add_person("dora");
  const RunId run = runs().begin(new_run(), living_, marco_);
  runs().add_plan(run, plan());
  runs().add_plan(run, plan("other.contoso.com"));
  std::vector<StagedRow> rows = {waiting_row(1, bob, &pin_), waiting_row(2, carl), waiting_row(3, anna),
                                 waiting_row(4, dora)};
  rows[1].plan = 1;
  runs().stage(run, rows);
  runs().make_ready(run, "", marco_);
  set_pin(carl);
  pins().lock(carl, "leaving", marco_);
  issue(dora);

  const std::vector<WaitingRow> all = runs().waiting(run, {0, 1}, 0, 10);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_TRUE(all[0].shares_number);
  ASSERT_TRUE(all[0].pin);
  EXPECT_TRUE(all[0].pin->same_as(pin_));
  EXPECT_EQ(all[0].record.version, all[0].staged_version);
  EXPECT_EQ(all[0].person.mail->address(), "bob@contoso.com");
  EXPECT_FALSE(all[1].shares_number);
  EXPECT_FALSE(all[1].pin);
  EXPECT_GT(all[1].record.version, all[1].staged_version);
  EXPECT_TRUE(all[1].record.verifier);
  EXPECT_EQ(all[1].record.lock->reason, "leaving");
  EXPECT_FALSE(all[1].unfinished_welcome);
  EXPECT_TRUE(all[3].unfinished_welcome);

  EXPECT_EQ(runs().waiting(run, {1}, 0, 10).at(0).line, 2);
  const auto page = runs().waiting(run, {0, 1}, 1, 2);
  ASSERT_EQ(page.size(), 2u);
  EXPECT_EQ(page[0].line, 2);
  EXPECT_EQ(page[1].line, 3);
  EXPECT_TRUE(runs().waiting(run, {}, 0, 10).empty());
}

}  // namespace
}  // namespace dialin::test
