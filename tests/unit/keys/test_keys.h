// SPDX-License-Identifier: Apache-2.0
// Keys for tests.
#pragma once

#include <string>

#include "keys/key.h"

namespace dialin::test {

// A key of 32 times the same octet.
inline Key key_of(char octet) {
  return std::move(*Key::from_octets(Secret(std::string(Key::Size, octet))));
}

inline std::string text_of(const Secret& secret) {
  return std::string(secret.reveal(ClearSecretAccess()));
}

}  // namespace dialin::test
