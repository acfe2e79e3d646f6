// SPDX-License-Identifier: Apache-2.0
// The content of a key file: one line of ASCII, ended by LF.
//
//   dialin-key-v1 <key id> <base64 of the 32 octets>
#pragma once

#include <optional>

#include "base/secret.h"
#include "keys/key.h"

namespace dialin {

Secret write_key_file(const Key& key);

// Nothing if `content` is not such a line or the id is not that of the octets. A missing LF at the end is
// forgiven, because editors and copying by hand lose it.
std::optional<Key> read_key_file(const Secret& content);

}  // namespace dialin
