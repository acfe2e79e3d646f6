// SPDX-License-Identifier: Apache-2.0
// Get-CsClientPinInfo, pin show: what is known of a person's PIN, never the PIN.
#include "base/error.h"
#include "command/commands.h"
#include "command/existing_store.h"
#include "command/person_parameter.h"
#include "shell/output.h"

namespace dialin {
namespace {

CommandSpec pin_show_spec() {
  CommandSpec spec;
  spec.cmdlet = "Get-CsClientPinInfo";
  spec.verb = "pin show";
  spec.group = "PINs";
  spec.summary = "Shows whether a person's PIN is set and locked, and when it was changed and expires.";
  spec.description =
      "Never shows the PIN: nobody can read it back. IsLockedOut is True while the PIN is locked with "
      "Lock-CsClientPin, and while it is locked out by failures. "
      "PinExpirationTime is empty for a PIN that never expires.";
  spec.parameters = {identity_parameter_spec("The person whose PIN is asked about.")};
  spec.examples = {
      {"Get-CsClientPinInfo -Identity \"bob@contoso.com\"", "Shows the five properties as a list."},
      {"dialin pin show bob@contoso.com --output json", "The same for a program, times in UTC."},
  };
  spec.exit_codes = {{0, "shown, whether a PIN is set or not"}, {1, "there is no such person"}};
  return spec;
}

int run_pin_show(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  const Person person = person_from(*store, bound, "Identity");
  const PinRecord record = store->pins().pin_of(person.id);
  OutputObject object;
  object.text("Identity", person.sip_address.uri())
      .truth("IsPinSet", record.verifier.has_value())
      .truth("IsLockedOut", record.lock.has_value() || record.failures.locked_out)
      .time_or_null("LastPinChangeTime", record.changed_at)
      .time_or_null("PinExpirationTime", record.expires_at);
  write_object(context.streams, object, output_format(bound));
  return 0;
}

}  // namespace

Command pin_show_command() {
  return {pin_show_spec(), run_pin_show};
}

}  // namespace dialin
