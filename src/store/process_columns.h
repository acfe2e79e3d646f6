// SPDX-License-Identifier: Apache-2.0
// A process in the tables: the columns claim_host to claim_start_time, in this order.
#pragma once

#include "base/process_identity.h"
#include "store/sql_value.h"

namespace dialin {

inline constexpr const char* kProcessColumns =
    "claim_host, claim_boot_id, claim_pid_namespace, claim_process_id, claim_start_time";
inline constexpr std::size_t kProcessColumnCount = 5;

inline ProcessIdentity read_process(SqlRowReader& reader) {
  ProcessIdentity process;
  process.host = reader.text();
  process.boot_id = reader.text();
  process.pid_namespace = reader.text();
  process.process_id = reader.integer();
  process.start_time = reader.integer();
  return process;
}

inline Binds process_binds(const ProcessIdentity& process) {
  return {{"claim_host", process.host},
          {"claim_boot_id", process.boot_id},
          {"claim_pid_namespace", process.pid_namespace},
          {"claim_process_id", process.process_id},
          {"claim_start_time", process.start_time}};
}

}  // namespace dialin
