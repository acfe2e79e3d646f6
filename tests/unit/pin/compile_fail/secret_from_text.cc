// SPDX-License-Identifier: Apache-2.0
// Text does not become a Secret unseen: whoever makes one wipes the source.
#include "base/secret.h"

using namespace dialin;

Secret allowed() {
  return Secret("text");
}
#ifdef MISUSE
Secret misuse() {
  return "text";
}
#endif
