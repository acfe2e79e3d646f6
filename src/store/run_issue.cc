// SPDX-License-Identifier: Apache-2.0
// Waiting rows become welcomes, and are claimed in the same transaction: nothing of a run stands in the
// outbox that nobody is sending yet, and no row is written twice.
#include <fmt/format.h>

#include <map>
#include <set>

#include "store/outbox_finish.h"
#include "store/run_people.h"
#include "store/run_rows.h"
#include "store/runs.h"

namespace dialin {
namespace {

// The run was paused or cancelled: nothing of the transaction is to stay.
struct RunStopped {};

// What is the same for all rows of one call.
struct Group {
  const RunId& run;
  const std::vector<IssueRow>& rows;
  const std::vector<RunPlan>& plans;
  const ProcessIdentity& owner;
  std::chrono::seconds lease;
  const Operator& by;
  std::string claim_id;
  std::vector<WelcomeId> ids;
  std::vector<std::string> seals;
};

std::map<std::int64_t, PersonId> lock_waiting_rows(SociSession& sql, const Group& group) {
  std::vector<std::int64_t> lines;
  for (const IssueRow& row : group.rows) lines.push_back(row.line);
  std::map<std::int64_t, PersonId> waiting;
  Binds binds = {{"run", group.run}};
  const std::string list = list_of("l", lines, binds);
  for (const SqlRow& row : sql.rows("SELECT line, person FROM run_rows WHERE run = :run AND line IN " + list +
                                        " AND state = 'waiting' ORDER BY line" + sql.for_update(),
                                    2, binds))
    waiting[row.integer(0)] = row.text(1);
  return waiting;
}

// The plans that a pause covers: nobody claims for these.
std::set<int> paused_plans(WriteTransaction& transaction, const RunId& run) {
  std::set<int> paused;
  for (const SqlRow& row : transaction.sql().rows(
           "SELECT number FROM run_plans JOIN pauses ON pauses.server = run_plans.server AND pauses.port = "
           "run_plans.port AND pauses.user_name = run_plans.user_name AND pauses.sender_key IN ('', "
           "run_plans.sender_key) WHERE run = :run AND (until IS NULL OR until > :now)",
           1, {{"run", run}, {"now", transaction.now()}}))
    paused.insert(static_cast<int>(row.integer(0)));
  return paused;
}

std::map<PersonId, OutboxRow> lock_unfinished(WriteTransaction& transaction,
                                              const std::vector<PersonId>& people) {
  Binds binds;
  const std::string list = list_of("p", people, binds);
  std::map<PersonId, OutboxRow> unfinished;
  for (OutboxRow& row : find_rows(
           transaction.sql(),
           "person IN " + list + " AND kind = 'welcome' AND state IN ('queued', 'sending', 'uncertain')",
           binds, transaction.sql().for_update())) {
    if (is_old_uncertain(row, transaction.now())) {
      fail_old_uncertain(transaction, row);
    } else {
      unfinished.emplace(row.row.person, std::move(row));
    }
  }
  return unfinished;
}

// The row stands for the welcome of another command from now on. That one becomes the run's, unless it is
// another run's or goes another way: then whoever it belongs to sends it.
RowIssue adopt(WriteTransaction& transaction, const Group& group, const IssueRow& row,
               const OutboxRow& welcome) {
  SociSession& sql = transaction.sql();
  bool ours = welcome.row.run == group.run;
  if (welcome.row.run.empty() && same_way(welcome.row.way, group.plans[row.plan].way)) {
    sql.execute("UPDATE welcomes SET run = :run WHERE id = :id",
                {{"run", group.run}, {"id", welcome.row.id}});
    ours = true;
  }
  sql.execute(
      "UPDATE run_rows SET state = 'issued', seal = NULL, welcome = :welcome, elsewhere = :elsewhere WHERE "
      "run = "
      ":run AND line = :line",
      {{"welcome", welcome.row.id}, {"elsewhere", !ours}, {"run", group.run}, {"line", row.line}});
  RowIssue adopted;
  adopted.outcome = RowIssue::Outcome::Adopted;
  adopted.welcome = welcome.row.id;
  return adopted;
}

void insert_welcomes(WriteTransaction& transaction, const Group& group,
                     const std::vector<std::size_t>& issued,
                     const std::map<std::size_t, std::int64_t>& versions) {
  // What all rows of a plan share is copied inside the database.
  SqlValues values({"TEXT", "TEXT", "BIGINT", "TEXT", "TEXT", "INTEGER", "TEXT", "INTEGER", "INTEGER"});
  for (const std::size_t i : issued) {
    const IssueRow& row = group.rows[i];
    values.add({group.ids[i], row.person, versions.at(i), row.message_id, to_column(row.to),
                row.to_is_from_record, group.seals[i], row.replaces_pin, row.plan});
  }
  const std::string statement =
      "WITH each_row (id, person, version, message_id, mail_to, from_record, seal, replaces_pin, plan) AS "
      "(VALUES " +
      values.text() +
      ") INSERT INTO welcomes (id, kind, person, version, message_id, mail_to, to_is_from_record, mail_from, "
      "reply_to, envelope_sender, subject, language, cc, bcc, mask_pin_in_copies, plain_text_only, "
      "without_link, "
      "template_hash, server, port, tls, user_name, password_source, sender_key, state, state_since, seal, "
      "replaces_pin, created_at, operator_name, command_hash, run, claim_id, claim_host, claim_boot_id, "
      "claim_pid_namespace, claim_process_id, claim_start_time, claimed_at, claim_until) SELECT each_row.id, "
      "'welcome', person, version, message_id, mail_to, from_record, mail_from, reply_to, envelope_sender, "
      "subject, language, cc, bcc, mask_pin_in_copies, plain_text_only, without_link, template_hash, server, "
      "port, tls, user_name, password_source, sender_key, 'sending', CAST(:now AS BIGINT), seal, "
      "replaces_pin, "
      "CAST(:now AS BIGINT), :operator_name, '', run, :claim_id, :host, :boot_id, :pid_namespace, "
      "CAST(:process_id AS BIGINT), CAST(:start_time AS BIGINT), CAST(:now AS BIGINT), CAST(:until AS "
      "BIGINT) "
      "FROM each_row JOIN run_plans ON run_plans.run = :run AND run_plans.number = each_row.plan";
  const Binds shared = {{"now", transaction.now()},
                        {"operator_name", group.by.name},
                        {"claim_id", group.claim_id},
                        {"host", group.owner.host},
                        {"boot_id", group.owner.boot_id},
                        {"pid_namespace", group.owner.pid_namespace},
                        {"process_id", group.owner.process_id},
                        {"start_time", group.owner.start_time},
                        {"until", transaction.now() + group.lease},
                        {"run", group.run}};
  if (transaction.sql().execute(statement, values.take_binds(shared)) != issued.size())
    throw Error(ErrorCode::Internal, "not every row of a run became a welcome");
}

void update_people_and_rows(WriteTransaction& transaction, const Group& group,
                            const std::vector<std::size_t>& issued) {
  std::vector<std::string> people;
  std::vector<std::int64_t> lines;
  for (const std::size_t i : issued) {
    people.push_back(group.rows[i].person);
    lines.push_back(group.rows[i].line);
  }
  Binds binds;
  const std::string list = list_of("p", people, binds);
  transaction.sql().execute("UPDATE pins SET version = version + 1 WHERE person IN " + list, binds);
  Binds rows = {{"run", group.run}};
  const std::string list_of_lines = list_of("l", lines, rows);
  transaction.sql().execute(
      "UPDATE run_rows SET state = 'issued', seal = NULL, welcome = (SELECT id FROM welcomes WHERE "
      "welcomes.person = run_rows.person AND kind = 'welcome' AND welcomes.state IN ('queued', 'sending', "
      "'uncertain')) WHERE run = :run AND line IN " +
          list_of_lines,
      rows);
}

void audit_issued(WriteTransaction& transaction, const Group& group, const std::vector<std::size_t>& issued) {
  std::vector<AuditAddress> names;
  for (const std::size_t i : issued) names.push_back({group.rows[i].person, group.rows[i].to.address()});
  const std::vector<std::string> ids = audit_addresses(transaction, names);
  for (std::size_t n = 0; n < issued.size(); ++n) {
    const IssueRow& row = group.rows[issued[n]];
    const WelcomeWay& way = group.plans[row.plan].way;
    transaction.audit({group.by,
                       "welcome-issued",
                       row.person,
                       {{"welcome", group.ids[issued[n]]},
                        {"run", group.run},
                        {"to", ids[n]},
                        {"server", fmt::format("{}:{}", way.server, way.port)},
                        {"replaces_pin", row.replaces_pin ? "yes" : "no"}}});
  }
}

RowIssue issued_row(const Group& group, std::size_t i, std::int64_t version, Timestamp now) {
  const IssueRow& row = group.rows[i];
  const RunPlan& plan = group.plans[row.plan];
  RowIssue issue;
  issue.outcome = RowIssue::Outcome::Issued;
  issue.welcome = group.ids[i];
  issue.claim_id = group.claim_id;
  WelcomeRow welcome{.id = group.ids[i], .person = row.person, .content = plan.content};
  welcome.run = group.run;
  welcome.version = version;
  welcome.message_id = row.message_id;
  welcome.content.to = row.to;
  welcome.content.to_is_from_record = row.to_is_from_record;
  welcome.way = plan.way;
  welcome.state = WelcomeState::Sending;
  welcome.replaces_pin = row.replaces_pin;
  welcome.created_at = now;
  welcome.operator_name = group.by.name;
  welcome.claim_owner = group.owner;
  welcome.claim_until = now + group.lease;
  issue.row = std::move(welcome);
  return issue;
}

std::vector<RowIssue> issue_group(WriteTransaction& transaction, const Group& group) {
  SociSession& sql = transaction.sql();
  std::vector<PersonId> people;
  for (const IssueRow& row : group.rows) people.push_back(row.person);
  LockedPeople locked(transaction, people);
  const std::map<PersonId, OutboxRow> unfinished = lock_unfinished(transaction, people);
  const std::map<std::int64_t, PersonId> waiting = lock_waiting_rows(sql, group);
  const std::set<int> paused = paused_plans(transaction, group.run);

  std::vector<RowIssue> answers(group.rows.size());
  std::vector<std::size_t> issued;
  std::map<std::size_t, std::int64_t> versions;
  std::int64_t adopted = 0;
  for (std::size_t i = 0; i < group.rows.size(); ++i) {
    const IssueRow& row = group.rows[i];
    const auto line = waiting.find(row.line);
    if (line == waiting.end() || paused.contains(row.plan)) continue;
    if (line->second != row.person)
      throw Error(ErrorCode::Internal, fmt::format("line {} of a run is another person's", row.line));
    if (const auto other = unfinished.find(row.person); other != unfinished.end()) {
      answers[i] = adopt(transaction, group, row, other->second);
      ++adopted;
    } else if (!locked.as_expected(row.person, row.expected_version, row.sharers)) {
      answers[i].outcome = RowIssue::Outcome::VersionChanged;
    } else {
      versions[i] = locked.raise(row.person);
      issued.push_back(i);
    }
  }
  if (!issued.empty()) {
    insert_welcomes(transaction, group, issued, versions);
    update_people_and_rows(transaction, group, issued);
    audit_issued(transaction, group, issued);
    for (const std::size_t i : issued) answers[i] = issued_row(group, i, versions.at(i), transaction.now());
  }
  const std::int64_t begun = static_cast<std::int64_t>(issued.size()) + adopted;
  if (begun == 0) return answers;
  transaction.count_run_rows(group.run, {.waiting = -begun, .issued = begun});
  // Under the run's own lock, which is the last one: nothing is begun once a pause is committed.
  if (!sql.row(fmt::format("SELECT 1 FROM runs WHERE id = :run AND {}{}", kRunIsOpen, sql.for_update()), 1,
               {{"run", group.run}, {"now", transaction.now()}}))
    throw RunStopped{};
  return answers;
}

}  // namespace

std::vector<RowIssue> SociRunStore::issue(const RunId& run, const std::vector<IssueRow>& rows,
                                          const ProcessIdentity& owner, std::chrono::seconds lease,
                                          const Operator& by) {
  if (rows.empty()) return {};
  int highest_plan = 0;
  for (const IssueRow& row : rows) {
    if (row.pin == nullptr) throw Error(ErrorCode::Internal, "a row of a run was issued without a PIN");
    if (row.plan < 0) throw Error(ErrorCode::Internal, "a row of a run was issued without a plan");
    highest_plan = std::max(highest_plan, row.plan);
  }
  const std::vector<RunPlan>& plans = *read(context_, "reading what a run sends", [&](SociSession& sql) {
    return &plans_in_use(sql, run, highest_plan);
  });
  Group group{run, rows, plans, owner, lease, by, new_identifier(context_.random), {}, {}};
  try {
    return write(context_, {"run-issue", "issuing welcomes of a run"}, [&](WriteTransaction& transaction) {
      group.ids.clear();
      group.seals.clear();
      for (const IssueRow& row : rows) {
        group.ids.push_back(transaction.next_id());
        group.seals.push_back(transaction.seals().seal_pin(row.person, *row.pin));
      }
      return issue_group(transaction, group);
    });
  } catch (const RunStopped&) {
    return std::vector<RowIssue>(rows.size());
  }
}

}  // namespace dialin
