// SPDX-License-Identifier: Apache-2.0
#include "contract/check/check_test.h"

namespace dialin::test {

PersonId CheckTest::person(const std::string& name, const std::string& digits, const std::string& line,
                           std::optional<std::chrono::seconds> lifetime) {
  const PersonId id = add_person(name, line);
  if (!digits.empty()) set_digits(id, digits, lifetime);
  return id;
}

void CheckTest::set_digits(const PersonId& id, const std::string& digits,
                           std::optional<std::chrono::seconds> lifetime) {
  const Secret verifier = hash_pin(pin(digits), {8, 1});
  SetPin request;
  request.person = id;
  request.expected_version = version_of(id);
  for (const NumberSharer& sharer : pins().sharers(id))
    request.sharers.push_back({sharer.person, sharer.version});
  request.verifier = &verifier;
  request.lifetime = lifetime;
  ASSERT_NE(pins().set_pin(request, marco_).outcome, SetPinResult::Outcome::VersionChanged);
}

CheckAnswer CheckTest::answer(const std::string& who, const std::string& digits) {
  CheckEngine engine(store(), hasher_, rules_, throttle_, marco_);
  return std::get<CheckAnswer>(engine.check(name(who), pin(digits), origin_));
}

}  // namespace dialin::test
