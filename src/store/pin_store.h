// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/store.h"
#include "store/store_context.h"

namespace dialin {

class SociPinStore final : public PinStore {
 public:
  explicit SociPinStore(StoreContext& context) : context_(context) {}

  PinRecord pin_of(const PersonId& id) override;
  std::vector<NumberSharer> sharers(const PersonId& id) override;
  std::vector<Secret> last_verifiers(const PersonId& id, unsigned count) override;
  PinPast past_of(const PersonId& id, std::size_t limit) override;
  std::vector<PersonId> people_with(PinCondition condition) override;
  std::vector<KeptPin> kept(const std::string& after, std::size_t limit) override;
  SetPinResult set_pin(const SetPin& request, const Operator& by) override;
  bool replace_verifier(const PersonId& id, std::int64_t expected_version, const Secret& verifier) override;
  bool lock(const PersonId& id, const std::string& reason, const Operator& by) override;
  bool unlock(const PersonId& id, const Operator& by) override;

 private:
  StoreContext& context_;
};

}  // namespace dialin
