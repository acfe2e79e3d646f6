// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "store/outbox_rows.h"

namespace dialin {

// The pause that covers `row` now: of its relay and account, for every sender or for its own.
std::optional<Pause> find_pause(SociSession& sql, const OutboxRow& row, Timestamp now);

std::vector<Pause> find_pauses(SociSession& sql, Timestamp now);

}  // namespace dialin
