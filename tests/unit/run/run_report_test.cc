// SPDX-License-Identifier: Apache-2.0
#include "run/run_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "unit/run/input_pieces.h"

namespace dialin::test {
namespace {

using testing::HasSubstr;

[[noreturn]] void not_expected() {
  throw std::logic_error("the report did not need to ask this");
}

// Only a report can be read.
class ReportedRun final : public RunStore {
 public:
  std::vector<RunReportRow> rows;

  std::vector<RunReportRow> report(const RunId&, std::int64_t after_line, std::size_t limit) override {
    std::vector<RunReportRow> page;
    for (const RunReportRow& row : rows) {
      if (row.line > after_line && page.size() < limit) page.push_back(row);
    }
    return page;
  }

  RunId begin(const NewRun&, const ProcessIdentity&, const Operator&) override { not_expected(); }
  int add_plan(const RunId&, const RunPlan&) override { not_expected(); }
  std::vector<Duplicate> stage(const RunId&, const std::vector<StagedRow>&) override { not_expected(); }
  void set_input_hash(const RunId&, const std::string&) override { not_expected(); }
  void make_ready(const RunId&, const std::string&, const Operator&) override { not_expected(); }
  void discard(const RunId&) override { not_expected(); }
  std::size_t sweep_abandoned() override { not_expected(); }
  std::optional<RunRecord> get(const RunId&) override { not_expected(); }
  std::optional<RunRecord> find(const std::string&) override { not_expected(); }
  std::optional<RunRecord> latest_of_input(const std::string&) override { not_expected(); }
  std::vector<RunRecord> list() override { not_expected(); }
  std::vector<RunRecord> ready() override { not_expected(); }
  RunCounts counts(const RunId&) override { not_expected(); }
  std::vector<RunPlan> plans(const RunId&) override { not_expected(); }
  std::map<std::string, std::set<int>> plans_of_sites(const RunId&) override { not_expected(); }
  std::vector<WaitingRow> waiting(const RunId&, const std::vector<int>&, std::int64_t, std::size_t) override {
    not_expected();
  }
  std::vector<RowIssue> issue(const RunId&, const std::vector<IssueRow>&, const ProcessIdentity&,
                              std::chrono::seconds, const Operator&) override {
    not_expected();
  }
  void settle(const RunId&, const std::vector<SettledRow>&, const Operator&) override { not_expected(); }
  std::vector<WelcomeId> due(const RunId&, const std::vector<int>&, std::size_t) override { not_expected(); }
  std::optional<Timestamp> next_due(const RunId&) override { not_expected(); }
  bool anything_left(const RunId&, const std::vector<int>&) override { not_expected(); }
  bool worked_on(const RunId&) override { not_expected(); }
  bool change_way(const RunId&, const WelcomeWay&, const WelcomeWay&, const Operator&) override {
    not_expected();
  }
  std::vector<WelcomeId> fail_held(const RunId&, const std::optional<std::string>&,
                                   const Operator&) override {
    not_expected();
  }
  std::size_t release_held(const RunId&) override { not_expected(); }
  bool change_sender(const RunId&, const Mailbox&, const Mailbox&, const Operator&) override {
    not_expected();
  }
  bool pause(const RunId&, const RunPause&, const Operator&) override { not_expected(); }
  bool resume(const RunId&, const Operator&) override { not_expected(); }
  Retry retry(const RunId&, const Operator&) override { not_expected(); }
  std::vector<Duplicate> restage(const RunId&, const std::vector<StagedRow>&, const Operator&) override {
    not_expected();
  }
  std::int64_t cancel(const RunId&, const Operator&) override { not_expected(); }
  bool finish(const RunId&, const Operator&) override { not_expected(); }
};

RunReportRow issued(std::int64_t line, WelcomeState state, ServerWords words = {}) {
  const Mailbox mailbox = *Mailbox::parse("bob@contoso.com");
  WelcomeRow welcome{.content = {.to = mailbox, .from = mailbox}};
  welcome.state = state;
  welcome.words = std::move(words);
  RunReportRow row{.line = line,
                   .identity = "sip:person" + std::to_string(line) + "@contoso.com",
                   .address = "person" + std::to_string(line) + "@contoso.com",
                   .state = RunRowState::Issued};
  row.welcome = std::move(welcome);
  return row;
}

std::string results(const RunReportRow& row) {
  const RunReportLine line = report_line(row);
  return line.pin_result + " " + line.mail_result + " " + line.code;
}

TEST(RunReport, SaysWhatBecameOfAWelcome) {
  RunReportRow sent = issued(2, WelcomeState::Sent, {250, "2.0.0", "queued as 7"});
  EXPECT_EQ(results(sent), "Set Sent 250 2.0.0");
  EXPECT_EQ(report_line(sent).detail, "queued as 7");
  sent.welcome->replaces_pin = true;
  EXPECT_EQ(results(sent), "Replaced Sent 250 2.0.0");
  sent.welcome->arrived_invalid = true;
  sent.welcome->detail = "superseded by Set-CsClientPin";
  EXPECT_EQ(results(sent), "Kept Sent 250 2.0.0");
  EXPECT_THAT(report_line(sent).detail, HasSubstr("its PIN is not valid: superseded by Set-CsClientPin"));
  EXPECT_EQ(results(issued(2, WelcomeState::Failed, {550, "5.1.1", "no"})), "Kept Failed 550 5.1.1");
  EXPECT_EQ(results(issued(2, WelcomeState::Queued)), "Kept Queued ");
  EXPECT_EQ(results(issued(2, WelcomeState::Sending)), "Kept Queued ");
  EXPECT_EQ(results(issued(2, WelcomeState::Uncertain)), "Kept Uncertain ");
  EXPECT_EQ(results(issued(2, WelcomeState::Superseded)), "Kept NotSent ");
  EXPECT_EQ(results(issued(2, WelcomeState::Cancelled)), "Kept NotSent ");
  RunReportRow held = issued(2, WelcomeState::Queued, {550, "5.7.1", "denied"});
  held.welcome->held = true;
  EXPECT_THAT(report_line(held).detail, testing::StartsWith("held"));
}

TEST(RunReport, SaysWhatBecameOfOtherRows) {
  EXPECT_EQ(results({.state = RunRowState::Waiting}), "Kept Queued ");
  EXPECT_EQ(results({.state = RunRowState::Skipped, .code = "PinAlreadySet"}),
            "AlreadySet Skipped PinAlreadySet");
  EXPECT_EQ(results({.state = RunRowState::Skipped, .code = "UserPinAccountLocked"}),
            "Kept Skipped UserPinAccountLocked");
  EXPECT_EQ(results({.state = RunRowState::Invalid, .code = "UserDoesNotExist"}),
            " Invalid UserDoesNotExist");
  EXPECT_EQ(results({.state = RunRowState::NotSent}), "Kept NotSent ");
  EXPECT_THAT(report_line({.state = RunRowState::Invalid, .detail = "nobody", .had_pin = true}).detail,
              HasSubstr("nobody; the row named a PIN"));
}

TEST(RunReport, NamesCopiesThatFailed) {
  RunReportRow row = issued(2, WelcomeState::Sent, {250, "2.0.0", "ok"});
  row.copy_failures = {"audit@contoso.com: 550 5.1.1 no such user"};
  EXPECT_EQ(report_line(row).detail, "ok; copy to audit@contoso.com: 550 5.1.1 no such user");
}

TEST(RunReport, IsCsvThatARunTakesAgain) {
  ReportedRun run;
  run.rows = {issued(2, WelcomeState::Sent, {250, "2.0.0", "=cmd(\"x\"), ok"}),
              issued(3, WelcomeState::Failed, {550, "5.1.1", "no such user"}),
              {.line = 4, .identity = "+1 (425) 555", .state = RunRowState::Invalid, .code = "InvalidRow"}};
  std::string text;
  write_run_report(run, "run", [&](std::string_view piece) { text += piece; });
  EXPECT_EQ(text,
            "Line,Identity,UserEmailAddress,PinResult,MailResult,Code,Detail\r\n"
            "2,sip:person2@contoso.com,person2@contoso.com,Set,Sent,250 2.0.0,\"'=cmd(\"\"x\"\"), ok\"\r\n"
            "3,sip:person3@contoso.com,person3@contoso.com,Kept,Failed,550 5.1.1,no such user\r\n"
            "4,'+1 (425) 555,,,Invalid,InvalidRow,\r\n");
  const auto again = csv_run_input(CsvReader(pieces_of(text), "report.csv"), parameter_names());
  EXPECT_TRUE(again->unknown_columns().empty());
  const auto rows = all_rows(*again);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_TRUE(rows[0].already_sent);
  EXPECT_FALSE(rows[1].already_sent || rows[2].already_sent);
  EXPECT_EQ(rows[1].identity, "sip:person3@contoso.com");
  EXPECT_EQ(rows[2].identity, "+1 (425) 555");
}

TEST(RunReport, ReadsPageAfterPage) {
  ReportedRun run;
  for (std::int64_t line = 1; line <= 2500; ++line) run.rows.push_back(issued(2 * line, WelcomeState::Sent));
  std::int64_t lines = 0;
  write_run_report(run, "run",
                   [&](std::string_view piece) { lines += std::count(piece.begin(), piece.end(), '\n'); });
  EXPECT_EQ(lines, 2501);
}

TEST(RunReport, GroupsFailuresByReason) {
  ReportedRun run;
  run.rows = {issued(2, WelcomeState::Failed, {550, "5.1.1", "no such user"}),
              issued(3, WelcomeState::Failed, {550, "5.1.1", "nobody here"}),
              issued(4, WelcomeState::Uncertain),
              issued(5, WelcomeState::Sent, {250, "2.0.0", "ok"}),
              {.line = 6, .state = RunRowState::Invalid, .code = "UserDoesNotExist", .detail = "nobody"},
              {.line = 7, .state = RunRowState::Skipped, .code = "PinAlreadySet"}};
  const auto groups = failures_by_reason(run, "run");
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups.at("550 5.1.1").count, 2);
  EXPECT_EQ(groups.at("550 5.1.1").example, "no such user");
  EXPECT_EQ(groups.at("Uncertain").count, 1);
  EXPECT_EQ(groups.at("UserDoesNotExist").example, "nobody");
}

}  // namespace
}  // namespace dialin::test
