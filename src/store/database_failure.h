// SPDX-License-Identifier: Apache-2.0
// What a database's error code means for us. Only codes are looked at, never a library's text: SOCI's holds
// the values that were bound.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace dialin {

// An Error of the database, with what may be done about it here, inside the store.
class DatabaseFailure : public Error {
 public:
  enum class Repeat {
    No,
    Transaction,  // it lost against another one: nothing was written, begin it again
    Connection,   // the connection is gone, and with it the transaction: connect, then begin again
  };
  DatabaseFailure(ErrorCode code, Repeat repeat, const std::string& what, std::string next = {})
      : Error(code, what, std::move(next)), repeat_(repeat) {}
  Repeat repeat() const { return repeat_; }
  // The same with "doing: " before it.
  DatabaseFailure while_doing(std::string_view doing) const;

 private:
  Repeat repeat_;
};

// `result` is SQLite's result code (primary or extended); `file` the database's path.
DatabaseFailure sqlite_failure(int result, const std::string& file);

// `sqlstate` is PostgreSQL's five characters, SOCI's "08000" or "     " for a lost connection; `place` names
// server and database.
DatabaseFailure postgresql_failure(std::string_view sqlstate, const std::string& place);

}  // namespace dialin
