// SPDX-License-Identifier: Apache-2.0
// What a template is for.
#pragma once

namespace dialin {

enum class TemplatePurpose {
  Welcome,  // carries the PIN
  Notice,   // tells the person's own address that the PIN was changed another way; never the PIN
};

}  // namespace dialin
