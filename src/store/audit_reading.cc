// SPDX-License-Identifier: Apache-2.0
#include "store/audit_reading.h"

#include <fmt/format.h>

#include "base/error.h"
#include "store/audit_signing.h"
#include "store/sql_lists.h"

namespace dialin {
namespace {

constexpr const char* kLineColumns =
    "host, number, previous_hash, hash, at, operator_name, origin, event, person, detail";
constexpr std::size_t kLineColumnCount = 10;
// Lines that stand in archived files do not count, whether or not they were removed yet.
constexpr const char* kNotArchived =
    "number > (SELECT archived_number FROM audit_heads WHERE audit_heads.host = audit.host)";

AuditLine read_line(const SqlRow& row) {
  SqlRowReader reader(row);
  AuditLine line;
  line.chain = reader.text();
  line.number = reader.integer();
  line.previous_hash = reader.text();
  line.hash = reader.text();
  line.at = reader.integer();
  line.operator_name = reader.text();
  line.origin = reader.text();
  line.event = reader.text();
  line.person = reader.text();
  line.detail = reader.text();
  return line;
}

std::vector<AuditLine> read_lines(const std::vector<SqlRow>& rows) {
  std::vector<AuditLine> lines;
  for (const SqlRow& row : rows) lines.push_back(read_line(row));
  return lines;
}

struct Condition {
  std::string sql = kNotArchived;
  Binds binds;

  void add(const std::string& text, Bind bind) {
    sql += " AND " + text;
    binds.push_back(std::move(bind));
  }
};

Condition condition_of(const AuditQuery& query) {
  Condition condition;
  if (query.person) condition.add("person = :person", {"person", *query.person});
  // Account names are ASCII; others match in the case in which they were written.
  if (!query.operator_name.empty())
    condition.add("lower(operator_name) = lower(:operator)", {"operator", query.operator_name});
  if (query.since) condition.add("at >= :since", {"since", *query.since});
  if (query.before) condition.add("at < :before", {"before", *query.before});
  if (!query.chain.empty()) condition.add("host = :chain", {"chain", query.chain});
  std::string events;
  for (std::size_t i = 0; i < query.events.size(); ++i) {
    const std::string name = "e" + std::to_string(i);
    events += (events.empty() ? ":" : ", :") + name;
    condition.binds.push_back({name, query.events[i]});
  }
  if (!events.empty()) condition.sql += " AND event IN (" + events + ")";
  return condition;
}

}  // namespace

std::vector<SignedHead> find_heads(SociSession& sql, const std::string& store_id,
                                   const std::string& condition, const Binds& binds, const char* order) {
  std::vector<SignedHead> heads;
  for (const SqlRow& row :
       sql.rows(fmt::format("SELECT host, number, hash, at, chains, public_key, signature FROM "
                            "audit_signed_heads WHERE {} ORDER BY {} LIMIT :limit",
                            condition, order),
                7, binds))
    heads.push_back({.store_id = store_id,
                     .chain = row.text(0),
                     .number = row.integer(1),
                     .hash = row.text(2),
                     .at = row.integer(3),
                     .chains = row.integer(4),
                     .public_key = row.text(5),
                     .signature = row.text(6)});
  return heads;
}

std::vector<AuditLine> SociAuditTrail::find(const AuditQuery& query,
                                            const std::optional<AuditPosition>& after, std::size_t limit) {
  return read(context_, "reading the audit trail", [&](SociSession& sql) {
    Condition condition = condition_of(query);
    condition.binds.push_back({"limit", limit});
    if (after) {
      condition.add("(at, host, number) > (:after_at, :after_host, :after_number)", {"after_at", after->at});
      condition.binds.push_back({"after_host", after->chain});
      condition.binds.push_back({"after_number", after->number});
    }
    return read_lines(
        sql.rows(fmt::format("SELECT {} FROM audit WHERE {} ORDER BY at, host, number LIMIT :limit",
                             kLineColumns, condition.sql),
                 kLineColumnCount, condition.binds));
  });
}

std::optional<AuditPosition> SociAuditTrail::before_last(const AuditQuery& query, std::size_t count) {
  return read(context_, "reading the audit trail", [&](SociSession& sql) -> std::optional<AuditPosition> {
    Condition condition = condition_of(query);
    condition.binds.push_back({"count", count});
    const auto row = sql.row(
        fmt::format(
            "SELECT at, host, number FROM audit WHERE {} ORDER BY at DESC, host DESC, number DESC LIMIT "
            "1 OFFSET :count",
            condition.sql),
        3, condition.binds);
    if (!row) return std::nullopt;
    return AuditPosition{row->integer(0), row->text(1), row->integer(2)};
  });
}

std::vector<AuditLine> SociAuditTrail::of_chain(const std::string& chain, std::int64_t after,
                                                std::size_t limit) {
  return read(context_, "reading the audit trail", [&](SociSession& sql) {
    return read_lines(sql.rows(
        fmt::format(
            "SELECT {} FROM audit WHERE host = :chain AND number > :after ORDER BY number LIMIT :limit",
            kLineColumns),
        kLineColumnCount, {{"chain", chain}, {"after", after}, {"limit", limit}}));
  });
}

std::vector<AuditChain> SociAuditTrail::chains() {
  return read(context_, "reading the chains of the audit trail", [&](SociSession& sql) {
    std::vector<AuditChain> chains;
    for (const SqlRow& row :
         sql.rows("SELECT names.host, audit_heads.number, audit_heads.hash, audit_heads.archived_number, "
                  "audit_heads.archived_hash, (SELECT COUNT(*) FROM audit_signed_heads AS unsent WHERE "
                  "unsent.host = "
                  "names.host AND unsent.sent_at IS NULL) FROM (SELECT host FROM audit_heads UNION SELECT "
                  "host FROM "
                  "audit_signed_heads UNION SELECT DISTINCT host FROM audit) AS names LEFT JOIN audit_heads "
                  "ON audit_heads.host = names.host ORDER BY "
                  "names.host",
                  6)) {
      AuditChain chain{
          .chain = row.text(0), .hash = std::string(64, '0'), .archived_hash = std::string(64, '0')};
      if (!row.is_null(1)) {
        chain.number = row.integer(1);
        chain.hash = row.text(2);
        chain.archived_number = row.integer(3);
        chain.archived_hash = row.text(4);
      }
      chain.heads_not_in_journal = row.integer(5);
      chains.push_back(std::move(chain));
    }
    return chains;
  });
}

std::vector<SignedHead> SociAuditTrail::heads(const std::string& chain, std::int64_t after,
                                              std::size_t limit) {
  return read(context_, "reading heads of the audit trail", [&](SociSession& sql) {
    return find_heads(sql, context_.store_id, "host = :chain AND number > :after",
                      {{"chain", chain}, {"after", after}, {"limit", limit}});
  });
}

std::optional<SignedHead> SociAuditTrail::newest_head(const std::string& chain) {
  return read(context_, "reading heads of the audit trail",
              [&](SociSession& sql) -> std::optional<SignedHead> {
                std::vector<SignedHead> heads = find_heads(sql, context_.store_id, "host = :chain",
                                                           {{"chain", chain}, {"limit", 1}}, "number DESC");
                if (heads.empty()) return std::nullopt;
                return std::move(heads.front());
              });
}

std::map<std::string, std::string> SociAuditTrail::names(const std::vector<std::string>& ids) {
  return read(context_, "reading names of the audit trail", [&](SociSession& sql) {
    std::map<std::string, std::string> names;
    in_lists(ids, [&](const std::string& list, const Binds& binds) {
      for (const SqlRow& row : sql.rows("SELECT id, name FROM audit_names WHERE id IN " + list, 2, binds))
        names.emplace(row.text(0), row.text(1));
    });
    return names;
  });
}

void SociAuditTrail::sign(When when) {
  // Without a transaction where nothing is to be signed, for whoever asks every minute.
  const bool anything = read(context_, "looking at the end of the audit trail", [&](SociSession& sql) {
    return sql
        .row(
            "SELECT 1 FROM audit_heads WHERE host = :host AND number > signed_number AND (number >= "
            "signed_number + :lines OR signed_at <= :before)",
            1,
            {{"host", context_.host},
             {"lines", when == When::Now ? 1 : kLinesAHead},
             {"before", when == When::Now ? sql.now() : sql.now() - kTimeAHead}})
        .has_value();
  });
  if (anything) {
    run_transaction(context_, {"sign", "signing the end of the audit trail"},
                    [&](WriteTransaction& transaction) {
                      sign_now(transaction, lock_chain(transaction.sql(), context_.host));
                    });
  }
  send_heads(context_);
}

std::string SociAuditTrail::public_key() {
  return signing_key(context_).public_key();
}

std::vector<CheckCount> SociAuditTrail::check_counts(std::optional<Timestamp> since,
                                                     std::optional<Timestamp> before) {
  return read(context_, "reading how many PINs were checked", [&](SociSession& sql) {
    Condition condition{"1 = 1", {}};
    if (since) condition.add("day >= :since", {"since", day_of(*since)});
    if (before) condition.add("day < :before", {"before", day_of(*before)});
    std::vector<CheckCount> counts;
    for (const SqlRow& row :
         sql.rows("SELECT day, result, CAST(SUM(checks) AS BIGINT) FROM check_counts WHERE " + condition.sql +
                      " GROUP BY day, result ORDER BY day, result",
                  3, condition.binds))
      counts.push_back({row.integer(0), row.text(1), row.integer(2)});
    return counts;
  });
}

}  // namespace dialin
