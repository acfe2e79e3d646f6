// SPDX-License-Identifier: Apache-2.0
// [store] url: how libpq is asked to connect, and what may be shown of it.
#pragma once

#include <string>

namespace dialin {

struct PostgresqlAddress {
  std::string connection;  // for libpq: with our defaults for what the url leaves out; may hold a password
  std::string place;       // for messages: "PostgreSQL database dialin on db.contoso.com:5432"
};

// Reads "postgresql://..." or "host=... dbname=...". Throws Error(Configuration), without quoting the text,
// which may hold a password.
PostgresqlAddress read_postgresql_address(const std::string& url);

}  // namespace dialin
