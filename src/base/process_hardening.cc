// SPDX-License-Identifier: Apache-2.0
#include "base/process_hardening.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>
#include <system_error>

#include "base/error.h"
#include "base/libsodium.h"

namespace dialin {

void harden_process() {
  require_libsodium();

  const rlimit none{0, 0};
  // A core pattern that pipes to a program ignores the limit; the second call is what stops that one.
  if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    throw Error(ErrorCode::Internal,
                "the system does not let this process forbid core dumps of itself: " +
                    std::generic_category().message(errno),
                "Allow it setrlimit(RLIMIT_CORE) and prctl(PR_SET_DUMPABLE).");
  }
}

}  // namespace dialin
