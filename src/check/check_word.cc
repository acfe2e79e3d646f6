// SPDX-License-Identifier: Apache-2.0
#include "check/check_word.h"

namespace dialin {

const char* to_text(CheckWord word) {
  switch (word) {
    case CheckWord::Success:
      return "Success";
    case CheckWord::IncorrectPin:
      return "IncorrectPin";
    case CheckWord::PinExpired:
      return "PinExpired";
    case CheckWord::PinNotSet:
      return "PinNotSet";
    case CheckWord::NonUniqueUser:
      return "NonUniqueUser";
    case CheckWord::PinNotEnabledForUser:
      return "PinNotEnabledForUser";
    case CheckWord::UserDoesNotExist:
      return "UserDoesNotExist";
    case CheckWord::UserPinAccountLocked:
      return "UserPinAccountLocked";
  }
  return "Unknown";
}

}  // namespace dialin
