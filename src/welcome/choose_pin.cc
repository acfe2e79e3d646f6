// SPDX-License-Identifier: Apache-2.0
#include "welcome/choose_pin.h"

#include <fmt/format.h>

#include "base/error.h"
#include "pin/pin_generator.h"
#include "pin/pin_verifier.h"
#include "store/owner_numbers.h"

namespace dialin {
namespace {

// At most 8 people share a number and 20 PINs are remembered, so a random PIN that is none of them is found
// at once; the bound is against a store that answers nonsense.
constexpr int MaximumDraws = 1000;

bool is_former(const Pin& pin, const std::vector<Secret>& former) {
  for (const Secret& verifier : former) {
    if (verify_pin(pin, verifier)) return true;
  }
  return false;
}

bool taken(const Pin& pin, const std::vector<NumberSharer>& sharers) {
  for (const NumberSharer& sharer : sharers) {
    if (sharer.pending && sharer.pending->same_as(pin)) return true;
    if (sharer.verifier && verify_pin(pin, *sharer.verifier)) return true;
  }
  return false;
}

}  // namespace

ChosenPin choose_pin(Store& store, const Person& person, const Pin* wanted, const WelcomeSettings& settings,
                     RandomSource& random, HistoryRule history) {
  const PinPolicy policy = settings.policy_of(person);
  const PinOwnerNumbers owner = owner_numbers(person);
  PinRecord record = store.pins().pin_of(person.id);
  const std::vector<NumberSharer> sharers = store.pins().sharers(person.id);
  const unsigned history_count = history == HistoryRule::Binds ? policy.history_count : 0;
  const std::vector<Secret> former =
      history_count == 0 ? std::vector<Secret>() : store.pins().last_verifiers(person.id, history_count);
  std::vector<SharerVersion> versions;
  for (const NumberSharer& sharer : sharers) versions.push_back({sharer.person, sharer.version});

  if (wanted != nullptr) {
    std::string reasons;
    for (PinViolation violation : check_pin(*wanted, policy, owner)) {
      reasons += (reasons.empty() ? "" : "; ") + describe(violation, policy);
    }
    if (!reasons.empty()) {
      throw Error(ErrorCode::Precondition,
                  fmt::format("PinDoesNotMeetMinimumRequirements: the PIN for {} cannot be set: {}",
                              person.sip_address.uri(), reasons),
                  "Choose another one, or leave -Pin out for a random PIN.");
    }
    if (is_former(*wanted, former)) {
      throw Error(
          ErrorCode::Precondition,
          fmt::format("PinDoesNotMeetMinimumRequirements: the PIN for {} cannot be set: it is one of the "
                      "last {} that the person had",
                      person.sip_address.uri(), history_count),
          "Choose another one, or leave -Pin out for a random PIN. Set-CsClientPin -IgnoreHistory sets it "
          "all the same, and the audit trail says so.");
    }
    if (taken(*wanted, sharers)) {
      throw Error(
          ErrorCode::Precondition,
          fmt::format("PinNotUnique: the PIN for {} cannot be set: somebody else with the number {} has it, "
                      "and number and PIN together tell people apart",
                      person.sip_address.uri(), person.line_uri ? person.line_uri->uri() : std::string()),
          "Choose another one, or leave -Pin out for a random PIN.");
    }
    return {wanted->duplicate(), std::move(record), std::move(versions)};
  }

  const unsigned length = std::max(policy.minimum_length, settings.generated_length);
  for (int draw = 0; draw < MaximumDraws; ++draw) {
    Pin pin = generate_pin(policy, length, owner, random);
    if (!is_former(pin, former) && !taken(pin, sharers))
      return {std::move(pin), std::move(record), std::move(versions)};
  }
  throw Error(
      ErrorCode::Internal,
      fmt::format("no PIN could be found that {} did not have before and nobody else with the number has",
                  person.sip_address.uri()));
}

}  // namespace dialin
