// SPDX-License-Identifier: Apache-2.0
// A process from its start to its end: how long, how much of the processor, how much memory.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace dialin::bench {

using Environment = std::map<std::string, std::string>;

struct ProcessSample {
  double wall = 0;          // milliseconds from posix_spawn to the end
  double cpu = 0;           // milliseconds, user and system
  long largest_memory = 0;  // KiB resident at most
};

// Its output goes nowhere. Throws std::runtime_error unless it ends with 0.
ProcessSample run_process(const std::vector<std::string>& words, const Environment& environment,
                          const std::string& input = "/dev/null");

}  // namespace dialin::bench
