// SPDX-License-Identifier: Apache-2.0
#include "program/interruption.h"

#include <signal.h>
#include <time.h>

#include <algorithm>

namespace dialin {
namespace {

volatile sig_atomic_t interruptions = 0;

void note_interruption(int signal) {
  interruptions = interruptions + 1;
  if (interruptions > 1) {
    ::signal(signal, SIG_DFL);
    raise(signal);
  }
}

}  // namespace

void finish_on_interruption() {
  struct sigaction action {};
  action.sa_handler = note_interruption;
  sigemptyset(&action.sa_mask);
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
}

bool interrupted() {
  return interruptions != 0;
}

// A signal that comes between the look and the sleep costs one slice.
void wait_interruptibly(std::chrono::milliseconds duration) {
  constexpr std::chrono::milliseconds slice{100};
  const auto end = std::chrono::steady_clock::now() + duration;
  while (interruptions == 0) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return;
    const auto now = std::min(left, slice);
    timespec time{0, static_cast<long>(now.count()) * 1000000};
    nanosleep(&time, nullptr);
  }
}

}  // namespace dialin
