// SPDX-License-Identifier: Apache-2.0
// The people of a group of rows, locked together, with everybody who shares a number with one of them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "store/people_rows.h"

namespace dialin {

class LockedPeople {
 public:
  // In the order of locks: numbers, then people.
  LockedPeople(WriteTransaction& transaction, const std::vector<PersonId>& people);

  // Neither the person's PIN nor any sharer's is another than it was, and the sharers are the same people.
  bool as_expected(const PersonId& person, std::int64_t version,
                   const std::vector<SharerVersion>& sharers) const;
  // The PIN's version after raise(), which the caller writes: so that of two sharers in one group the second
  // one finds that the first was issued.
  std::int64_t raise(const PersonId& person) { return ++people_.at(person).version; }

 private:
  struct One {
    std::int64_t version = 0;
    std::optional<std::string> line;
  };
  std::map<PersonId, One> people_;
  std::multimap<std::string, PersonId> by_line_;
  bool lines_unchanged_ = true;
};

}  // namespace dialin
