// SPDX-License-Identifier: Apache-2.0
// The result words of the original's API.
#pragma once

namespace dialin {

enum class CheckWord {
  Success,
  IncorrectPin,
  PinExpired,
  PinNotSet,
  NonUniqueUser,         // the PIN is right for several people, or too many have the number
  PinNotEnabledForUser,  // the person is disabled
  UserDoesNotExist,
  UserPinAccountLocked,  // locked out by failures, or locked on purpose
};

// "Success", "IncorrectPin", ...
const char* to_text(CheckWord word);

}  // namespace dialin
