// SPDX-License-Identifier: Apache-2.0
#include "store/owner_numbers.h"

namespace dialin {

PinOwnerNumbers owner_numbers(const Person& person) {
  PinOwnerNumbers owner;
  if (person.line_uri) {
    owner.number = person.line_uri->digits();
    owner.extension = person.line_uri->extension();
  }
  return owner;
}

}  // namespace dialin
