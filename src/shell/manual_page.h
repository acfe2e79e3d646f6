// SPDX-License-Identifier: Apache-2.0
// The manual, rendered from the tables: one page a command, one about all of them, and one about the
// configuration file. It cannot say anything else than help and binder do.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shell/command_spec.h"

namespace dialin {

struct ManualPage {
  std::string file;  // "dialin-welcome.1"
  std::string text;
};

// `version`: "0.1.0"; `date` of the pages: "2026-03-01".
std::vector<ManualPage> manual_pages(const CommandTable& table, std::string_view version,
                                     std::string_view date);

}  // namespace dialin
