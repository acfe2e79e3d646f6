// SPDX-License-Identifier: Apache-2.0
#include "checkpoint_list.h"

#include <fmt/format.h>

#include <sstream>

namespace dialin::test {

std::vector<std::string> checkpoints_in(const std::string& standard_error) {
  static const std::string start = "checkpoint: ";
  std::vector<std::string> names;
  std::istringstream lines(standard_error);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(start, 0) == 0) names.push_back(line.substr(start.size()));
  }
  return names;
}

DialinProgram::Environment kill_at(std::size_t number) {
  return {{"DIALIN_CHECKPOINT", fmt::format("*#{}=kill", number)}};
}

DialinProgram::Environment stop_at(std::size_t number) {
  return {{"DIALIN_CHECKPOINT", fmt::format("*#{}=stop", number)}};
}

DialinProgram::Environment kill_at(const std::string& name) {
  return {{"DIALIN_CHECKPOINT", name + "=kill"}};
}

DialinProgram::Environment stop_at(const std::string& name) {
  return {{"DIALIN_CHECKPOINT", name + "=stop"}};
}

DialinProgram::Environment tell() {
  return {{"DIALIN_CHECKPOINT", "*=tell"}};
}

}  // namespace dialin::test
