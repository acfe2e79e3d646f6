// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "people/person.h"
#include "pin/pin_policy.h"

namespace dialin {

// The person's own numbers, as the rules of PINs want them.
PinOwnerNumbers owner_numbers(const Person& person);

}  // namespace dialin
