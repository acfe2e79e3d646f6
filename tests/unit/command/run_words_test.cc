// SPDX-License-Identifier: Apache-2.0
// What is said of a run: preview, bad rows, question, outcome; and the limits of mail servers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "command/relay_limits.h"
#include "command/run_output.h"
#include "command/run_preview.h"
#include "command/run_questions.h"

namespace dialin {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

RunSummary a_summary() {
  RunSummary summary;
  summary.rows = 1000;
  summary.first = 900;
  summary.by_site = {{"", 700}, {"Paris", 200}};
  summary.by_language = {{"en", 700}, {"fr", 200}};
  summary.by_template = {{"built-in", 900}};
  summary.by_sender = {{"marco@contoso.com", 900}};
  summary.by_server = {{"mail.contoso.com:25, TLS if offered", 900}};
  summary.already_set = 95;
  summary.locked = 3;
  summary.disabled = 2;
  summary.samples = {{"sip:bob@contoso.com", "bob@contoso.com", "Welcome", "en"}};
  return summary;
}

RelayPreview a_relay(const RelayLimit& limit) {
  return {.way = {.server = "mail.contoso.com", .user = {}, .password_source = {}},
          .stated = {.limit = limit, .connections = 2, .words = describe(limit)},
          .state = std::nullopt};
}

TEST(RunPreview, SaysWhoGetsWhat) {
  const std::string text = describe_run(a_summary(), "users.csv", {a_relay({.messages = 30})});
  EXPECT_EQ(text,
            "From:           users.csv, 1,000 rows\n"
            "To welcome:     900\n"
            "Left alone:     95 have a PIN, 3 are locked, 2 are disabled\n"
            "Sites:          (none) 700, Paris 200\n"
            "Languages:      en 700, fr 200\n"
            "Templates:      built-in 900\n"
            "Senders:        marco@contoso.com 900\n"
            "Servers:        mail.contoso.com:25, TLS if offered 900\n"
            "Limits:         mail.contoso.com:25, TLS if offered: 30 a minute\n"
            "Expected time:  30 min at least\n"
            "For example:    sip:bob@contoso.com at bob@contoso.com: \"Welcome\" (en)\n");
}

TEST(RunPreview, SaysWhatIsDangerous) {
  RunSummary summary = a_summary();
  summary.replaced = 40;
  summary.replaced_recent = 7;
  summary.copies = 940;
  summary.unmasked_readers = {{"audit@contoso.com", 940}};
  summary.foreign = 6;
  summary.foreign_examples = {"a@example.net"};
  const std::string text = describe_run(summary, "users.csv", {});
  EXPECT_THAT(
      text,
      AllOf(HasSubstr("940: 900 get a first PIN, 40 another one, 7 of these although"),
            HasSubstr("audit@contoso.com would read 940 PINs"),
            HasSubstr("6 PINs would go to addresses outside of the allowed domains: a@example.net, ..."),
            HasSubstr("no limit is known")));
  const RunQuestion question = question_about(summary);
  EXPECT_TRUE(question.must_be_answered);
  EXPECT_THAT(question.text, AllOf(HasSubstr("Welcome 940 people (40 PINs are replaced, 7 of them"),
                                   HasSubstr("1 addresses get copies that show up to 940 PINs"),
                                   HasSubstr("6 PINs go outside")));
  EXPECT_THAT(confirmed_note(summary), AllOf(HasSubstr("confirmed: 40 PINs"), Not(HasSubstr("@"))));
}

TEST(RunPreview, ACleanRunNeedsNoAnswerBeforehand) {
  const RunQuestion question = question_about(a_summary());
  EXPECT_FALSE(question.must_be_answered);
  EXPECT_EQ(question.text, "Welcome 900 people?");
  EXPECT_THAT(confirmed_note(a_summary()), IsEmpty());
}

TEST(RunPreview, TextFromOutsideDrivesNoTerminal) {
  RunSummary summary = a_summary();
  summary.by_site["\x1b[2J"] = 1;
  EXPECT_THAT(describe_run(summary, "\x1b]0;x\a.csv", {}), Not(HasSubstr("\x1b")));
}

TEST(RunPreview, FortyThousandBadRowsStayReadable) {
  RunSummary summary;
  summary.bad = 40000;
  summary.bad_by_reason = {{"InvalidRow", 10000}, {"UserDoesNotExist", 30000}};
  for (int i = 0; i < 1000; ++i)
    summary.bad_rows.push_back({i + 2, "x", "UserUri", "UserDoesNotExist", "there is no person \"x\""});
  const std::string text = describe_bad_rows(summary, "users.csv");
  EXPECT_EQ(std::ranges::count(text, '\n'), 25 + 1 + 2);
  EXPECT_THAT(text, AllOf(HasSubstr("users.csv:2: UserUri: there is no person \"x\"\n"),
                          HasSubstr("... and 39,975 more bad rows. All of them by reason:\n"),
                          HasSubstr("   30,000  UserDoesNotExist\n")));
  EXPECT_THAT(describe_bad_rows({}, "users.csv"), IsEmpty());
}

WelcomeWay way_to(const std::string& server) {
  return {.server = server, .user = {}, .password_source = {}};
}

TEST(RelayLimits, PublishedOnesHoldUnlessToldOtherwise) {
  const Configuration configuration = load_configuration(std::nullopt, {});
  const StatedLimit published = stated_limit(configuration, way_to("smtp.office365.com"), {});
  EXPECT_EQ(published.limit, (RelayLimit{.messages = 30, .period = 60s, .connections = 3, .daily = 10000}));
  EXPECT_EQ(published.connections, 3);
  EXPECT_EQ(published.words,
            "3 connections, 30 a minute, 10,000 a day (published by Exchange Online, as of 2026-02)");
  const StatedLimit typed = stated_limit(configuration, way_to("smtp.office365.com"),
                                         {.rate = MessageRate{20, 60s}, .connections = 1});
  EXPECT_EQ(typed.limit, (RelayLimit{.messages = 20, .period = 60s, .connections = 1, .daily = 10000}));
  EXPECT_THAT(typed.words, AllOf(HasSubstr("1 connection (-Connections)"), HasSubstr("20 a minute (-Rate)"),
                                 HasSubstr("10,000 a day (published")));
  // A rate a day is the daily limit; the pace stays.
  const StatedLimit daily =
      stated_limit(configuration, way_to("smtp.office365.com"), {.rate = MessageRate{20000, 24h}});
  EXPECT_EQ(daily.limit.daily, 20000);
  EXPECT_EQ(daily.limit.messages, 30);
}

TEST(RelayLimits, TheConfigurationSpeaksOfItsOwnServer) {
  const Configuration configuration =
      load_configuration(std::nullopt, {{"DIALIN_SMTP_SERVER", "mail.contoso.com"},
                                        {"DIALIN_SMTP_RATE", "5/s"},
                                        {"DIALIN_SMTP_CONNECTIONS", "4"}});
  EXPECT_EQ(stated_limit(configuration, way_to("mail.contoso.com"), {}).limit,
            (RelayLimit{.messages = 5, .period = 1s, .connections = 4}));
  const StatedLimit other = stated_limit(configuration, way_to("mail.example.net"), {});
  EXPECT_EQ(other.limit, RelayLimit());
  EXPECT_EQ(other.connections, 2);
}

TEST(RelayLimits, TheExpectedTimeFollowsPaceAndDays) {
  EXPECT_EQ(least_time(300, {.messages = 30, .period = 60s}, std::nullopt), 600s);
  EXPECT_EQ(least_time(300, {}, std::nullopt), std::nullopt);
  EXPECT_EQ(least_time(25000, {.messages = 30, .period = 60s, .daily = 10000}, std::nullopt), 48h);
  RelayState slowed;
  slowed.rate_now = 0.25;
  slowed.sent_today = 9900;
  EXPECT_EQ(least_time(100, {.messages = 30, .period = 60s, .daily = 10000}, slowed), 400s);
  EXPECT_EQ(least_time(101, {.messages = 30, .period = 60s, .daily = 10000}, slowed), 24h);
}

RunOutcome an_outcome(RunEnd end) {
  RunOutcome outcome;
  outcome.record.name = "march";
  outcome.end = end;
  return outcome;
}

TEST(RunExitCode, TheWorstThatIsTrueCounts) {
  RunOutcome outcome = an_outcome(RunEnd::Finished);
  EXPECT_EQ(exit_code_of(outcome), 0);
  outcome.counts.skipped = 5;
  outcome.counts.not_sent = 5;
  outcome.counts.copies_failed = 5;
  EXPECT_EQ(exit_code_of(outcome), 0);
  outcome.end = RunEnd::Waiting;
  EXPECT_EQ(exit_code_of(outcome), 75);
  outcome.counts.uncertain = 1;
  EXPECT_EQ(exit_code_of(outcome), 1);
  outcome.end = RunEnd::Paused;
  EXPECT_EQ(exit_code_of(outcome), 1);
  outcome.record.pause =
      RunPause{.reason = RunPause::Reason::Password, .words = {}, .since = {}, .until = {}};
  EXPECT_EQ(exit_code_of(outcome), 77);
  outcome.error = Error(ErrorCode::Configuration, "no password");
  EXPECT_EQ(exit_code_of(outcome), 78);
  outcome.end = RunEnd::Interrupted;
  EXPECT_EQ(exit_code_of(outcome), 130);
}

TEST(RunOutput, FailuresStandByReasonTheMostFrequentFirst) {
  EXPECT_THAT(failure_table({}), IsEmpty());
  EXPECT_EQ(
      failure_table({{"452 4.2.2", {2, "mailbox full"}}, {"550 5.1.1", {1200, "no such\x1b[2J user"}}}),
      "Failures by reason:\n    1,200  550 5.1.1: no such [2J user\n        2  452 4.2.2: mailbox full\n");
}

TEST(RunOutput, APauseSaysWhyAndWhatEndsIt) {
  const RunPause pause{.reason = RunPause::Reason::DailyLimit,
                       .words = "550 5.4.5 limit exceeded",
                       .since = Timestamp(1h),
                       .until = Timestamp(25h)};
  EXPECT_EQ(
      describe(pause, "my run"),
      "the mail server's daily limit is used up (since 1970-01-01T01:00:00Z): 550 5.4.5 limit exceeded. It "
      "goes on by itself at 1970-01-02T01:00:00Z, or before: `dialin run resume 'my run'` goes on.");
  EXPECT_EQ(shell_word("users.csv-20260301-101407"), "users.csv-20260301-101407");
  EXPECT_EQ(shell_word("a'b$(x)"), "'a'\\''b$(x)'");
}

}  // namespace
}  // namespace dialin
