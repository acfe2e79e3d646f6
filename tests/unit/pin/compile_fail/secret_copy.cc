// SPDX-License-Identifier: Apache-2.0
// A Secret is not copied by the way.
#include "base/secret.h"

using namespace dialin;

Secret allowed(const Secret& secret) {
  return secret.duplicate();
}
#ifdef MISUSE
Secret misuse(const Secret& secret) {
  return secret;
}
#endif
