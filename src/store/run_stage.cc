// SPDX-License-Identifier: Apache-2.0
// How a run comes into being: row by row, of one process, until it is made ready or given up.
#include <fmt/format.h>

#include <map>
#include <set>

#include "base/encoding.h"
#include "base/text.h"
#include "store/people_rows.h"
#include "store/run_rows.h"
#include "store/runs.h"

namespace dialin {
namespace {

constexpr std::size_t kMostRows = 1000;  // of one call
constexpr std::chrono::hours kOtherHostsTime{24};

RunRecord run_in_state(SociSession& sql, const RunId& run, RunState state, const char* doing) {
  RunRecord record = known_run(sql, run, sql.for_update());
  if (record.state != state) refuse_state(record, doing);
  return record;
}

Binds plan_binds(const RunPlan& plan) {
  Binds binds;
  for (Bind& bind : content_binds(plan.content)) {
    if (bind.name != "mail_to" && bind.name != "to_is_from_record") binds.push_back(std::move(bind));
  }
  for (Bind& bind : way_binds(plan.way)) binds.push_back(std::move(bind));
  return binds;
}

// Tells whether two plans are the same.
std::string hash_of(const Binds& plan) {
  std::string text;
  for (const Bind& bind : plan) {
    const std::string value = bind.value.text()      ? *bind.value.text()
                              : bind.value.integer() ? std::to_string(*bind.value.integer())
                                                     : std::string();
    text += fmt::format("{}:{}:{},", bind.value.is_null() ? "-" : "+", value.size(), value);
  }
  return sha256_hex(text);
}

// A row as it is written: without a person and a PIN where it is the second one of the person.
struct WrittenRow {
  const StagedRow& staged;
  bool removed = false;  // the person, since the row was made
  std::optional<std::int64_t> earlier_line;
  std::optional<std::string> seal;

  RunRowState state() const {
    if (removed) return RunRowState::NotSent;
    return earlier_line ? RunRowState::Invalid : staged.state;
  }
};

void check_row(const StagedRow& row) {
  if (row.state == RunRowState::Issued || (row.state == RunRowState::Waiting && !row.person) ||
      (row.state == RunRowState::Invalid && row.pin != nullptr))
    throw Error(ErrorCode::Internal,
                fmt::format("line {} of a run was staged as what it cannot be", row.line));
}

// Who of them was removed. The others cannot be before this transaction has ended: whoever removes a person
// ends their waiting rows, and must see these.
std::set<PersonId> hold_people(SociSession& sql, const std::vector<StagedRow>& rows) {
  std::vector<std::string> people;
  for (const StagedRow& row : rows) {
    if (row.person) people.push_back(*row.person);
  }
  // On SQLite this transaction has the whole file.
  if (sql.is_postgresql() && !people.empty()) {
    Binds binds;
    const std::string list = list_of("p", people, binds);
    sql.rows("SELECT person FROM pins WHERE person IN " + list + " ORDER BY person" + sql.for_update(), 1,
             binds);
  }
  std::set<PersonId> removed;
  in_lists(people, [&](const std::string& list, const Binds& binds) {
    for (const SqlRow& row : sql.rows("SELECT id FROM people WHERE removed = 1 AND id IN " + list, 1, binds))
      removed.insert(row.text(0));
  });
  return removed;
}

std::vector<WrittenRow> rows_to_write(WriteTransaction& transaction, const RunId& run,
                                      const std::vector<StagedRow>& rows, const std::set<PersonId>& removed) {
  std::map<PersonId, std::int64_t> lines;  // of people who stand in the run already
  std::set<std::int64_t> replaced;
  for (const StagedRow& row : rows) replaced.insert(row.line);
  in_parts(rows.size(), [&](std::size_t begin, std::size_t end) {
    std::vector<std::string> people;
    for (std::size_t i = begin; i < end; ++i) {
      if (rows[i].person) people.push_back(*rows[i].person);
    }
    if (people.empty()) return;
    Binds binds = {{"run", run}};
    for (const SqlRow& row :
         transaction.sql().rows("SELECT person, line FROM run_rows WHERE run = :run AND person IN " +
                                    list_of("p", people, binds),
                                2, binds)) {
      // A row that is staged again is not in its own way.
      if (!replaced.contains(row.integer(1))) lines[row.text(0)] = row.integer(1);
    }
  });
  std::vector<WrittenRow> written;
  for (const StagedRow& row : rows) {
    check_row(row);
    WrittenRow& one = written.emplace_back(
        WrittenRow{row, row.person && removed.contains(*row.person), std::nullopt, std::nullopt});
    if (!row.person || one.removed) continue;
    const auto [known, is_new] = lines.emplace(*row.person, row.line);
    if (!is_new) {
      one.earlier_line = known->second;
    } else if (row.pin != nullptr && row.state == RunRowState::Waiting) {
      one.seal = transaction.seals().seal_row_pin(*row.person, *row.pin);
    }
  }
  return written;
}

void count(RunRowCounts& counts, RunRowState state, std::int64_t by) {
  switch (state) {
    case RunRowState::Waiting:
      counts.waiting += by;
      return;
    case RunRowState::Issued:
      counts.issued += by;
      return;
    case RunRowState::Skipped:
      counts.skipped += by;
      return;
    case RunRowState::Invalid:
      counts.invalid += by;
      return;
    case RunRowState::NotSent:
      counts.not_sent += by;
      return;
  }
}

// Inserts the rows; those whose line is there as an invalid one take its place if `replace`.
void write_rows(WriteTransaction& transaction, const RunId& run, const std::vector<WrittenRow>& rows,
                bool replace) {
  in_parts(rows.size(), [&](std::size_t begin, std::size_t end) {
    std::string statement =
        "INSERT INTO run_rows (run, line, state, identity, person, plan, mail_to, version, seal, had_pin, "
        "code, "
        "detail) VALUES ";
    Binds binds = {{"run", run}};
    for (std::size_t i = begin; i < end; ++i) {
      const WrittenRow& row = rows[i];
      const StagedRow& staged = row.staged;
      // Only placeholders, so that each part of the same size is the same statement.
      const std::string index = std::to_string(i - begin);
      statement += fmt::format(
          "{0}(:run, :l{1}, :z{1}, :i{1}, :p{1}, :n{1}, :t{1}, :v{1}, :s{1}, :h{1}, :c{1}, :d{1})",
          i == begin ? "" : ", ", index);
      const bool has_person = !row.removed && !row.earlier_line;
      const bool has_address = !row.removed && staged.to;
      binds.push_back({"l" + index, staged.line});
      binds.push_back({"z" + index, to_text(row.state())});
      binds.push_back({"i" + index, row.removed ? std::string() : staged.identity});
      binds.push_back({"p" + index, has_person ? SqlValue(staged.person) : SqlValue(std::nullopt)});
      binds.push_back({"n" + index, staged.plan});
      binds.push_back({"t" + index, has_address ? SqlValue(to_column(*staged.to)) : SqlValue(std::nullopt)});
      binds.push_back({"v" + index, staged.version});
      binds.push_back({"s" + index, row.seal});
      binds.push_back({"h" + index, staged.had_pin || staged.pin != nullptr});
      binds.push_back({"c" + index, row.removed        ? "Superseded"
                                    : row.earlier_line ? "PersonTwice"
                                                       : staged.code});
      binds.push_back({"d" + index, row.removed ? std::string("the person was removed")
                                    : row.earlier_line
                                        ? fmt::format("the same person as line {}", *row.earlier_line)
                                        : staged.detail});
    }
    if (replace)
      statement +=
          " ON CONFLICT (run, line) DO UPDATE SET state = excluded.state, identity = excluded.identity, "
          "person "
          "= excluded.person, plan = excluded.plan, mail_to = excluded.mail_to, version = excluded.version, "
          "seal = excluded.seal, had_pin = excluded.had_pin, code = excluded.code, detail = excluded.detail";
    transaction.sql().execute(statement, binds);
  });
  RunRowCounts counts;
  for (const WrittenRow& row : rows) count(counts, row.state(), 1);
  if (replace) counts.invalid -= static_cast<std::int64_t>(rows.size());
  transaction.count_run_rows(run, counts);
}

std::vector<RunStore::Duplicate> duplicates_in(const std::vector<WrittenRow>& rows) {
  std::vector<RunStore::Duplicate> duplicates;
  for (const WrittenRow& row : rows) {
    if (row.earlier_line) duplicates.push_back({row.staged.line, *row.earlier_line});
  }
  return duplicates;
}

void refuse_too_many(const std::vector<StagedRow>& rows) {
  if (rows.size() > kMostRows)
    throw Error(ErrorCode::Internal, fmt::format("{} rows of a run were staged at once", rows.size()));
}

void erase_run(SociSession& sql, const RunId& run) {
  for (const char* statement : {"DELETE FROM run_rows WHERE run = :run",
                                "DELETE FROM run_plans WHERE run = :run", "DELETE FROM runs WHERE id = :run"})
    sql.execute(statement, {{"run", run}});
}

bool is_abandoned(const RunRecord& record, Timestamp now) {
  const ProcessIdentity& stager = *record.stager;
  if (no_longer_exists(stager)) return true;
  const ProcessIdentity self = this_process();
  // Whether it lives is known of our own host only.
  const bool visible = stager.host == self.host && stager.pid_namespace == self.pid_namespace;
  return !visible && record.created_at + kOtherHostsTime <= now;
}

}  // namespace

RunId SociRunStore::begin(const NewRun& run, const ProcessIdentity& stager, const Operator& by) {
  const RunId id = new_identifier(context_.random);
  return write(context_, {"stage", "beginning a run"}, [&](WriteTransaction& transaction) {
    const std::size_t made = transaction.sql().execute(
        "INSERT INTO runs (id, name, name_key, source, input_hash, force, state, operator_name, created_at, "
        "stager_host, stager_boot_id, stager_pid_namespace, stager_process_id, stager_start_time) VALUES "
        "(:id, "
        ":name, :name_key, :source, :input_hash, :force, 'staging', :operator_name, :now, :host, :boot_id, "
        ":pid_namespace, :process_id, :start_time) ON CONFLICT DO NOTHING",
        {{"id", id},
         {"name", run.name},
         {"name_key", fold_case(run.name)},
         {"source", run.source},
         {"input_hash", run.input_hash},
         {"force", run.force},
         {"operator_name", by.name},
         {"now", transaction.now()},
         {"host", stager.host},
         {"boot_id", stager.boot_id},
         {"pid_namespace", stager.pid_namespace},
         {"process_id", stager.process_id},
         {"start_time", stager.start_time}});
    if (made == 0)
      throw Error(ErrorCode::AlreadyExists, fmt::format("there is a run with the name {} already", run.name),
                  "Give this one another name with -RunName, or see: dialin run list");
    return id;
  });
}

int SociRunStore::add_plan(const RunId& run, const RunPlan& plan) {
  Binds binds = plan_binds(plan);
  const std::string hash = hash_of(binds);
  return write(context_, {"stage", "preparing a run"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    const RunRecord record = known_run(sql, run, sql.for_update());
    if (record.state != RunState::Staging && record.state != RunState::Ready)
      refuse_state(record, "preparing a run");
    const Binds key = {{"run", run}, {"hash", hash}};
    if (const auto known =
            sql.row("SELECT number FROM run_plans WHERE run = :run AND plan_hash = :hash", 1, key))
      return static_cast<int>(known->integer(0));
    const std::int64_t number =
        sql.row("SELECT COUNT(*) FROM run_plans WHERE run = :run", 1, {{"run", run}})->integer(0);
    keep_template(transaction, plan.content.template_hash, plan.template_text);
    Binds all = binds;
    for (const Bind& bind : key) all.push_back(bind);
    all.push_back({"number", number});
    sql.execute(
        "INSERT INTO run_plans (run, number, plan_hash, mail_from, reply_to, envelope_sender, subject, "
        "language, "
        "cc, bcc, mask_pin_in_copies, plain_text_only, without_link, template_hash, server, port, tls, "
        "user_name, "
        "password_source, sender_key) VALUES (:run, :number, :hash, :mail_from, :reply_to, :envelope_sender, "
        ":subject, :language, :cc, :bcc, :mask_pin_in_copies, :plain_text_only, :without_link, "
        ":template_hash, "
        ":server, :port, :tls, :user_name, :password_source, :sender_key)",
        all);
    return static_cast<int>(number);
  });
}

std::vector<RunStore::Duplicate> SociRunStore::stage(const RunId& run, const std::vector<StagedRow>& rows) {
  refuse_too_many(rows);
  return write(context_, {"stage", "staging the rows of a run"}, [&](WriteTransaction& transaction) {
    const std::set<PersonId> removed = hold_people(transaction.sql(), rows);
    run_in_state(transaction.sql(), run, RunState::Staging, "staging the rows of a run");
    const std::vector<WrittenRow> written = rows_to_write(transaction, run, rows, removed);
    write_rows(transaction, run, written, /*replace=*/false);
    return duplicates_in(written);
  });
}

std::vector<RunStore::Duplicate> SociRunStore::restage(const RunId& run, const std::vector<StagedRow>& rows,
                                                       const Operator&) {
  refuse_too_many(rows);
  return write(context_, {"stage", "staging rows of a run again"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    const std::set<PersonId> removed = hold_people(sql, rows);
    run_in_state(sql, run, RunState::Ready, "staging rows of a run again");
    std::vector<StagedRow> invalid;  // those that still are; the others stay as they are
    in_parts(rows.size(), [&](std::size_t begin, std::size_t end) {
      std::vector<std::int64_t> lines;
      for (std::size_t i = begin; i < end; ++i) lines.push_back(rows[i].line);
      std::map<std::int64_t, bool> found;
      for (const SqlRow& row :
           sql.rows("SELECT line FROM run_rows WHERE run = :run AND state = 'invalid' AND "
                    "line IN " +
                        list_of(lines) + sql.for_update(),
                    1, {{"run", run}}))
        found[row.integer(0)] = true;
      for (std::size_t i = begin; i < end; ++i) {
        if (found.contains(rows[i].line)) invalid.push_back(rows[i]);
      }
    });
    const std::vector<WrittenRow> written = rows_to_write(transaction, run, invalid, removed);
    write_rows(transaction, run, written, /*replace=*/true);
    return duplicates_in(written);
  });
}

void SociRunStore::set_input_hash(const RunId& run, const std::string& input_hash) {
  write(context_, {"input-hash", "noting what a run was made of"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    run_in_state(sql, run, RunState::Staging, "noting what a run was made of");
    sql.execute("UPDATE runs SET input_hash = :hash WHERE id = :run", {{"hash", input_hash}, {"run", run}});
    return true;
  });
}

void SociRunStore::make_ready(const RunId& run, const std::string& note, const Operator& by) {
  write(context_, {"ready", "making a run ready"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    run_in_state(sql, run, RunState::Staging, "making a run ready");
    sql.execute(
        "UPDATE runs SET state = 'ready', ready_at = :now, stager_host = NULL, stager_boot_id = NULL, "
        "stager_pid_namespace = NULL, stager_process_id = NULL, stager_start_time = NULL WHERE id = :run",
        {{"now", transaction.now()}, {"run", run}});
    AuditEntry entry{by, "run-started", {}, count_detail(run, read_counts(sql, run))};
    if (!note.empty()) entry.detail.emplace_back("note", note);
    transaction.audit(std::move(entry));
    return true;
  });
}

void SociRunStore::discard(const RunId& run) {
  write(context_, {"discard", "discarding a run"}, [&](WriteTransaction& transaction) {
    run_in_state(transaction.sql(), run, RunState::Staging, "discarding a run");
    erase_run(transaction.sql(), run);
    return true;
  });
}

std::size_t SociRunStore::sweep_abandoned() {
  const auto abandoned = read(context_, "looking for runs that were never made ready", [&](SociSession& sql) {
    std::vector<RunId> found;
    const Timestamp now = sql.now();
    for (const RunRecord& record : find_runs(sql, "state = 'staging'", {})) {
      if (is_abandoned(record, now)) found.push_back(record.id);
    }
    return found;
  });
  if (abandoned.empty()) return 0;
  return write(context_, {"discard", "discarding a run that was never made ready"},
               [&](WriteTransaction& transaction) {
                 SociSession& sql = transaction.sql();
                 std::size_t discarded = 0;
                 for (const RunId& run : abandoned) {
                   // Somebody else may have been faster.
                   if (!sql.row(std::string("SELECT 1 FROM runs WHERE id = :run AND state = 'staging'") +
                                    sql.for_update(),
                                1, {{"run", run}}))
                     continue;
                   erase_run(sql, run);
                   ++discarded;
                 }
                 return discarded;
               });
}

}  // namespace dialin
