// SPDX-License-Identifier: Apache-2.0
#include "store/audit.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "base/text.h"
#include "store/audit_trail.h"
#include "store/sql_lists.h"
#include "store/store_context.h"

namespace dialin {
namespace {

constexpr std::size_t kLinesAStatement = 200;

std::string hash_of(const std::vector<std::string>& fields) {
  std::string text;
  for (const std::string& field : fields) text += fmt::format("{}:{},", field.size(), field);
  return sha256_hex(text);
}

std::string to_json(const std::vector<std::pair<std::string, std::string>>& detail) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (const auto& [name, value] : detail) object[name] = value;
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

std::string audit_hash(const AuditLine& line) {
  return hash_of({"dialin-audit-v1", line.previous_hash, line.chain, std::to_string(line.number),
                  std::to_string(line.at), line.operator_name, line.origin, line.event, line.person,
                  line.detail});
}

ChainEnd lock_chain(SociSession& sql, const std::string& host) {
  const std::string find =
      std::string("SELECT number, hash, signed_number, signed_at FROM audit_heads WHERE host = :host") +
      sql.for_update();
  auto row = sql.row(find, 4, {{"host", host}});
  if (!row) {
    sql.execute(
        "INSERT INTO audit_heads (host, number, hash) VALUES (:host, 0, :zeros) ON CONFLICT DO NOTHING",
        {{"host", host}, {"zeros", std::string(64, '0')}});
    row = sql.row(find, 4, {{"host", host}});
  }
  return {row->integer(0), row->text(1), row->integer(2), row->time(3)};
}

ChainEnd write_audit(SociSession& sql, const std::string& host, Timestamp now,
                     const std::vector<AuditEntry>& entries) {
  ChainEnd head = lock_chain(sql, host);
  const std::int64_t at = to_microseconds(now);
  for (std::size_t begin = 0; begin < entries.size(); begin += kLinesAStatement) {
    const std::size_t end = std::min(entries.size(), begin + kLinesAStatement);
    std::string statement =
        "INSERT INTO audit (host, number, previous_hash, hash, at, operator_name, origin, event, person, "
        "detail) "
        "VALUES ";
    Binds binds = {{"host", host}, {"at", at}};
    for (std::size_t i = begin; i < end; ++i) {
      const AuditEntry& entry = entries[i];
      // An account's name may hold anything; a line must be written whatever it holds.
      const AuditLine line{.chain = host,
                           .number = ++head.number,
                           .previous_hash = head.hash,
                           .hash = {},
                           .at = at,
                           .operator_name = sanitize_foreign_text(entry.by.name),
                           .origin = sanitize_foreign_text(entry.by.origin),
                           .event = entry.event,
                           .person = entry.person,
                           .detail = to_json(entry.detail)};
      head.hash = audit_hash(line);
      statement += fmt::format("{}(:host, :n{}, :q{}, :h{}, :at, :o{}, :f{}, :e{}, :p{}, :d{})",
                               i == begin ? "" : ", ", i, i, i, i, i, i, i, i);
      const std::string index = std::to_string(i);
      binds.push_back({"n" + index, head.number});
      binds.push_back({"q" + index, line.previous_hash});
      binds.push_back({"h" + index, head.hash});
      binds.push_back({"o" + index, line.operator_name});
      binds.push_back({"f" + index, line.origin});
      binds.push_back({"e" + index, entry.event});
      binds.push_back({"p" + index, entry.person});
      binds.push_back({"d" + index, line.detail});
    }
    sql.execute(statement, binds);
  }
  sql.execute("UPDATE audit_heads SET number = :number, hash = :hash WHERE host = :host",
              {{"number", head.number}, {"hash", head.hash}, {"host", host}});
  return head;
}

std::string audit_name(WriteTransaction& transaction, const PersonId& person, AuditNameKind kind,
                       const std::string& name) {
  SociSession& sql = transaction.sql();
  const Binds key = {
      {"person", person}, {"kind", kind == AuditNameKind::Person ? "person" : "address"}, {"name", name}};
  const char* const find =
      "SELECT id FROM audit_names WHERE person = :person AND kind = :kind AND name = :name";
  if (const auto row = sql.row(find, 1, key)) return row->text(0);
  Binds binds = key;
  binds.push_back({"id", transaction.next_id()});
  sql.execute(
      "INSERT INTO audit_names (id, person, kind, name) VALUES (:id, :person, :kind, :name) ON CONFLICT DO "
      "NOTHING",
      binds);
  return sql.row(find, 1, key)->text(0);
}

std::vector<std::string> audit_addresses(WriteTransaction& transaction,
                                         const std::vector<AuditAddress>& addresses) {
  SociSession& sql = transaction.sql();
  std::vector<std::string> ids(addresses.size());
  in_parts(addresses.size(), [&](std::size_t begin, std::size_t end) {
    std::vector<std::string> people;
    std::map<std::pair<std::string, std::string>, std::size_t> missing;
    for (std::size_t i = begin; i < end; ++i) {
      people.push_back(addresses[i].person);
      missing[{addresses[i].person, addresses[i].address}] = i;
    }
    const auto look = [&] {
      in_lists(people, [&](const std::string& list, const Binds& binds) {
        for (const SqlRow& row :
             sql.rows("SELECT id, person, name FROM audit_names WHERE kind = 'address' AND person IN " + list,
                      3, binds)) {
          const auto found = missing.find({row.text(1), row.text(2)});
          if (found == missing.end()) continue;
          ids[found->second] = row.text(0);
          missing.erase(found);
        }
      });
    };
    look();
    if (missing.empty()) return;
    SqlValues values({"TEXT", "TEXT", "TEXT", "TEXT"});
    for (const auto& [key, index] : missing) {
      ids[index] = transaction.next_id();
      values.add({ids[index], key.first, "address", key.second});
    }
    const std::size_t made = sql.execute(
        fmt::format("INSERT INTO audit_names (id, person, kind, name) VALUES {} ON CONFLICT DO NOTHING",
                    values.text()),
        values.take_binds());
    // Somebody else made one of them meanwhile: that one's id counts.
    if (made < missing.size()) look();
  });
  return ids;
}

}  // namespace dialin
