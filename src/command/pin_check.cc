// SPDX-License-Identifier: Apache-2.0
// Test-CsClientPin, pin check: is this PIN right?
#include "base/error.h"
#include "check/check_engine.h"
#include "check/checked_name.h"
#include "command/commands.h"
#include "command/person_parameter.h"
#include "command/pin_parameter.h"
#include "command/welcome_workplace.h"
#include "shell/output.h"

namespace dialin {
namespace {

CommandSpec pin_check_spec() {
  CommandSpec spec;
  spec.cmdlet = "Test-CsClientPin";
  spec.verb = "pin check";
  spec.group = "PINs";
  spec.summary = "Tells whether a PIN is a person's PIN.";
  spec.description =
      "The person is named as for other commands, or as on the telephone: by number or extension, which "
      "several people "
      "may have. Prints one word: Success, IncorrectPin, PinNotSet, PinExpired, PinNotEnabledForUser, "
      "UserPinAccountLocked, NonUniqueUser (the PIN is right for several of them) or UserDoesNotExist. A "
      "wrong "
      "PIN counts "
      "against the person as on the telephone, and may lock the PIN out.";
  ParameterSpec pin = pin_parameter_spec("The PIN to test; - reads it from standard input or asks for it.");
  pin.mandatory = true;
  spec.parameters = {identity_parameter_spec("The person whose PIN it may be."), std::move(pin)};
  spec.examples = {
      {"Test-CsClientPin -Identity \"bob@contoso.com\" -Pin -",
       "Asks for the PIN and says whether it is Bob's."},
      {"dialin pin check bob@contoso.com --pin - < pin.txt && echo right", "In a script."},
      {"dialin pin check 51297 --pin -", "Whether it is the PIN of somebody with that extension."},
  };
  spec.exit_codes = {{0, "the PIN is right and may be used"},
                     {1, "it is not; the word says why"},
                     {69, "it could not be found out: nothing is known about the PIN"}};
  return spec;
}

int answer(CommandContext& context, const BoundParameters& bound, const std::string& identity,
           CheckWord word) {
  if (const auto format = output_format(bound)) {
    OutputObject object;
    object.text("Identity", identity).text("Result", to_text(word));
    write_object(context.streams, object, format);
  } else {
    context.streams.write_output(std::string(to_text(word)) + "\n");
  }
  return word == CheckWord::Success ? 0 : 1;
}

// As a telephone names people where the text is a number or an extension; else exactly one person.
std::optional<CheckedName> name_in(PeopleStore& people, const UserIdentifier& identifier) {
  const std::optional<CheckedName> name = parse_checked_name(identifier.text());
  if (name && name->kind != CheckedName::Kind::SipAddress) return name;
  try {
    const Person person = resolve_person(people, identifier);
    return CheckedName{CheckedName::Kind::SipAddress, person.sip_address.key()};
  } catch (const Error& error) {
    if (error.code() != ErrorCode::NotFound) throw;
    return std::nullopt;
  }
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
  const std::optional<CheckedName> name = name_in(store->people(), identifier);
  if (!name) return answer(context, bound, identifier.text(), CheckWord::UserDoesNotExist);
  ArgonPinHasher hasher(pin_hash_cost(context.configuration));
  CheckEngine engine(*store, hasher, rules_of(*store, context.configuration.check.most_sharers), nullptr,
                     context.by);
  const auto result = engine.check(*name, *pin, {});
  return answer(context, bound, identifier.text(), std::get<CheckAnswer>(result).word);
}

}  // namespace

Command pin_check_command() {
  return {pin_check_spec(), run_pin_check};
}

}  // namespace dialin
