// SPDX-License-Identifier: Apache-2.0
#include "base/libsodium.h"

#include <sodium.h>

#include "base/error.h"

namespace dialin {

void require_libsodium() {
  static const bool started = sodium_init() >= 0;
  if (!started) {
    throw Error(ErrorCode::Internal, "libsodium cannot start: it finds no source of randomness",
                "Check that the system provides getrandom() or /dev/urandom to this process.");
  }
}

}  // namespace dialin
