// SPDX-License-Identifier: Apache-2.0
// Test-CsClientPin, pin check: is this PIN right?
#include "base/error.h"
#include "command/commands.h"
#include "command/person_parameter.h"
#include "command/pin_parameter.h"
#include "command/welcome_workplace.h"
#include "shell/output.h"
#include "welcome/set_pin.h"

namespace dialin {
namespace {

CommandSpec pin_check_spec() {
  CommandSpec spec;
  spec.cmdlet = "Test-CsClientPin";
  spec.verb = "pin check";
  spec.group = "PINs";
  spec.summary = "Tells whether a PIN is a person's PIN.";
  spec.description =
      "Prints one word: Success, IncorrectPin, PinNotSet, PinExpired, PinNotEnabledForUser, "
      "UserPinAccountLocked or "
      "UserDoesNotExist. Failures are not counted against the person.";
  ParameterSpec pin = pin_parameter_spec("The PIN to test; - reads it from standard input or asks for it.");
  pin.mandatory = true;
  spec.parameters = {identity_parameter_spec("The person whose PIN it may be."), std::move(pin)};
  spec.examples = {
      {"Test-CsClientPin -Identity \"bob@contoso.com\" -Pin -",
       "Asks for the PIN and says whether it is Bob's."},
      {"dialin pin check bob@contoso.com --pin - < pin.txt && echo right", "In a script."},
  };
  spec.exit_codes = {{0, "the PIN is right and may be used"},
                     {1, "it is not; the word says why"},
                     {69, "it could not be found out: nothing is known about the PIN"}};
  return spec;
}

int answer(CommandContext& context, const BoundParameters& bound, const std::string& identity,
           const char* word, int code) {
  if (const auto format = output_format(bound)) {
    OutputObject object;
    object.text("Identity", identity).text("Result", word);
    write_object(context.streams, object, format);
  } else {
    context.streams.write_output(std::string(word) + "\n");
  }
  return code;
}

int run_pin_check(CommandContext& context, BoundParameters& bound) {
  const UserIdentifier identifier = identifier_from(bound, "Identity");
  const std::optional<Pin> pin = pin_from(context, bound);
  if (!pin) throw Error(ErrorCode::Internal, "Test-CsClientPin was started without a PIN");
  const auto store = context.open_store(OpenMode::MustExist);
  if (!store) {
    // Not "no": whoever asks may have been pointed at the wrong place.
    throw Error(ErrorCode::Unavailable,
                "the PIN could not be checked: there is no store in " +
                    context.data_place.directory.string() + " (" + context.data_place.reason + ")",
                "`dialin status` shows which places are used and why.");
  }
  std::optional<Person> person;
  try {
    person = resolve_person(store->people(), identifier);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::NotFound) throw;
    return answer(context, bound, identifier.text(), "UserDoesNotExist", 1);
  }
  WelcomeWorkplace workplace(context, *store, nullptr, bound.verbose());
  const PinCheck check = check_pin_of(workplace.environment(), workplace.settings(), *person, *pin);
  return answer(context, bound, person->sip_address.uri(), to_text(check), check == PinCheck::Right ? 0 : 1);
}

}  // namespace

Command pin_check_command() {
  return {pin_check_spec(), run_pin_check};
}

}  // namespace dialin
