// SPDX-License-Identifier: Apache-2.0
// What the programs that measure other programs have in common.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

namespace dialin::bench {

// The built program.
inline std::string dialin_program() {
  const char* program = std::getenv("DIALIN_PROGRAM");
  if (program == nullptr)
    throw std::runtime_error("DIALIN_PROGRAM does not name the program (script/bench does)");
  return program;
}

// All of main(): `measure` prints what it finds, and throws where it cannot.
inline int run_benchmark(const char* name, int (*measure)()) {
  try {
    return measure();
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: {}\n", name, error.what());
    return 1;
  }
}

inline double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<long>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

}  // namespace dialin::bench
