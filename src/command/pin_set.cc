// SPDX-License-Identifier: Apache-2.0
// Set-CsClientPin, pin set: sets a person's PIN at once, and sends nothing.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/confirmation.h"
#include "command/existing_store.h"
#include "command/person_parameter.h"
#include "command/pin_parameter.h"
#include "command/welcome_workplace.h"
#include "shell/output.h"
#include "welcome/set_pin.h"

namespace dialin {
namespace {

CommandSpec pin_set_spec() {
  CommandSpec spec;
  spec.cmdlet = "Set-CsClientPin";
  spec.verb = "pin set";
  spec.group = "PINs";
  spec.summary = "Sets a person's PIN at once, without a mail.";
  spec.description =
      "The PIN is valid when this returns, and a former one no longer is. Without -Pin it is random, and "
      "shown once: "
      "nobody can read it back later. A PIN that is given is not shown.\n\n"
      "A welcome of the person that waits in the outbox is superseded, for it carries another PIN. To mail "
      "the PIN to "
      "the person, use Set-CsPinSendCAWelcomeMail instead.";
  ParameterSpec pin =
      pin_parameter_spec("The PIN, instead of a random one; - reads it from standard input or asks for it.");
  pin.position = 2;
  spec.parameters = {
      identity_parameter_spec("The person whose PIN is set."),
      std::move(pin),
      {.name = "Force",
       .kind = ParameterKind::Switch,
       .help = "Suppresses the question of -Confirm.",
       .original = true},
  };
  spec.examples = {
      {"Set-CsClientPin -Identity \"bob@contoso.com\"", "Sets a random PIN for Bob and shows it."},
      {"Set-CsClientPin -Identity \"CONTOSO\\bob\" -Pin -", "Asks for the PIN without showing it."},
      {"dialin pin set bob@contoso.com -Output json", "A random PIN, for a program to read."},
  };
  spec.exit_codes = {
      {0, "the PIN is set"},
      {1,
       "the PIN may not be (PinDoesNotMeetMinimumRequirements, PinNotUnique), the person is locked, "
       "disabled or not known"},
      {75, "a welcome is being delivered to the person: try again"}};
  return spec;
}

void say_what_if(CommandContext& context, Store& store, const Person& person, bool random) {
  const PinRecord record = store.pins().pin_of(person.id);
  refuse_locked_or_disabled(person, record);
  context.streams.write_output(fmt::format("What if: the PIN of {} would be {} by {}.\n",
                                           person.sip_address.uri(), record.verifier ? "replaced" : "set",
                                           random ? "a random one" : "the one that is given"));
}

int run_pin_set(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  const Person person = person_from(*store, bound, "Identity");
  if (bound.what_if()) {
    say_what_if(context, *store, person, !bound.given("Pin"));
    return 0;
  }
  if (!bound.flag("Force"))
    confirm(context, bound, fmt::format("Set the PIN of {}?", person.sip_address.uri()));
  const std::optional<Pin> wanted = pin_from(context, bound);

  context.finish_on_interruption();
  WelcomeWorkplace workplace(context, *store, nullptr, bound.verbose());
  const PinSet set =
      set_pin(workplace.environment(), workplace.settings(), person, wanted ? &*wanted : nullptr);

  OutputObject object;
  object.text("Identity", person.sip_address.uri())
      .text_or_null("Pin",
                    wanted ? std::nullopt : std::optional(std::string(set.pin.reveal(ClearPinAccess()))))
      .truth("PinReset", true);  // as in the original: the command did what it was asked to
  write_object(context.streams, object, output_format(bound));
  context.streams.flush();
  context.streams.write_error(set.replaced ? "The former PIN is no longer valid.\n"
                                           : "It is the person's first PIN.\n");
  return 0;
}

}  // namespace

Command pin_set_command() {
  return {pin_set_spec(), run_pin_set};
}

}  // namespace dialin
