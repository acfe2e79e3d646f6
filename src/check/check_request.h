// SPDX-License-Identifier: Apache-2.0
// The question of a telephone system, as the body of a request: who, pin and, if known, caller; as a form
// (application/x-www-form-urlencoded) or as one flat JSON object of strings. doc/check.md is its manual.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/secret.h"
#include "pin/pin.h"

namespace dialin {

struct CheckRequest {
  static constexpr std::size_t LongestBody = 4096;
  static constexpr std::size_t LongestWho = 1024;
  static constexpr std::size_t LongestCaller = 256;

  std::string who;
  std::optional<Pin> pin;  // none: what was typed cannot be anybody's PIN
  std::string caller;
};

// Nothing if `body` is not such a body: broken, a field missing, unknown or twice, not UTF-8, control
// characters, too long. What is decoded lies in wiped memory; no copy of the PIN stays.
std::optional<CheckRequest> parse_check_form(const Secret& body);
std::optional<CheckRequest> parse_check_json(const Secret& body);

}  // namespace dialin
