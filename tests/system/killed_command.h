// SPDX-License-Identifier: Apache-2.0
// The commands besides a plain welcome that write, each with what has to be there before, and what must hold
// after it was killed anywhere and typed again.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "support/dialin_program.h"
#include "support/mail_receiver.h"

namespace dialin::test {

// A program with one person, bob, unless `empty`.
struct World {
  DialinProgram program;
  MailReceiver receiver;
};

struct KilledCommand {
  std::string name;  // of the test
  std::function<void(World&)> prepare;
  std::function<DialinProgram::Arguments(World&)> arguments;
  std::string input;         // to its standard input
  std::set<int> exit_codes;  // that are right when it is typed again
  std::function<void(World&)> verify;
};

// All of them; killed_settings() and killed_keys() are among them.
const std::vector<KilledCommand>& killed_commands();
std::vector<KilledCommand> killed_settings();
std::vector<KilledCommand> killed_keys();

// PINs that the policy allows.
inline constexpr const char* first_pin = "48213";
inline constexpr const char* second_pin = "71946";

}  // namespace dialin::test
