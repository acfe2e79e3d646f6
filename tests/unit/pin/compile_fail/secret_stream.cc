// SPDX-License-Identifier: Apache-2.0
// A Secret cannot be printed to a stream.
#include <ostream>

#include "base/secret.h"

using namespace dialin;

void allowed(std::ostream& out, const Secret& secret) {
  out << secret.size();
}
#ifdef MISUSE
void misuse(std::ostream& out, const Secret& secret) {
  out << secret;
}
#endif
