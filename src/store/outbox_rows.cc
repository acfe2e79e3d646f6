// SPDX-License-Identifier: Apache-2.0
#include "store/outbox_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "store/process_columns.h"

namespace dialin {
namespace {

const std::string kColumns = fmt::format(
    "id, kind, person, parent, version, message_id, mail_to, to_is_from_record, {}, copy_to, {}, state, "
    "replaces_pin, attempts, unknowns, may_have_arrived, created_at, next_attempt_at, finished_at, "
    "reported_at, reply_code, enhanced_code, reply_text, detail, operator_name, {}, claim_until, seal, "
    "claim_id, claimed_at, state_since, arrived_invalid, run, held, notice",
    kSharedContentColumns, kWayColumns, kProcessColumns);
constexpr std::size_t kColumnCount = 32 + kSharedContentColumnCount + kWayColumnCount + kProcessColumnCount;
constexpr std::size_t kClaimColumns = kProcessColumnCount + 1;  // and claim_until

constexpr std::array kStates = {WelcomeState::Queued,    WelcomeState::Sending,   WelcomeState::Sent,
                                WelcomeState::Failed,    WelcomeState::Uncertain, WelcomeState::Cancelled,
                                WelcomeState::Superseded};

WelcomeContent read_content(SqlRowReader& reader) {
  const Mailbox to = mailbox_from_column(reader.text());
  const bool from_record = reader.flag();
  WelcomeContent content = read_shared_content(reader, to);
  content.to_is_from_record = from_record;
  return content;
}

void read_course(SqlRowReader& reader, WelcomeRow& row) {
  row.state = state_from_text(reader.text());
  row.replaces_pin = reader.flag();
  row.attempts = static_cast<int>(reader.integer());
  row.unknowns = static_cast<int>(reader.integer());
  row.may_have_arrived = reader.flag();
  row.created_at = reader.time();
  row.next_attempt_at = reader.optional_time();
  row.finished_at = reader.optional_time();
  row.reported_at = reader.optional_time();
  row.words.reply_code = static_cast<int>(reader.integer());
  row.words.enhanced_code = reader.text();
  row.words.text = reader.text();
  row.detail = reader.text();
  row.operator_name = reader.text();
  if (reader.next_is_null()) {
    reader.skip(kClaimColumns);
    return;
  }
  row.claim_owner = read_process(reader);
  row.claim_until = reader.time();
}

OutboxRow read_row(const SqlRow& columns) {
  SqlRowReader reader(columns);
  const WelcomeId id = reader.text();
  const bool is_copy = reader.text() == "copy";
  PersonId person = reader.text();
  WelcomeId parent = reader.text_or_empty();
  const std::int64_t version = reader.integer();
  std::string message_id = reader.text();
  OutboxRow result{.row = {.id = id,
                           .kind = is_copy ? WelcomeKind::Copy : WelcomeKind::Welcome,
                           .person = std::move(person),
                           .parent = std::move(parent),
                           .version = version,
                           .message_id = std::move(message_id),
                           .content = read_content(reader)}};
  if (auto copy_to = reader.optional_text()) result.row.copy_to = mailbox_from_column(*copy_to);
  result.row.way = read_way(reader);
  read_course(reader, result.row);
  result.seal = reader.optional_text();
  result.claim_id = reader.text_or_empty();
  result.claimed_at = reader.optional_time();
  result.state_since = reader.time();
  result.row.arrived_invalid = reader.flag();
  result.row.run = reader.text_or_empty();
  result.row.held = reader.flag();
  if (auto sent_to = reader.optional_text()) {
    result.row.kind = WelcomeKind::Notice;
    result.row.sent_elsewhere = std::move(*sent_to);
    if (result.row.parent == id) result.row.parent.clear();
  }
  return result;
}

}  // namespace

const char* to_text(WelcomeState state) {
  switch (state) {
    case WelcomeState::Queued:
      return "queued";
    case WelcomeState::Sending:
      return "sending";
    case WelcomeState::Sent:
      return "sent";
    case WelcomeState::Failed:
      return "failed";
    case WelcomeState::Uncertain:
      return "uncertain";
    case WelcomeState::Cancelled:
      return "cancelled";
    case WelcomeState::Superseded:
      return "superseded";
  }
  return "";
}

const char* to_text(WelcomeKind kind) {
  switch (kind) {
    case WelcomeKind::Welcome:
      return "welcome";
    case WelcomeKind::Copy:
      return "copy";
    case WelcomeKind::Notice:
      return "notice";
  }
  return "";
}

WelcomeState state_from_text(const std::string& text) {
  for (WelcomeState state : kStates) {
    if (text == to_text(state)) return state;
  }
  throw Error(ErrorCode::Internal, fmt::format("the store holds a welcome in the unknown state {}", text));
}

std::vector<OutboxRow> find_rows(SociSession& sql, const std::string& condition, const Binds& binds,
                                 const char* lock) {
  std::vector<OutboxRow> found;
  for (const SqlRow& row :
       sql.rows(fmt::format("SELECT {} FROM welcomes WHERE {} ORDER BY id{}", kColumns, condition, lock),
                kColumnCount, binds)) {
    found.push_back(read_row(row));
  }
  return found;
}

std::optional<OutboxRow> find_row(SociSession& sql, const WelcomeId& id, const char* lock) {
  std::vector<OutboxRow> rows = find_rows(sql, "id = :id", {{"id", id}}, lock);
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

std::vector<OutboxRow> find_rows_of(SociSession& sql, std::vector<WelcomeId> ids, const char* lock) {
  std::sort(ids.begin(), ids.end());
  std::vector<OutboxRow> found;
  in_lists(ids, [&](const std::string& list, const Binds& binds) {
    for (OutboxRow& row : find_rows(sql, "id IN " + list, binds, lock)) found.push_back(std::move(row));
  });
  return found;
}

bool is_finished(WelcomeState state) {
  return state != WelcomeState::Queued && state != WelcomeState::Sending && state != WelcomeState::Uncertain;
}

bool lease_is_live(const OutboxRow& row, Timestamp now) {
  return row.row.state == WelcomeState::Sending && row.row.claim_until > now &&
         !no_longer_exists(*row.row.claim_owner);
}

bool may_have_arrived(const OutboxRow& row, Timestamp now) {
  return row.row.may_have_arrived || row.row.state == WelcomeState::Uncertain ||
         (row.row.state == WelcomeState::Sending && !lease_is_live(row, now));
}

bool is_current(const OutboxRow& row, const PinsRow& pins) {
  switch (row.row.kind) {
    case WelcomeKind::Welcome:
      return row.row.version == pins.version;
    case WelcomeKind::Copy:
      // It shows the PIN that its welcome made valid: other decisions (a lock, a newer welcome that is still
      // queued) do not concern it.
      return row.row.version == pins.pin_version;
    case WelcomeKind::Notice:
      return true;  // what it tells has happened, whatever follows
  }
  return false;
}

void write_state(WriteTransaction& transaction, OutboxRow& row, WelcomeState state, std::string detail) {
  WelcomeRow& welcome = row.row;
  const Timestamp now = transaction.now();
  if (state != welcome.state) row.state_since = now;
  welcome.state = state;
  welcome.detail = std::move(detail);
  if (state != WelcomeState::Sending) {
    row.claim_id.clear();
    row.claimed_at.reset();
    welcome.claim_owner.reset();
    welcome.claim_until.reset();
  }
  if (state != WelcomeState::Queued) {
    welcome.next_attempt_at.reset();
    welcome.held = false;
  }
  welcome.finished_at.reset();
  if (is_finished(state)) {
    welcome.finished_at = now;
    row.seal.reset();
  }
  const bool claimed = welcome.claim_owner.has_value();
  const ProcessIdentity owner = welcome.claim_owner.value_or(ProcessIdentity());
  const auto if_claimed = [&](SqlValue value) { return claimed ? std::move(value) : SqlValue(std::nullopt); };
  transaction.sql().execute(
      "UPDATE welcomes SET state = :state, state_since = :state_since, detail = :detail, seal = :seal, "
      "version = "
      ":version, mail_to = :mail_to, attempts = :attempts, unknowns = :unknowns, may_have_arrived = "
      ":may_have_arrived, "
      "arrived_invalid = :arrived_invalid, held = :held, next_attempt_at = :next_attempt_at, finished_at = "
      ":finished_at, "
      "reply_code "
      "= :reply_code, enhanced_code = :enhanced_code, reply_text = :reply_text, claim_id = :claim_id, "
      "claim_host = "
      ":claim_host, claim_boot_id = :claim_boot_id, claim_pid_namespace = :claim_pid_namespace, "
      "claim_process_id = "
      ":claim_process_id, claim_start_time = :claim_start_time, claimed_at = :claimed_at, claim_until = "
      ":claim_until "
      "WHERE id = :id",
      {{"state", to_text(state)},
       {"state_since", row.state_since},
       {"detail", welcome.detail},
       {"seal", row.seal},
       {"version", welcome.version},
       {"mail_to", to_column(welcome.content.to)},
       {"attempts", welcome.attempts},
       {"unknowns", welcome.unknowns},
       {"may_have_arrived", welcome.may_have_arrived},
       {"arrived_invalid", welcome.arrived_invalid},
       {"held", welcome.held},
       {"next_attempt_at", welcome.next_attempt_at},
       {"finished_at", welcome.finished_at},
       {"reply_code", welcome.words.reply_code},
       {"enhanced_code", welcome.words.enhanced_code},
       {"reply_text", welcome.words.text},
       {"claim_id", if_claimed(row.claim_id)},
       {"claim_host", if_claimed(owner.host)},
       {"claim_boot_id", if_claimed(owner.boot_id)},
       {"claim_pid_namespace", if_claimed(owner.pid_namespace)},
       {"claim_process_id", if_claimed(owner.process_id)},
       {"claim_start_time", if_claimed(owner.start_time)},
       {"claimed_at", row.claimed_at},
       {"claim_until", welcome.claim_until},
       {"id", welcome.id}});
}

AuditEntry audit_entry(const OutboxRow& row, const Operator& by, const char* event,
                       std::vector<std::pair<std::string, std::string>> detail) {
  const char* const kind = to_text(row.row.kind);
  detail.insert(detail.begin(), {kind, row.row.id});
  if (!row.row.parent.empty()) detail.insert(detail.begin(), {to_text(WelcomeKind::Welcome), row.row.parent});
  return {by, fmt::format("{}-{}", kind, event), row.row.person, std::move(detail)};
}

WelcomeWay::Tls never_weaker(WelcomeWay::Tls was, WelcomeWay::Tls wanted) {
  using enum WelcomeWay::Tls;
  return wanted == Opportunistic && was != Opportunistic ? Required : wanted;
}

void keep_template(WriteTransaction& transaction, const std::string& hash, const std::string& text) {
  transaction.sql().execute(
      "INSERT INTO templates (hash, content) VALUES (:hash, :content) ON CONFLICT DO NOTHING",
      {{"hash", hash}, {"content", text}});
}

}  // namespace dialin
