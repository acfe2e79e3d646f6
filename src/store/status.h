// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/store_context.h"
#include "store/store_status.h"

namespace dialin {

StoreStatus read_status(StoreContext& context);

}  // namespace dialin
