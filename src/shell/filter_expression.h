// SPDX-License-Identifier: Apache-2.0
// -Filter as PowerShell's users write it: {LineUri -like "tel:+1425*"}, {PinPolicy -eq $null}, several joined
// by -and and -or, which bind alike, from left to right. The braces may be left out, for a shell takes them
// for its own.
//
// Compares fields of objects as text, without case; -like and -notlike know *. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shell/output.h"

namespace dialin {

class FilterExpression {
 public:
  // Error(InvalidInput) that says what is missing, or which of `fields` may have been meant.
  static FilterExpression parse(std::string_view text, const std::vector<std::string>& fields);

  bool matches(const OutputObject& object) const;

 private:
  struct Term {
    bool joined_by_or = false;  // with what stands before it
    std::string field;
    bool like = false;
    bool negated = false;
    std::string value;
  };
  std::vector<Term> terms_;
};

// `*` stands for any characters; without case.
bool matches_wildcard(std::string_view text, std::string_view pattern);

}  // namespace dialin
