// SPDX-License-Identifier: Apache-2.0
// A small model of doc/delivery.md: what the random walk believes about people, welcomes and senders.
#pragma once

#include <string>
#include <vector>

#include "store/records.h"

namespace dialin::test {

struct ModelWelcome {
  WelcomeId id;
  std::string verifier;  // also its name
  std::int64_t version = 0;
  WelcomeState state = WelcomeState::Queued;
  bool may_have_arrived = false;
  bool live = false;
  bool due = true;
  int unknowns = 0;
  std::string claim_id;
  bool delivered = false;    // in the person's mailbox
  int decisions_before = 0;  // of the person, when it was issued

  bool unfinished() const {
    return state == WelcomeState::Queued || state == WelcomeState::Sending ||
           state == WelcomeState::Uncertain;
  }
  bool held() const { return state == WelcomeState::Sending && live; }
  bool arrived() const {
    return may_have_arrived || state == WelcomeState::Uncertain || (state == WelcomeState::Sending && !live);
  }
  void end(WelcomeState how) {
    state = how;
    live = false;
    claim_id.clear();
  }
};

struct ModelPerson {
  PersonId id;
  std::int64_t version = 1;
  std::string active;  // the verifier; empty: no PIN
  bool locked = false;
  bool enabled = true;
  int decisions = 0;  // sets, locks, disablings, activations
  std::vector<ModelWelcome> welcomes;

  ModelWelcome* unfinished() {
    for (ModelWelcome& welcome : welcomes) {
      if (welcome.unfinished()) return &welcome;
    }
    return nullptr;
  }
  void supersede() {
    for (ModelWelcome& welcome : welcomes) {
      if (!welcome.unfinished() || welcome.held()) continue;
      welcome.may_have_arrived = welcome.arrived();
      welcome.end(WelcomeState::Superseded);
    }
  }
};

struct Sender {
  enum class Phase { Idle, Claimed, Written, Accepted, Refused, Unknown };
  Phase phase = Phase::Idle;
  int person = 0;
  std::size_t welcome = 0;
  std::string claim_id;
};

}  // namespace dialin::test
