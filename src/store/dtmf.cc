// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/text.h"
#include "store/access_numbers.h"

namespace dialin {
namespace {

DtmfConfiguration read_dtmf(const SqlRow& row) {
  DtmfConfiguration configuration;
  const auto identity = ScopeIdentity::parse(row.text(0));
  bool readable = identity && row.text(1).size() == 1;
  if (readable) {
    configuration.identity = *identity;
    configuration.command_character = row.text(1)[0];
  }
  configuration.keys.clear();
  if (!row.text(2).empty()) {
    for (const std::string& line : split(row.text(2), '\n')) {
      const std::size_t equals = line.find('=');
      if (equals == std::string::npos || equals + 2 != line.size()) {
        readable = false;
      } else {
        configuration.keys[line.substr(0, equals)] = line[equals + 1];
      }
    }
  }
  if (!row.is_null(3)) configuration.operator_line_uri = PhoneNumber::parse(row.text(3));
  if (!readable) throw Error(ErrorCode::Internal, "the store holds telephone commands that cannot be read");
  return configuration;
}

void write_dtmf(SociSession& sql, const DtmfConfiguration& configuration) {
  std::vector<std::string> keys;
  for (const auto& [command, key] : configuration.keys) keys.push_back(fmt::format("{}={}", command, key));
  sql.execute(
      "INSERT INTO dtmf_configurations (identity_key, identity, command_character, keys, operator_line_uri) "
      "VALUES "
      "(:key, :identity, :character, :keys, :operator) ON CONFLICT (identity_key) DO UPDATE SET "
      "command_character = "
      "excluded.command_character, keys = excluded.keys, operator_line_uri = excluded.operator_line_uri",
      {{"key", configuration.identity.key()},
       {"identity", configuration.identity.text()},
       {"character", std::string(1, configuration.command_character)},
       {"keys", join(keys, "\n")},
       {"operator", configuration.operator_line_uri ? SqlValue(configuration.operator_line_uri->uri())
                                                    : SqlValue(std::nullopt)}});
}

std::vector<DtmfConfiguration> read_all(SociSession& sql) {
  std::vector<DtmfConfiguration> configurations(1);  // the global one by default
  for (const SqlRow& row : sql.rows("SELECT identity, command_character, keys, operator_line_uri FROM "
                                    "dtmf_configurations ORDER BY identity_key",
                                    4)) {
    DtmfConfiguration configuration = read_dtmf(row);
    if (configuration.identity == ScopeIdentity()) {
      configurations.front() = std::move(configuration);
    } else {
      configurations.push_back(std::move(configuration));
    }
  }
  return configurations;
}

void lock_dtmf(WriteTransaction& transaction) {
  SociSession& sql = transaction.sql();
  sql.row(std::string("SELECT name FROM table_locks WHERE name = 'dtmf_configurations'") + sql.for_update(),
          1);
}

}  // namespace

std::vector<DtmfConfiguration> SociNumberStore::dtmf() {
  return read(context_, "reading the telephone commands", read_all);
}

void SociNumberStore::change_dtmf(const ScopeIdentity& identity, const DtmfChanges& changes,
                                  const Operator& by) {
  run_transaction(
      context_, {"dtmf-change", "changing the telephone commands"}, [&](WriteTransaction& transaction) {
        lock_dtmf(transaction);
        DtmfConfiguration configuration = dtmf_of(read_all(transaction.sql()), identity.name());
        configuration.identity = identity;
        configuration = changed(configuration, changes);
        const std::string reason = explain_bad_dtmf(configuration);
        if (!reason.empty())
          throw Error(ErrorCode::InvalidInput,
                      fmt::format("the telephone commands of {} cannot be so: {}", identity.text(), reason),
                      "To exchange two keys, give both commands in one line; null disables a command.");
        write_dtmf(transaction.sql(), configuration);
        transaction.audit({by, "dtmf-changed", {}, {{"identity", identity.text()}}});
      });
}

bool SociNumberStore::reset_dtmf(const ScopeIdentity& identity, const Operator& by) {
  return write(context_, {"dtmf-reset", "resetting the telephone commands"},
               [&](WriteTransaction& transaction) {
                 lock_dtmf(transaction);
                 if (transaction.sql().execute("DELETE FROM dtmf_configurations WHERE identity_key = :key",
                                               {{"key", identity.key()}}) == 0)
                   return false;
                 transaction.audit({by, "dtmf-reset", {}, {{"identity", identity.text()}}});
                 return true;
               });
}

}  // namespace dialin
