// SPDX-License-Identifier: Apache-2.0
#include "store/database_failure.h"

#include <fmt/format.h>
#include <sqlite3.h>

namespace dialin {

DatabaseFailure DatabaseFailure::while_doing(std::string_view doing) const {
  return DatabaseFailure(code(), repeat_, fmt::format("{}: {}", doing, what()), next());
}

DatabaseFailure sqlite_failure(int result, const std::string& file) {
  using enum DatabaseFailure::Repeat;
  switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorCode::Unavailable, No,
              fmt::format("another process has held the store {} for 10 seconds", file),
              "See with \"fuser -v FILE\" who has it open, and try again."};
    case SQLITE_FULL:
      return {ErrorCode::Unavailable, No,
              fmt::format("the disk of the store {} is full; nothing was changed", file),
              "Make room on that disk and try again."};
    case SQLITE_IOERR:
      return {ErrorCode::Unavailable, No,
              fmt::format("the store {} could not be read or written (input or output error)", file),
              "See with \"df FILE\" whether that disk is full; if not, look at the system's journal for its "
              "errors."};
    case SQLITE_READONLY:
      return {
          ErrorCode::Permission, No, fmt::format("the store {} may not be written", file),
          "Give the file and its directory back to the account that owns the store, and see that the disk is "
          "mounted for writing."};
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
      return {ErrorCode::Permission, No, fmt::format("the store {} may not be opened", file),
              "See who owns the file and its directory."};
    case SQLITE_CORRUPT:
      return {ErrorCode::Configuration, No, fmt::format("the store {} is damaged", file),
              "Put the file aside and bring it back from a backup; the key directory stays."};
    case SQLITE_NOTADB:
      return {ErrorCode::Configuration, No, fmt::format("{} is not a SQLite database", file),
              "Put the file aside and bring the store back from a backup."};
    case SQLITE_NOMEM:
      return {ErrorCode::Unavailable, No, fmt::format("no memory left while using the store {}", file)};
    case SQLITE_INTERRUPT:
      return {ErrorCode::Interrupted, No, fmt::format("the use of the store {} was interrupted", file)};
    default:
      return {ErrorCode::Internal, No,
              fmt::format("the store {} answered with SQLite error {}", file, result)};
  }
}

DatabaseFailure postgresql_failure(std::string_view sqlstate, const std::string& place) {
  using enum DatabaseFailure::Repeat;
  const std::string_view category = sqlstate.substr(0, 2);
  if (sqlstate == "40001" || sqlstate == "40P01")
    return {ErrorCode::Unavailable, Transaction,
            fmt::format("other work in {} stood in the way again and again", place), "Try again."};
  // 25P03: we were stopped inside a transaction for too long and the server ended it. 57P0x: the server is
  // being shut down or restarted. SOCI reports a lost connection as 08000, and as blanks where libpq had no
  // result.
  if (category == "08" || sqlstate == "25P03" || sqlstate == "57P01" || sqlstate == "57P02" ||
      sqlstate == "57P03" || sqlstate == "57P05" || sqlstate.find_first_not_of(' ') == std::string_view::npos)
    return {ErrorCode::Unavailable, Connection, fmt::format("the connection to {} was lost", place),
            "See that the PostgreSQL server runs and can be reached, and try again."};
  if (sqlstate == "55P03")
    return {ErrorCode::Unavailable, No,
            fmt::format("another process has held a row in {} for 10 seconds", place), "Try again."};
  if (sqlstate == "53100")
    return {ErrorCode::Unavailable, No, fmt::format("the disk of {} is full; nothing was changed", place),
            "Make room on the PostgreSQL server's disk and try again."};
  if (category == "53" || category == "57" || category == "58")
    return {ErrorCode::Unavailable, No,
            fmt::format("{} could not serve the request (SQLSTATE {})", place, sqlstate),
            "The PostgreSQL server's log says more."};
  if (category == "28")
    return {ErrorCode::Unauthenticated, No, fmt::format("{} does not accept the user or password", place),
            "Check the connection string in [store] url."};
  if (sqlstate == "42501")
    return {ErrorCode::Permission, No, fmt::format("the database user may not do this in {}", place),
            "The user needs to own the database, or the right to create tables in its schema."};
  if (sqlstate == "25006")
    return {ErrorCode::Unavailable, No, fmt::format("{} is read-only now", place),
            "Name the primary server in [store] url, not a standby."};
  if (sqlstate == "3D000")
    return {ErrorCode::Configuration, No, fmt::format("{} does not exist", place),
            "Create the database first (createdb)."};
  if (sqlstate == "42P07")
    return {ErrorCode::Configuration, No, fmt::format("{} has tables of another program", place),
            "Give dialin a database, or a schema in search_path, of its own."};
  if (category == "XX")
    return {ErrorCode::Configuration, No, fmt::format("{} is damaged (SQLSTATE {})", place, sqlstate),
            "The PostgreSQL server's log says more."};
  return {ErrorCode::Internal, No, fmt::format("{} answered with SQLSTATE {}", place, sqlstate),
          "The PostgreSQL server's log says more."};
}

}  // namespace dialin
