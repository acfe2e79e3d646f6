// SPDX-License-Identifier: Apache-2.0
// One character of UTF-8 after the other, strictly by RFC 3629.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dialin {

struct Utf8Character {
  char32_t code = 0;
  std::size_t size = 0;  // octets; 0: what stands there is not valid UTF-8
};

// The character that begins at `position`, which lies inside `text`.
Utf8Character decode_utf8(std::string_view text, std::size_t position);

// `code` is a Unicode scalar value.
void append_utf8(std::string& text, char32_t code);

}  // namespace dialin
