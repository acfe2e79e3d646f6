// SPDX-License-Identifier: Apache-2.0
// The names of languages in themselves, as callers look for theirs.
#pragma once

#include <string>

namespace dialin {

// "fr-CA" -> "Français (Canada)", "fr" -> "Français"; an unknown one comes back as it is. Case does not
// matter.
std::string endonym(const std::string& language);

}  // namespace dialin
