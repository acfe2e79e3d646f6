// SPDX-License-Identifier: Apache-2.0
// A Secret is not seen without the token that the lint looks for.
#include "base/secret.h"

using namespace dialin;

std::string_view allowed(const Secret& secret) {
  return secret.reveal(ClearSecretAccess());
}
#ifdef MISUSE
std::string_view misuse(const Secret& secret) {
  return secret.reveal();
}
#endif
