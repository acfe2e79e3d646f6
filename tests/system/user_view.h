// SPDX-License-Identifier: Apache-2.0
// What people see of the program: an administrator at a shell, and who reads the mail.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "support/child_process.h"
#include "support/dialin_program.h"
#include "support/mail_receiver.h"

namespace dialin::test {

// `line` as it is typed into bash, where the program and the cmdlets' names are in PATH.
Command typed(const DialinProgram& program, const std::string& line,
              const DialinProgram::Environment& environment = {}, Terminal terminal = Terminal::None);
// The same, run to its end.
Completed run_typed(const DialinProgram& program, const std::string& line,
                    const DialinProgram::Environment& environment = {}, std::string_view input = {});

// The mail as Python's parsers understand it: parse_mail.py says what is in the object. Throws
// std::runtime_error if they do not.
nlohmann::json parsed(const std::string& mail);

// Imports `csv` (heading and rows). Throws if that fails.
void import_csv(const DialinProgram& program, const std::string& csv);

// A file that only its owner may read, as passwords lie in.
std::filesystem::path write_private(const DialinProgram& program, const std::string& name,
                                    const std::string& content);

// For messages of failed tests.
std::string all_of(const Completed& completed);

}  // namespace dialin::test
