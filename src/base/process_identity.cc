// SPDX-License-Identifier: Apache-2.0
#include "base/process_identity.h"

#include <unistd.h>

#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include "base/error.h"

namespace dialin {
namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string host_name() {
  char name[256] = {};
  if (gethostname(name, sizeof name - 1) != 0)
    throw Error(ErrorCode::Internal, "cannot read the host's name");
  return name;
}

struct ProcessStatus {
  char state = '?';
  std::int64_t start_time = 0;
};

std::string pid_namespace() {
  char target[128] = {};
  ssize_t length = readlink("/proc/self/ns/pid", target, sizeof target - 1);
  return length > 0 ? std::string(target, static_cast<std::size_t>(length)) : std::string();
}

std::optional<ProcessStatus> status_of(std::int64_t process_id) {
  std::string line = first_line("/proc/" + std::to_string(process_id) + "/stat");
  // The command's name stands in parentheses and may hold spaces and parentheses: fields count from the last
  // one.
  std::size_t end = line.rfind(')');
  if (end == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(end + 1));
  ProcessStatus status;
  fields >> status.state;
  std::string skipped;
  for (int field = 4; field < 22; ++field) fields >> skipped;
  fields >> status.start_time;
  if (!fields) return std::nullopt;
  return status;
}

}  // namespace

ProcessIdentity this_process() {
  ProcessIdentity identity;
  identity.host = host_name();
  identity.boot_id = first_line("/proc/sys/kernel/random/boot_id");
  identity.pid_namespace = pid_namespace();
  identity.process_id = getpid();
  if (auto status = status_of(identity.process_id)) identity.start_time = status->start_time;
  return identity;
}

bool no_longer_exists(const ProcessIdentity& owner) {
  if (owner.host != host_name()) return false;
  std::string boot_id = first_line("/proc/sys/kernel/random/boot_id");
  if (boot_id.empty() || owner.boot_id.empty()) return false;
  if (owner.boot_id != boot_id) return true;
  std::string here = pid_namespace();
  if (here.empty() || here != owner.pid_namespace) return false;  // no /proc, or another container
  auto status = status_of(owner.process_id);
  if (!status) return true;
  return status->start_time != owner.start_time || status->state == 'Z' || status->state == 'X';
}

}  // namespace dialin
