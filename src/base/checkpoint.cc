// SPDX-License-Identifier: Apache-2.0
#include "base/checkpoint.h"

#include <unistd.h>

#include <charconv>
#include <csignal>

#include "base/error.h"

namespace dialin {
namespace {

[[noreturn]] void refuse(std::string_view order) {
  throw Error(
      ErrorCode::InvalidInput,
      "the checkpoint order \"" + std::string(order) + "\" (DIALIN_CHECKPOINT) cannot be read",
      "Write NAME=kill, NAME=stop, NAME=tell or NAME#N=kill, where N counts from 1; * is every name.");
}

}  // namespace

SignalCheckpoints::SignalCheckpoints(std::string_view order) {
  const std::size_t equals = order.rfind('=');
  if (equals == std::string_view::npos) refuse(order);
  std::string_view place = order.substr(0, equals);
  const std::string_view action = order.substr(equals + 1);

  if (action == "kill") {
    signal_ = SIGKILL;
  } else if (action == "stop") {
    signal_ = SIGSTOP;
  } else if (action != "tell") {
    refuse(order);
  }

  if (signal_ != 0) count_ = 1;
  if (const std::size_t hash = place.find('#'); hash != std::string_view::npos) {
    const std::string_view digits = place.substr(hash + 1);
    int count = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (problem != std::errc() || end != digits.data() + digits.size() || count < 1) refuse(order);
    count_ = count;
    place = place.substr(0, hash);
  }
  if (place.empty()) refuse(order);
  name_ = place;
}

void SignalCheckpoints::reach(std::string_view name) {
  if (name_ != "*" && name != name_) return;
  if (count_ != 0 && ++times_ != count_) return;
  if (signal_ != 0) {
    kill(getpid(), signal_);
    return;
  }
  const std::string line = "checkpoint: " + std::string(name) + "\n";
  // A reader that went away is no reason to stop.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace dialin
