// SPDX-License-Identifier: Apache-2.0
// Runs of people in each state, for the tests of RunStore.
#pragma once

#include <fmt/format.h>

#include "contract/store/store_test.h"

namespace dialin::test {

class RunTest : public StoreTest {
 protected:
  RunStore& runs() { return store().runs(); }

  static NewRun new_run(const std::string& name = "users.csv") {
    return {.name = name, .source = "users.csv", .input_hash = "hash of " + name};
  }
  RunPlan plan(const std::string& server = "mail.contoso.com",
               const std::string& from = "marco@contoso.com") {
    RunPlan plan{.content = {.to = mailbox(from), .from = mailbox(from)}};
    plan.content.subject = "Welcome";
    plan.content.language = "en";
    plan.content.template_hash = "hash of the template";
    plan.template_text = "Hello {{PIN}}";
    plan.way.server = server;
    return plan;
  }
  StagedRow waiting_row(std::int64_t line, const PersonId& person, const Pin* pin = nullptr) {
    StagedRow row;
    row.line = line;
    row.identity = people().get(person)->sip_address.uri();
    row.person = person;
    row.version = version_of(person);
    row.pin = pin;
    return row;
  }
  static StagedRow invalid_row(std::int64_t line, const std::string& identity = "nobody") {
    StagedRow row;
    row.line = line;
    row.identity = identity;
    row.state = RunRowState::Invalid;
    row.code = "UserDoesNotExist";
    row.detail = "there is nobody with that name";
    return row;
  }

  // `count` people, person0 on lines 1 and so on, in a run that is ready.
  RunId ready_run(int count, const std::string& name = "users.csv") {
    const RunId run = runs().begin(new_run(name), living_, marco_);
    runs().add_plan(run, plan());
    std::vector<StagedRow> rows;
    for (int i = 0; i < count; ++i) {
      if (people_.size() <= static_cast<std::size_t>(i))
        people_.push_back(add_person(fmt::format("person{}", i)));
      rows.push_back(waiting_row(i + 1, people_[static_cast<std::size_t>(i)]));
    }
    runs().stage(run, rows);
    runs().make_ready(run, "", marco_);
    return run;
  }

  // What a worker makes of a waiting row.
  IssueRow issue_row(const WaitingRow& row, const Pin& pin) {
    IssueRow issue{
        .line = row.line, .person = row.person.id, .to = row.to ? *row.to : row.person.mail.value()};
    issue.expected_version = row.record.version;
    for (const NumberSharer& sharer : pins().sharers(row.person.id))
      issue.sharers.push_back({sharer.person, sharer.version});
    issue.pin = &pin;
    issue.to_is_from_record = !row.to;
    issue.plan = row.plan;
    issue.message_id = new_identifier(random_) + "@contoso.com";
    issue.replaces_pin = row.record.verifier.has_value();
    return issue;
  }
  std::vector<RowIssue> issue_waiting(const RunId& run, std::size_t limit = 64,
                                      const std::optional<ProcessIdentity>& owner = {}) {
    std::vector<IssueRow> rows;
    for (const WaitingRow& row : runs().waiting(run, {0}, 0, limit)) rows.push_back(issue_row(row, pin_));
    return runs().issue(run, rows, owner.value_or(living_), std::chrono::seconds(60), marco_);
  }
  RecordResult end(const RowIssue& issue, AttemptRecord::End how) {
    return record(issue.welcome, issue.claim_id, how);
  }

  // The counters against the rows themselves.
  RunCounts counts(const RunId& run) {
    const RunCounts counts = runs().counts(run);
    for (const auto& [column, state] : {std::pair{"waiting_rows", "waiting"},
                                        {"issued_rows", "issued"},
                                        {"skipped_rows", "skipped"},
                                        {"invalid_rows", "invalid"},
                                        {"not_sent_rows", "not-sent"}})
      EXPECT_EQ(number(fmt::format("SELECT {} FROM runs WHERE id = :run", column), {{"run", run}}),
                number("SELECT COUNT(*) FROM run_rows WHERE run = :run AND state = :state",
                       {{"run", run}, {"state", state}}))
          << column;
    EXPECT_EQ(counts.all(), number("SELECT COUNT(*) FROM run_rows WHERE run = :run", {{"run", run}}));
    EXPECT_EQ(counts.sent,
              number("SELECT COUNT(*) FROM run_rows JOIN welcomes ON welcomes.id = run_rows.welcome "
                     "WHERE run_rows.run = :run AND welcomes.state = 'sent'",
                     {{"run", run}}));
    return counts;
  }
  std::int64_t row_seals() { return number("SELECT COUNT(*) FROM run_rows WHERE seal IS NOT NULL"); }
  RunRowState state_of_row(const RunId& run, std::int64_t line) {
    return runs().report(run, line - 1, 1).at(0).state;
  }
  std::string last_event() { return events().back(); }

  template <class Call>
  static std::optional<ErrorCode> refusal(Call call) {
    try {
      call();
    } catch (const Error& error) {
      return error.code();
    }
    return std::nullopt;
  }

  Pin pin_ = pin("73519");
  std::vector<PersonId> people_;
};

}  // namespace dialin::test
