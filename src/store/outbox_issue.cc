// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "store/outbox.h"
#include "store/outbox_finish.h"
#include "store/outbox_rows.h"

namespace dialin {
namespace {

constexpr const char* kUnfinished = "kind = 'welcome' AND state IN ('queued', 'sending', 'uncertain')";

std::optional<WelcomeRow> first(std::vector<OutboxRow> rows) {
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front().row);
}

void insert_welcome(WriteTransaction& transaction, const WelcomeId& id, const NewWelcome& welcome,
                    const std::string& seal, std::int64_t version, const Operator& by) {
  Binds binds = {{"id", id},
                 {"person", welcome.person},
                 {"version", version},
                 {"message_id", welcome.message_id},
                 {"now", transaction.now()},
                 {"seal", seal},
                 {"replaces_pin", welcome.replaces_pin},
                 {"operator_name", by.name},
                 {"command_hash", welcome.command_hash}};
  for (Bind& bind : content_binds(welcome.content)) binds.push_back(std::move(bind));
  for (Bind& bind : way_binds(welcome.way)) binds.push_back(std::move(bind));
  transaction.sql().execute(
      "INSERT INTO welcomes (id, kind, person, version, message_id, mail_to, to_is_from_record, mail_from, "
      "reply_to, "
      "envelope_sender, subject, language, cc, bcc, mask_pin_in_copies, plain_text_only, without_link, "
      "template_hash, "
      "server, port, tls, user_name, password_source, sender_key, state, state_since, seal, replaces_pin, "
      "created_at, "
      "next_attempt_at, operator_name, command_hash) VALUES (:id, 'welcome', :person, :version, :message_id, "
      ":mail_to, "
      ":to_is_from_record, :mail_from, :reply_to, :envelope_sender, :subject, :language, :cc, :bcc, "
      ":mask_pin_in_copies, :plain_text_only, :without_link, :template_hash, :server, :port, :tls, "
      ":user_name, "
      ":password_source, :sender_key, 'queued', :now, :seal, :replaces_pin, :now, :now, :operator_name, "
      ":command_hash)",
      binds);
}

}  // namespace

IssueResult SociOutbox::issue(const NewWelcome& welcome, const Operator& by) {
  if (welcome.pin == nullptr) throw Error(ErrorCode::Internal, "a welcome was issued without a PIN");
  return write(context_, {"issue", "issuing a welcome"}, [&](WriteTransaction& transaction) -> IssueResult {
    SociSession& sql = transaction.sql();
    LockedLine locked = lock_line(transaction, welcome.person, welcome.sharers);
    for (OutboxRow& row : find_rows(sql, std::string("person = :person AND ") + kUnfinished,
                                    {{"person", welcome.person}}, sql.for_update())) {
      if (!is_old_uncertain(row, transaction.now())) return {IssueResult::Outcome::Unfinished, row.row.id};
      fail_old_uncertain(transaction, row);
    }
    if (!locked.as_expected || locked.pins.version != welcome.expected_version)
      return {IssueResult::Outcome::VersionChanged, {}};
    const WelcomeId id = transaction.next_id();
    raise_version(transaction, locked.pins);
    keep_template(transaction, welcome.content.template_hash, welcome.template_text);
    insert_welcome(transaction, id, welcome, transaction.seals().seal_pin(welcome.person, *welcome.pin),
                   locked.pins.version, by);
    AuditEntry entry{by,
                     "welcome-issued",
                     welcome.person,
                     {{"welcome", id},
                      {"to", audit_name(transaction, welcome.person, AuditNameKind::Address,
                                        welcome.content.to.address())},
                      {"server", fmt::format("{}:{}", welcome.way.server, welcome.way.port)},
                      {"replaces_pin", welcome.replaces_pin ? "yes" : "no"}}};
    if (welcome.ignores_history) entry.detail.emplace_back("ignores_history", "yes");
    if (!welcome.audit_note.empty()) entry.detail.emplace_back("note", welcome.audit_note);
    transaction.audit(std::move(entry));
    return {IssueResult::Outcome::Issued, id};
  });
}

std::optional<WelcomeRow> SociOutbox::get(const WelcomeId& id) {
  return read(context_, "reading a welcome", [&](SociSession& sql) {
    auto row = find_row(sql, id);
    return row ? std::optional(std::move(row->row)) : std::nullopt;
  });
}

std::optional<WelcomeRow> SociOutbox::unfinished_of(const PersonId& person) {
  return read(context_, "looking for an unfinished welcome", [&](SociSession& sql) {
    return first(find_rows(sql, std::string("person = :person AND ") + kUnfinished, {{"person", person}}));
  });
}

std::optional<WelcomeRow> SociOutbox::latest_of(const PersonId& person) {
  return read(context_, "looking for a person's welcomes", [&](SociSession& sql) {
    return first(
        find_rows(sql,
                  "id = (SELECT id FROM welcomes WHERE person = :person AND kind = 'welcome' ORDER BY "
                  "created_at DESC, version DESC LIMIT 1)",
                  {{"person", person}}));
  });
}

std::optional<WelcomeRow> SociOutbox::unreported(const PersonId& person, const Operator& by,
                                                 const std::string& command_hash, Timestamp since) {
  return read(context_, "looking for a welcome that was not reported", [&](SociSession& sql) {
    return first(find_rows(
        sql,
        "id = (SELECT id FROM welcomes WHERE person = :person AND kind = 'welcome' AND "
        "operator_name = :operator_name AND command_hash = :command_hash AND reported_at IS NULL "
        "AND finished_at > :since ORDER BY created_at DESC, version DESC LIMIT 1)",
        {{"person", person}, {"operator_name", by.name}, {"command_hash", command_hash}, {"since", since}}));
  });
}

void SociOutbox::mark_reported(const WelcomeId& id) {
  write(context_, {"reported", "noting that a welcome was reported"}, [&](WriteTransaction& transaction) {
    return transaction.sql().execute(
        "UPDATE welcomes SET reported_at = :now WHERE id = :id AND reported_at IS NULL AND finished_at IS "
        "NOT NULL",
        {{"now", transaction.now()}, {"id", id}});
  });
}

std::optional<bool> SociOutbox::has_pin(const WelcomeId& id, const Pin& pin) {
  return read(context_, "comparing a PIN with that of a welcome",
              [&](SociSession& sql) -> std::optional<bool> {
                const auto row = find_row(sql, id);
                if (!row || !row->seal) return std::nullopt;
                return context_.seals.open_pin(row->row.person, *row->seal).same_as(pin);
              });
}

}  // namespace dialin
