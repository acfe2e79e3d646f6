// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "store/outbox_rows.h"

namespace dialin {

// Those that stand now, in order of their beginning.
std::vector<Pause> find_pauses(SociSession& sql, Timestamp now);

// The first of `pauses` that covers `row`: of its relay and account, for every sender or for its own.
std::optional<Pause> covering_pause(const std::vector<Pause>& pauses, const OutboxRow& row);

}  // namespace dialin
