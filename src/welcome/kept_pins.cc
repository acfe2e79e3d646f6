// SPDX-License-Identifier: Apache-2.0
#include "welcome/kept_pins.h"

#include "pin/policy_fit.h"

namespace dialin {

PinsNotMeetingPolicy pins_not_meeting_policy(Store& store, Timestamp now) {
  constexpr std::size_t PageSize = 500;
  PinsNotMeetingPolicy found;
  const PolicySet policies = store.policies().policies();
  for (std::string after;;) {
    std::vector<KeptPin> page = store.pins().kept(after, PageSize);
    if (page.empty()) return found;
    after = page.back().person.sip_address.key();
    for (KeptPin& kept : page) {
      const PinPolicy& policy = policies.of(kept.person.site, kept.person.pin_policy).policy;
      const PolicyFit fit = fit_of(policy, kept.verifier, kept.changed_at, now);
      if (fit.unknown) ++found.unknown;
      if (fit.breaks()) found.people.push_back(std::move(kept.person));
    }
  }
}

}  // namespace dialin
