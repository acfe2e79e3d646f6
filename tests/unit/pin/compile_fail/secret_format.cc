// SPDX-License-Identifier: Apache-2.0
// A Secret cannot be formatted.
#include <fmt/format.h>

#include "base/secret.h"

using namespace dialin;

std::string allowed(const Secret& secret) {
  return fmt::format("{}", secret.size());
}
#ifdef MISUSE
std::string misuse(const Secret& secret) {
  return fmt::format("{}", secret);
}
#endif
