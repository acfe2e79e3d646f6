// SPDX-License-Identifier: Apache-2.0
// -NotMeetingPolicy: whose PIN would not be allowed by the policy that holds for them now, as far as that can
// be known without the PIN (pin/policy_fit.h).
#pragma once

#include <cstddef>
#include <vector>

#include "pin/policy_set.h"
#include "store/store.h"

namespace dialin {

struct PinsNotMeetingPolicy {
  std::vector<Person> people;  // in order of the SIP address
  std::size_t unknown = 0;     // PINs of which too little is known
};

PinsNotMeetingPolicy pins_not_meeting_policy(Store& store, Timestamp now);

}  // namespace dialin
