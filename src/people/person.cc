// SPDX-License-Identifier: Apache-2.0
#include "people/person.h"

namespace dialin {

std::string name_of(const Person& person) {
  return person.display_name.empty() ? std::string(person.sip_address.address()) : person.display_name;
}

}  // namespace dialin
