// SPDX-License-Identifier: Apache-2.0
#include "store/database_failure.h"

#include <gtest/gtest.h>

namespace dialin {
namespace {

using Repeat = DatabaseFailure::Repeat;

// SQLite's numbers (sqlite.org/rescode.html), written out: the test must not move with a header.
TEST(SqliteFailure, EachCodeSaysWhatTheCallerMayDo) {
  const std::pair<int, ErrorCode> cases[] = {
      {5, ErrorCode::Unavailable},            // busy
      {6, ErrorCode::Unavailable},            // locked
      {5 | 1 << 8, ErrorCode::Unavailable},   // busy, recovering
      {13, ErrorCode::Unavailable},           // full
      {10, ErrorCode::Unavailable},           // input or output
      {10 | 4 << 8, ErrorCode::Unavailable},  // fsync
      {7, ErrorCode::Unavailable},            // no memory
      {8, ErrorCode::Permission},             // read-only
      {14, ErrorCode::Permission},            // cannot open
      {11, ErrorCode::Configuration},         // corrupt
      {26, ErrorCode::Configuration},         // not a database
      {1, ErrorCode::Internal},               // bad SQL
      {19, ErrorCode::Internal},              // constraint
  };
  for (const auto& [result, code] : cases) {
    const DatabaseFailure failure = sqlite_failure(result, "/data/dialin.db");
    EXPECT_EQ(failure.code(), code) << result;
    EXPECT_EQ(failure.repeat(), Repeat::No) << result;
    EXPECT_NE(std::string(failure.what()).find("/data/dialin.db"), std::string::npos) << result;
    if (code != ErrorCode::Internal && result != 7) {
      EXPECT_FALSE(failure.next().empty()) << result;
    }
  }
}

TEST(PostgresqlFailure, EachSqlstateSaysWhatTheCallerMayDoAndWhetherToBeginAgain) {
  struct Case {
    const char* sqlstate;
    ErrorCode code;
    Repeat repeat;
  };
  const Case cases[] = {
      {"40001", ErrorCode::Unavailable, Repeat::Transaction},  // serialization
      {"40P01", ErrorCode::Unavailable, Repeat::Transaction},  // deadlock
      {"08000", ErrorCode::Unavailable, Repeat::Connection},   // as SOCI says it
      {"08006", ErrorCode::Unavailable, Repeat::Connection},
      {"     ", ErrorCode::Unavailable, Repeat::Connection},  // no result from libpq
      {"25P03", ErrorCode::Unavailable, Repeat::Connection},  // idle in transaction
      {"57P01", ErrorCode::Unavailable, Repeat::Connection},  // shutdown by an administrator
      {"57P03", ErrorCode::Unavailable, Repeat::Connection},  // starting up
      {"55P03", ErrorCode::Unavailable, Repeat::No},          // lock_timeout
      {"53100", ErrorCode::Unavailable, Repeat::No},          // disk full
      {"53300", ErrorCode::Unavailable, Repeat::No},          // too many connections
      {"57014", ErrorCode::Unavailable, Repeat::No},          // cancelled
      {"58030", ErrorCode::Unavailable, Repeat::No},          // input or output
      {"25006", ErrorCode::Unavailable, Repeat::No},          // read-only
      {"28P01", ErrorCode::Unauthenticated, Repeat::No},
      {"42501", ErrorCode::Permission, Repeat::No},
      {"3D000", ErrorCode::Configuration, Repeat::No},
      {"XX001", ErrorCode::Configuration, Repeat::No},  // damaged
      {"23505", ErrorCode::Internal, Repeat::No},
      {"42601", ErrorCode::Internal, Repeat::No},
  };
  for (const Case& expected : cases) {
    const DatabaseFailure failure =
        postgresql_failure(expected.sqlstate, "PostgreSQL database dialin on db:5432");
    EXPECT_EQ(failure.code(), expected.code) << expected.sqlstate;
    EXPECT_EQ(failure.repeat(), expected.repeat) << expected.sqlstate;
    EXPECT_NE(std::string(failure.what()).find("database dialin on db:5432"), std::string::npos)
        << expected.sqlstate;
    EXPECT_FALSE(failure.next().empty()) << expected.sqlstate;
  }
}

TEST(DatabaseFailure, SaysWhatWasBeingDone) {
  const DatabaseFailure failure = sqlite_failure(13, "/data/dialin.db").while_doing("recording a delivery");
  EXPECT_EQ(std::string(failure.what()).find("recording a delivery: the disk"), 0u);
  EXPECT_EQ(failure.code(), ErrorCode::Unavailable);
}

}  // namespace
}  // namespace dialin
