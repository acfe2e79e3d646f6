// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "store/outbox_rows.h"

namespace dialin {

// A copy for everybody in Cc and Bcc of `welcome`, each once and not for the recipient of the welcome itself;
// made in the transaction that first records it as accepted. `pins` are the person's after the activation.
std::vector<WelcomeId> make_copies(WriteTransaction& transaction, const WelcomeRow& welcome,
                                   const AttemptRecord& record, const PinsRow& pins);

}  // namespace dialin
