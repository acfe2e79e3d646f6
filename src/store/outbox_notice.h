// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "store/outbox_rows.h"

namespace dialin {

// Queues `notice` for the person; `welcome`: the one that was mailed elsewhere, empty if there is none.
// Nothing if that address gets a copy of the welcome.
std::optional<WelcomeId> make_notice(WriteTransaction& transaction, const PersonId& person,
                                     const PinNotice& notice, const WelcomeId& welcome, const Operator& by);

}  // namespace dialin
