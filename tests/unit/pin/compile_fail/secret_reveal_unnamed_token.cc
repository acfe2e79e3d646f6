// SPDX-License-Identifier: Apache-2.0
// The token cannot be made without writing its name.
#include "base/secret.h"

using namespace dialin;

std::string_view allowed(const Secret& secret) {
  return secret.reveal(ClearSecretAccess());
}
#ifdef MISUSE
std::string_view misuse(const Secret& secret) {
  return secret.reveal({});
}
#endif
