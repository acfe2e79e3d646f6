// SPDX-License-Identifier: Apache-2.0
#include "store/run_rows.h"

#include <fmt/format.h>

#include <utility>

#include "base/text.h"
#include "store/outbox_rows.h"

namespace dialin {
namespace {

constexpr const char* kRunColumns =
    "id, name, source, input_hash, force, state, pause_reason, pause_words, paused_at, paused_until, "
    "operator_name, created_at, ready_at, finished_at, stager_host, stager_boot_id, stager_pid_namespace, "
    "stager_process_id, stager_start_time";
constexpr std::size_t kRunColumnCount = 19;

constexpr std::pair<RunState, const char*> kRunStates[] = {{RunState::Staging, "staging"},
                                                           {RunState::Ready, "ready"},
                                                           {RunState::Finished, "finished"},
                                                           {RunState::Cancelled, "cancelled"}};

constexpr std::pair<RunPause::Reason, const char*> kReasons[] = {
    {RunPause::Reason::Refusals, "refusals"},      {RunPause::Reason::ServerAway, "server-away"},
    {RunPause::Reason::DailyLimit, "daily-limit"}, {RunPause::Reason::Sender, "sender"},
    {RunPause::Reason::Password, "password"},      {RunPause::Reason::Quota, "quota"}};

constexpr std::pair<RunRowState, const char*> kRowStates[] = {{RunRowState::Waiting, "waiting"},
                                                              {RunRowState::Issued, "issued"},
                                                              {RunRowState::Skipped, "skipped"},
                                                              {RunRowState::Invalid, "invalid"},
                                                              {RunRowState::NotSent, "not-sent"}};

template <class Value, std::size_t N>
const char* name_in(const std::pair<Value, const char*> (&names)[N], Value value) {
  for (const auto& [known, name] : names) {
    if (known == value) return name;
  }
  return "";
}

template <class Value, std::size_t N>
Value value_in(const std::pair<Value, const char*> (&names)[N], const std::string& text) {
  for (const auto& [value, name] : names) {
    if (text == name) return value;
  }
  throw Error(ErrorCode::Internal, fmt::format("the store holds a run with the unknown word {}", text));
}

RunRecord read_run(const SqlRow& columns) {
  SqlRowReader reader(columns);
  RunRecord record;
  record.id = reader.text();
  record.name = reader.text();
  record.source = reader.text();
  record.input_hash = reader.text();
  record.force = reader.flag();
  record.state = value_in(kRunStates, reader.text());
  if (reader.next_is_null()) {
    reader.skip(4);
  } else {
    RunPause pause;
    pause.reason = value_in(kReasons, reader.text());
    pause.words = reader.text();
    pause.since = reader.time();
    pause.until = reader.optional_time();
    record.pause = std::move(pause);
  }
  record.operator_name = reader.text();
  record.created_at = reader.time();
  record.ready_at = reader.optional_time();
  record.finished_at = reader.optional_time();
  if (!reader.next_is_null()) {
    ProcessIdentity stager;
    stager.host = reader.text();
    stager.boot_id = reader.text();
    stager.pid_namespace = reader.text();
    stager.process_id = reader.integer();
    stager.start_time = reader.integer();
    record.stager = std::move(stager);
  }
  return record;
}

std::string words_of(const ServerWords& words) {
  std::string text;
  for (const std::string& part : {words.reply_code == 0 ? std::string() : std::to_string(words.reply_code),
                                  words.enhanced_code, words.text}) {
    if (!part.empty()) text += (text.empty() ? "" : " ") + part;
  }
  return text;
}

}  // namespace

const char* to_text(RunState state) {
  return name_in(kRunStates, state);
}
const char* to_text(RunPause::Reason reason) {
  return name_in(kReasons, reason);
}
const char* to_text(RunRowState state) {
  return name_in(kRowStates, state);
}
RunRowState row_state_from_text(const std::string& text) {
  return value_in(kRowStates, text);
}

std::vector<RunRecord> find_runs(SociSession& sql, const std::string& condition, const Binds& binds,
                                 const char* order) {
  std::vector<RunRecord> runs;
  for (const SqlRow& row :
       sql.rows(fmt::format("SELECT {} FROM runs WHERE {} ORDER BY {}", kRunColumns, condition, order),
                kRunColumnCount, binds))
    runs.push_back(read_run(row));
  return runs;
}

RunRecord known_run(SociSession& sql, const RunId& run, const char* lock) {
  const auto row = sql.row(fmt::format("SELECT {} FROM runs WHERE id = :id{}", kRunColumns, lock),
                           kRunColumnCount, {{"id", run}});
  if (!row) refuse_unknown_run(run);
  return read_run(*row);
}

void refuse_unknown_run(const RunId& run) {
  throw Error(ErrorCode::NotFound, fmt::format("there is no run with the id {} in the store", run));
}

void refuse_state(const RunRecord& record, const char* doing) {
  throw Error(ErrorCode::Precondition,
              fmt::format("{}: the run {} is {}", doing, record.name, to_text(record.state)),
              "See with: dialin run list");
}

std::string list_of(const std::vector<std::int64_t>& numbers) {
  return fmt::format("({})", fmt::join(numbers, ", "));
}

RunCounts read_counts(SociSession& sql, const RunId& run) {
  // One statement, so that the numbers are of one moment.
  const auto of_rows = [](const char* column) {
    return fmt::format(" UNION ALL SELECT '{0}', '', 0, {0} FROM runs WHERE id = :run", column);
  };
  const std::string statement =
      "SELECT kind, state, held, COUNT(*) FROM welcomes WHERE run = :run AND run IS NOT NULL AND state <> "
      "'sent' GROUP BY kind, state, held UNION ALL SELECT 'elsewhere', welcomes.state, welcomes.held, "
      "COUNT(*) FROM run_rows JOIN welcomes ON welcomes.id = run_rows.welcome WHERE run_rows.run = :run AND "
      "elsewhere = 1 AND welcomes.state <> 'sent' GROUP BY welcomes.state, welcomes.held" +
      of_rows("waiting_rows") + of_rows("issued_rows") + of_rows("skipped_rows") + of_rows("invalid_rows") +
      of_rows("not_sent_rows");
  RunCounts counts;
  bool known = false;
  for (const SqlRow& row : sql.rows(statement, 4, {{"run", run}})) {
    const std::string& what = row.text(0);
    const std::int64_t number = row.integer(3);
    if (row.text(1).empty()) {
      known = true;
      if (what == "waiting_rows") counts.waiting += number;
      if (what == "issued_rows") counts.sent += number;  // less those below
      if (what == "skipped_rows") counts.skipped += number;
      if (what == "invalid_rows") counts.invalid += number;
      if (what == "not_sent_rows") counts.not_sent += number;
      continue;
    }
    const WelcomeState state = state_from_text(row.text(1));
    if (what == "copy") {
      if (state == WelcomeState::Failed) counts.copies_failed += number;
      continue;
    }
    counts.sent -= number;
    switch (state) {
      case WelcomeState::Queued:
        if (row.flag(2)) counts.held += number;
        counts.queued += number;
        break;
      case WelcomeState::Sending:
        counts.queued += number;
        break;
      case WelcomeState::Sent:
        break;
      case WelcomeState::Failed:
        counts.failed += number;
        break;
      case WelcomeState::Uncertain:
        counts.uncertain += number;
        break;
      case WelcomeState::Cancelled:
      case WelcomeState::Superseded:
        counts.not_sent += number;
        break;
    }
  }
  if (!known) refuse_unknown_run(run);
  return counts;
}

std::vector<std::pair<std::string, std::string>> count_detail(const RunId& run, const RunCounts& counts) {
  std::vector<std::pair<std::string, std::string>> detail = {{"run", run}};
  for (const auto& [name, number] : {std::pair<const char*, std::int64_t>{"waiting", counts.waiting},
                                     {"queued", counts.queued},
                                     {"sent", counts.sent},
                                     {"skipped", counts.skipped},
                                     {"failed", counts.failed},
                                     {"uncertain", counts.uncertain},
                                     {"invalid", counts.invalid},
                                     {"not_sent", counts.not_sent}}) {
    if (number > 0) detail.emplace_back(name, std::to_string(number));
  }
  return detail;
}

std::vector<RunReportRow> report_rows(SociSession& sql, const RunId& run, const std::string& condition,
                                      const Binds& binds, std::size_t limit) {
  Binds all = binds;
  all.push_back({"run", run});
  all.push_back({"limit", limit});
  std::vector<RunReportRow> report;
  std::map<WelcomeId, std::size_t> by_welcome;
  std::vector<std::string> welcomes;
  for (const SqlRow& columns : sql.rows(
           "SELECT line, identity, people.sip_uri, mail_to, people.mail, state, code, detail, had_pin, "
           "welcome FROM run_rows LEFT JOIN people ON people.id = run_rows.person WHERE run = :run AND " +
               condition + " ORDER BY line LIMIT :limit",
           10, all)) {
    SqlRowReader reader(columns);
    RunReportRow row;
    row.line = reader.integer();
    row.identity = reader.text();
    if (const std::string sip = reader.text_or_empty(); !sip.empty()) row.identity = sip;
    const std::string typed = reader.text_or_empty();
    const std::string recorded = reader.text_or_empty();
    const std::string& to = typed.empty() ? recorded : typed;
    if (!to.empty()) row.address = mailbox_from_column(to).address();
    row.state = row_state_from_text(reader.text());
    row.code = reader.text();
    row.detail = reader.text();
    row.had_pin = reader.flag();
    if (auto welcome = reader.optional_text()) {
      by_welcome[*welcome] = report.size();
      welcomes.push_back(std::move(*welcome));
    }
    report.push_back(std::move(row));
  }
  in_parts(welcomes.size(), [&](std::size_t begin, std::size_t end) {
    Binds ids;
    const std::string list = list_of<WelcomeId>("w", {welcomes.begin() + begin, welcomes.begin() + end}, ids);
    for (OutboxRow& found : find_rows(sql, "id IN " + list, ids)) {
      RunReportRow& row = report[by_welcome.at(found.row.id)];
      row.address = found.row.content.to.address();
      row.welcome = std::move(found.row);
    }
    for (const OutboxRow& copy :
         find_rows(sql, "parent IN " + list + " AND kind = 'copy' AND state = 'failed'", ids))
      report[by_welcome.at(copy.row.parent)].copy_failures.push_back(
          fmt::format("{}{}: {}", copy.row.kind == WelcomeKind::Notice ? "the notice to " : "",
                      copy.row.copy_to->address(), words_of(copy.row.words)));
  });
  return report;
}

void leave_run_of_another_way(WriteTransaction& transaction, const OutboxRow& welcome) {
  if (welcome.row.run.empty()) return;
  SociSession& sql = transaction.sql();
  if (sql.execute(
          fmt::format("UPDATE welcomes SET run = NULL, held = 0 WHERE id = :id AND NOT EXISTS (SELECT 1 FROM "
                      "run_plans WHERE run_plans.run = welcomes.run AND {})",
                      kSameWay),
          {{"id", welcome.row.id}}) == 0)
    return;
  sql.execute(
      "UPDATE run_rows SET elsewhere = 1 WHERE person = :person AND run = :run AND welcome = :welcome",
      {{"person", welcome.row.person}, {"run", welcome.row.run}, {"welcome", welcome.row.id}});
}

void end_waiting_rows(WriteTransaction& transaction, const PersonId& person, const char* because) {
  for (const SqlRow& row : transaction.sql().rows("UPDATE run_rows SET state = 'not-sent', seal = NULL, code "
                                                  "= 'Superseded', detail = :because WHERE "
                                                  "person = :person AND state = 'waiting' RETURNING run",
                                                  1, {{"person", person}, {"because", because}})) {
    transaction.count_run_rows(row.text(0), {.waiting = -1, .not_sent = 1});
  }
}

void erase_person_from_runs(WriteTransaction& transaction, const PersonId& person) {
  transaction.sql().execute(
      "UPDATE run_rows SET identity = '', mail_to = NULL, detail = 'the person was removed' WHERE person = "
      ":person",
      {{"person", person}});
}

}  // namespace dialin
