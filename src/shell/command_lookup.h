// SPDX-License-Identifier: Apache-2.0
// Which row of the table a command line means.
//
// By the program's own name, in any case (a symlink `set-cspinsendcawelcomemail`), else by the first words:
// `dialin Set-CsClientPin ...`, `dialin people import ...`. `--config FILE` may stand before the verb.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shell/bound_parameters.h"
#include "shell/command_spec.h"

namespace dialin {

struct FoundCommand {
  enum class What {
    Run,          // bind `words` to `spec`
    CommandHelp,  // print the help of `spec`: dialin help welcome, dialin welcome --help, -?
    Overview,     // print the overview: dialin, dialin help, dialin --help; of `group` if that is not empty
    Version,      // dialin --version
  };
  What what = What::Overview;
  const CommandSpec* spec = nullptr;
  Spelling spelling = Spelling::Native;
  std::vector<std::string_view> words = {};  // what follows the name; views of what was passed in
  std::string group = {};                    // first word of verbs: `dialin people --help`
};

// `program` is argv[0]; `words` what follows it. Error(InvalidInput), with "did you mean", if no row is
// meant.
FoundCommand find_command(const CommandTable& table, std::string_view program,
                          std::span<const std::string> words);

}  // namespace dialin
