// SPDX-License-Identifier: Apache-2.0
#include "store/postgresql_address.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <map>
#include <memory>

#include "base/error.h"

namespace dialin {
namespace {

std::string quoted(const std::string& value) {
  std::string result = "'";
  for (char c : value) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result + "'";
}

}  // namespace

PostgresqlAddress read_postgresql_address(const std::string& url) {
  char* problem = nullptr;
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(
      PQconninfoParse(url.c_str(), &problem), PQconninfoFree);
  // libpq's words may quote what was typed.
  if (problem != nullptr) PQfreemem(problem);
  if (!options)
    throw Error(ErrorCode::Configuration, "the setting [store] url is no PostgreSQL connection string",
                "Write it like postgresql://user@host:5432/database, or leave it out for a SQLite file.");
  std::map<std::string, std::string> values;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr && *option->val != '\0') values[option->keyword] = option->val;
  }
  values.try_emplace("connect_timeout", "10");
  values.try_emplace("application_name", "dialin");
  // A server that vanished without a word is noticed while we wait for its answer (milliseconds).
  values.try_emplace("tcp_user_timeout", "20000");
  PostgresqlAddress address;
  for (const auto& [name, value] : values)
    address.connection += fmt::format("{}{}={}", address.connection.empty() ? "" : " ", name, quoted(value));
  const auto value_or = [&](const char* name, const char* other) {
    const auto found = values.find(name);
    return found == values.end() ? std::string(other) : found->second;
  };
  address.place =
      fmt::format("PostgreSQL database {} on {}:{}", value_or("dbname", "(of the user's name)"),
                  value_or("host", value_or("hostaddr", "localhost").c_str()), value_or("port", "5432"));
  return address;
}

}  // namespace dialin
