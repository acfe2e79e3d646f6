// SPDX-License-Identifier: Apache-2.0
// Character references of HTML as the characters that they mean.
#pragma once

#include <string>
#include <string_view>

namespace dialin {

// &amp; &eacute; &#8217; &#x2019; and the like; what is unknown stays as it stands. References to control
// characters, NUL included, become U+FFFD.
std::string decode_entities(std::string_view text);

}  // namespace dialin
