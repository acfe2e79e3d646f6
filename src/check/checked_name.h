// SPDX-License-Identifier: Apache-2.0
// Who a caller says to be, as text: tel:+14255551297;ext=51297 or +14255551297, an extension (51297), or a
// SIP address with or without sip:.
#pragma once

#include <optional>
#include <string_view>

#include "store/lockout_store.h"

namespace dialin {

// Nothing if it is none of them: longer than 1,024 octets, not UTF-8, another form. Digits alone are an
// extension (1 to 15 digits), never a number that lost its +.
std::optional<CheckedName> parse_checked_name(std::string_view text);

}  // namespace dialin
