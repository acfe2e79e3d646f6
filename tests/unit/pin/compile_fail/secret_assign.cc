// SPDX-License-Identifier: Apache-2.0
// A Secret is not copied by assignment.
#include <utility>

#include "base/secret.h"

using namespace dialin;

void allowed(Secret& to, Secret& from) {
  to = std::move(from);
}
#ifdef MISUSE
void misuse(Secret& to, Secret& from) {
  to = from;
}
#endif
