// SPDX-License-Identifier: Apache-2.0
// The token that telephone systems show to `dialin serve`.
#pragma once

#include "base/secret.h"
#include "config/configuration.h"

namespace dialin {

// Out of [check] token_file. Error(Configuration): none is set, it cannot be read, or it is so short
// that it could be guessed.
Secret check_token(const CheckSettings& settings);

}  // namespace dialin
