// SPDX-License-Identifier: Apache-2.0
// A Secret does not become text unseen.
#include <string>

#include "base/secret.h"

using namespace dialin;

std::string allowed(const Secret& secret) {
  return std::string(secret.reveal(ClearSecretAccess()));
}
#ifdef MISUSE
std::string misuse(const Secret& secret) {
  return std::string(secret);
}
#endif
