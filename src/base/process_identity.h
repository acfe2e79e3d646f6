// SPDX-License-Identifier: Apache-2.0
// Which process a claim belongs to, so that the claim of one that no longer exists can be taken over at once.
#pragma once

#include <cstdint>
#include <string>

namespace dialin {

struct ProcessIdentity {
  std::string host;     // the host's name
  std::string boot_id;  // /proc/sys/kernel/random/boot_id
  std::string
      pid_namespace;  // /proc/self/ns/pid: two containers of one host do not see each other's processes
  std::int64_t process_id = 0;
  std::int64_t start_time = 0;  // field 22 of /proc/PID/stat: a reused process id has another one

  bool operator==(const ProcessIdentity&) const = default;
};

ProcessIdentity this_process();

// True only if it is certain: same host and another boot, or no such process with that start time, or a
// zombie. A stopped process exists.
bool no_longer_exists(const ProcessIdentity& owner);

}  // namespace dialin
