// SPDX-License-Identifier: Apache-2.0
#include "command/person_parameter.h"

#include <fmt/format.h>

#include "base/error.h"

namespace dialin {

ParameterSpec identity_parameter_spec(const std::string& help) {
  return {.name = "Identity",
          .kind = ParameterKind::Text,
          .value_name = "person",
          .help = help,
          .mandatory = true,
          .original = true,
          .position = 1,
          .operand = 1,
          .aliases = {"UserUri"},
          .help_desk = true,
          .names_people = true};
}

UserIdentifier identifier_from(const BoundParameters& bound, const std::string& parameter) {
  const std::string text = bound.text_or(parameter, "");
  auto identifier = UserIdentifier::parse(text);
  if (!identifier) {
    throw Error(
        ErrorCode::InvalidInput,
        fmt::format("{} names nobody: {}", bound.display_name(parameter), explain_bad_user_identifier(text)),
        "Write a SIP address, a user principal name, DOMAIN\\logon, a mail address, tel:+number or a display "
        "name.");
  }
  return *identifier;
}

Person person_from(Store& store, const BoundParameters& bound, const std::string& parameter) {
  return resolve_person(store.people(), identifier_from(bound, parameter));
}

}  // namespace dialin
