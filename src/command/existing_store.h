// SPDX-License-Identifier: Apache-2.0
// The store, for a command that only makes sense where there is one.
#pragma once

#include <memory>

#include "command/command_context.h"

namespace dialin {

// Never null, and makes nothing: Error(NotFound) that says where a store was looked for, and why there.
std::unique_ptr<Store> existing_store(CommandContext& context);

}  // namespace dialin
