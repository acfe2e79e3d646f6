// SPDX-License-Identifier: Apache-2.0
#include "user_view.h"

#include <fmt/format.h>

#include <stdexcept>

namespace dialin::test {

Command typed(const DialinProgram& program, const std::string& line,
              const DialinProgram::Environment& environment, Terminal terminal) {
  Command command = program.shell(line, environment);
  command.arguments = {"/bin/bash", "-c", line};
  command.terminal = terminal;
  return command;
}

Completed run_typed(const DialinProgram& program, const std::string& line,
                    const DialinProgram::Environment& environment, std::string_view input) {
  return run(typed(program, line, environment), input);
}

nlohmann::json parsed(const std::string& mail) {
  const std::string text = run_successfully(
      {.arguments = {find_program("python3", "python3"), DIALIN_SOURCE_DIR "/tests/system/parse_mail.py"}},
      mail);
  return nlohmann::json::parse(text);
}

void import_csv(const DialinProgram& program, const std::string& csv) {
  const Completed done = program.run({"people", "import", "-"}, csv);
  if (done.exit_code != 0) throw std::runtime_error("people could not be imported: " + all_of(done));
}

std::filesystem::path write_private(const DialinProgram& program, const std::string& name,
                                    const std::string& content) {
  const std::filesystem::path file = program.directory().write(name, content);
  std::filesystem::permissions(file,
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  return file;
}

std::string all_of(const Completed& completed) {
  return fmt::format("exit code {}\noutput: {}\nerror: {}\nscreen: {}", completed.exit_code, completed.output,
                     completed.error, completed.screen);
}

}  // namespace dialin::test
