// SPDX-License-Identifier: Apache-2.0
#include "store/outbox_pause.h"

#include <fmt/format.h>

#include <utility>

#include "base/text.h"
#include "store/outbox.h"

namespace dialin {
namespace {

constexpr const char* kColumns =
    "id, server, port, user_name, sender, reason, words, credential_stamp, since, until";
constexpr std::size_t kColumnCount = 10;

constexpr std::pair<Pause::Reason, const char*> kReasons[] = {
    {Pause::Reason::Password, "password"},
    {Pause::Reason::SenderRefused, "sender-refused"},
    {Pause::Reason::ServerAway, "server-away"},
    {Pause::Reason::Quota, "quota"}};

const char* to_text(Pause::Reason reason) {
  for (const auto& [value, text] : kReasons) {
    if (value == reason) return text;
  }
  return "";
}

Pause::Reason reason_from_text(const std::string& text) {
  for (const auto& [value, name] : kReasons) {
    if (text == name) return value;
  }
  throw Error(ErrorCode::Internal, "the store holds a pause with an unknown reason");
}

std::vector<Pause> read_pauses(SociSession& sql, const std::string& condition, const Binds& binds) {
  std::vector<Pause> pauses;
  for (const SqlRow& row :
       sql.rows(fmt::format("SELECT {} FROM pauses WHERE {} ORDER BY since, id", kColumns, condition),
                kColumnCount, binds)) {
    SqlRowReader reader(row);
    Pause pause;
    pause.id = reader.text();
    pause.server = reader.text();
    pause.port = static_cast<std::uint16_t>(reader.integer());
    pause.user = reader.text();
    pause.sender = reader.text();
    pause.reason = reason_from_text(reader.text());
    pause.words = reader.text();
    pause.credential_stamp = reader.text();
    pause.since = reader.time();
    pause.until = reader.optional_time();
    pauses.push_back(std::move(pause));
  }
  return pauses;
}

std::string key_of(const std::string& sender) {
  const std::optional<Mailbox> mailbox = Mailbox::parse(sender);
  return mailbox ? mailbox->key() : sender;
}

std::vector<std::pair<std::string, std::string>> audit_detail(const Pause& pause) {
  return {{"server", fmt::format("{}:{}", pause.server, pause.port)},
          {"user", pause.user},
          {"sender", pause.sender},
          {"reason", to_text(pause.reason)}};
}

}  // namespace

std::vector<Pause> find_pauses(SociSession& sql, Timestamp now) {
  return read_pauses(sql, "until IS NULL OR until > :now", {{"now", now}});
}

std::optional<Pause> covering_pause(const std::vector<Pause>& pauses, const OutboxRow& row) {
  const WelcomeWay& way = row.row.way;
  for (const Pause& pause : pauses) {
    if (pause.server == way.server && pause.port == way.port && pause.user == way.user &&
        (pause.sender.empty() || key_of(pause.sender) == row.row.content.from.key()))
      return pause;
  }
  return std::nullopt;
}

void SociOutbox::pause(const Pause& pause, const Operator& by) {
  const std::string id = new_identifier(context_.random);
  write(context_, {"pause", "pausing deliveries"}, [&](WriteTransaction& transaction) {
    // One that stands already keeps its name, and becomes what was found out last.
    transaction.sql().execute(
        "INSERT INTO pauses (id, server, port, user_name, sender, sender_key, reason, words, "
        "credential_stamp, since, "
        "until) VALUES (:id, :server, :port, :user_name, :sender, :sender_key, :reason, :words, "
        ":credential_stamp, "
        ":since, :until) ON CONFLICT (server, port, user_name, sender_key) DO UPDATE SET sender = "
        "excluded.sender, "
        "reason = excluded.reason, words = excluded.words, credential_stamp = excluded.credential_stamp, "
        "since = "
        "excluded.since, until = excluded.until",
        {{"id", id},
         {"server", pause.server},
         {"port", pause.port},
         {"user_name", pause.user},
         {"sender", pause.sender},
         {"sender_key", key_of(pause.sender)},
         {"reason", to_text(pause.reason)},
         {"words", sanitize_foreign_text(pause.words)},
         {"credential_stamp", pause.credential_stamp},
         {"since", transaction.now()},
         {"until", pause.until}});
    transaction.audit({by, "delivery-paused", {}, audit_detail(pause)});
    return true;
  });
}

std::vector<Pause> SociOutbox::pauses() {
  return read(context_, "reading the pauses", [&](SociSession& sql) { return find_pauses(sql, sql.now()); });
}

void SociOutbox::end_pause(const std::string& pause_id, const Operator& by) {
  write(context_, {"end-pause", "ending a pause"}, [&](WriteTransaction& transaction) {
    const std::vector<Pause> pauses = read_pauses(transaction.sql(), "id = :id", {{"id", pause_id}});
    if (pauses.empty()) return false;
    if (transaction.sql().execute("DELETE FROM pauses WHERE id = :id", {{"id", pause_id}}) == 0) return false;
    transaction.audit({by, "delivery-resumed", {}, audit_detail(pauses.front())});
    return true;
  });
}

}  // namespace dialin
