// SPDX-License-Identifier: Apache-2.0
// The files of share/templates, as they were when the program was built (EmbedTemplates.cmake beside this
// file).
#pragma once

#include <string_view>
#include <vector>

namespace dialin {

struct BuiltInTemplate {
  std::string_view name;  // "CAWelcomeEmailTemplate.fr.html"
  std::string_view html;
};
const std::vector<BuiltInTemplate>& built_in_templates();

}  // namespace dialin
