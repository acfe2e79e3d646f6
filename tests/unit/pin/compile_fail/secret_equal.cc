// SPDX-License-Identifier: Apache-2.0
// Secrets are not compared with ==, which stops at the first difference.
#include "base/secret.h"

using namespace dialin;

bool allowed(const Secret& a, const Secret& b) {
  return a.same_as(b);
}
#ifdef MISUSE
bool misuse(const Secret& a, const Secret& b) {
  return a == b;
}
#endif
