// SPDX-License-Identifier: Apache-2.0
// Get-CsClientPinInfo, pin show: what is known of people's PINs, never a PIN.
#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "command/commands.h"
#include "command/csv_input.h"
#include "command/existing_store.h"
#include "command/person_selection.h"
#include "command/pin_story.h"
#include "pin/policy_fit.h"
#include "shell/output.h"

namespace dialin {
namespace {

CommandSpec pin_show_spec() {
  CommandSpec spec;
  spec.cmdlet = "Get-CsClientPinInfo";
  spec.verb = "pin show";
  spec.group = "PINs";
  spec.summary = "Shows whether people's PINs are set and locked, and when they were changed and expire.";
  spec.description =
      "Never shows a PIN: nobody can read it back. IsLockedOut is True while the PIN is locked with "
      "Lock-CsClientPin, and while it is locked out by failures. "
      "PinExpirationTime is empty for a PIN that never expires.\n\n"
      "-Detailed adds which policy holds, whether the PIN would be allowed by it now (empty where that is "
      "not "
      "known), what is counted of wrong PINs, whether it is locked out by these (until LockedOutUntil, or "
      "else until "
      "Unlock-CsClientPin) or locked on purpose, why, by whom and since when the PIN is locked, and what "
      "became of "
      "the last "
      "welcome: its state, when, to which address, and the mail server's last words.";
  spec.parameters = {
      identities_parameter_spec(
          "The people; several are separated by commas, * in a display name is any characters."),
      people_csv_parameter_spec("A file whose column Identity, UserUri or SipAddress names the people."),
      csv_delimiter_parameter_spec(),
      csv_encoding_parameter_spec(),
      {.name = "Detailed",
       .kind = ParameterKind::Switch,
       .help = "Also policy, lock and last welcome.",
       .help_desk = true},
      pin_state_spec(PinState::NotSet),
      pin_state_spec(PinState::Locked),
      pin_state_spec(PinState::Expired),
      pin_state_spec(PinState::NotMeetingPolicy),
  };
  spec.examples = {
      {"Get-CsClientPinInfo -Identity \"bob@contoso.com\"", "Shows the five properties as a list."},
      {"Get-CsClientPinInfo \"* Kelly\"", "A table of everybody whose name ends so."},
      {"Get-CsClientPinInfo -Locked -Detailed", "Who is locked, and why."},
      {"Get-CsClientPinInfo -NotMeetingPolicy", "Whose PIN a stricter policy would not allow."},
      {"dialin pin show bob@contoso.com --output json", "The same for a program, times in UTC."},
  };
  spec.exit_codes = {{0, "shown, whether a PIN is set or not"}, {1, "there is no such person"}};
  spec.help_desk = true;
  return spec;
}

OutputObject object_of(const Person& person, const PinRecord& record) {
  OutputObject object;
  object.text("Identity", person.sip_address.uri())
      .truth("IsPinSet", record.verifier.has_value())
      .truth("IsLockedOut", record.lock.has_value() || record.failures.locked_out)
      .time_or_null("LastPinChangeTime", record.changed_at)
      .time_or_null("PinExpirationTime", record.expires_at);
  return object;
}

// Which kind of lock holds, and what is counted of wrong PINs (pin/lockout.h).
void add_failures(OutputObject& object, const PinRecord& record) {
  const FailureCounts& failures = record.failures;
  std::vector<std::string> kinds;
  if (record.lock) kinds.emplace_back("Locked");
  if (failures.locked_out) kinds.emplace_back("LockedOut");
  object.text_or_null("LockKind", kinds.empty() ? std::nullopt : std::optional(join(kinds, ", ")))
      .number("FailuresInWindow", failures.local)
      .number("FailuresInAll", failures.global)
      .time_or_null("LockedOutUntil", failures.locked_out_until);
}

void add_details(OutputObject& object, Store& store, const PolicySet& policies, const Person& person,
                 const PinRecord& record, Timestamp now) {
  const bool must_change = record.changed_at && record.expires_at == record.changed_at;
  object.truth("Enabled", person.enabled)
      .text("PinPolicy", policies.of(person.site, person.pin_policy).identity.text())
      .truth("MustChangePin", must_change);
  const PolicyFit fit = record.verifier ? fit_of(policies.of(person.site, person.pin_policy).policy,
                                                 *record.verifier, *record.changed_at, now)
                                        : PolicyFit{.unknown = true};
  object.text_or_null("MeetsPolicy", fit.unknown
                                         ? std::nullopt
                                         : std::optional<std::string>(fit.breaks() ? "False" : "True"));
  add_failures(object, record);
  const bool locked = record.lock.has_value();
  object.text_or_null("LockReason", locked ? std::optional(record.lock->reason) : std::nullopt)
      .text_or_null("LockedBy", locked ? std::optional(record.lock->by) : std::nullopt)
      .time_or_null("LockedSince", locked ? std::optional(record.lock->since) : std::nullopt);
  const auto welcome = store.outbox().latest_of(person.id);
  object
      .text_or_null("WelcomeState",
                    welcome ? std::optional(std::string(to_text(welcome->state))) : std::nullopt)
      .time_or_null("WelcomeCreated", welcome ? std::optional(welcome->created_at) : std::nullopt)
      .time_or_null("WelcomeFinished", welcome ? welcome->finished_at : std::nullopt)
      .text_or_null("WelcomeSentTo", welcome ? std::optional(welcome->content.to.address()) : std::nullopt)
      .text_or_null("MailServer",
                    welcome ? std::optional(fmt::format("{}:{}", welcome->way.server, welcome->way.port))
                            : std::nullopt)
      .text_or_null("MailServerWords", welcome ? std::optional(words_of(welcome->words)) : std::nullopt);
}

int run_pin_show(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  const Selection selection = select_people(context, *store, bound, pin_state_from(bound));
  const bool detailed = bound.flag("Detailed");
  const PolicySet policies = detailed ? store->policies().policies() : PolicySet();
  std::vector<OutputObject> objects;
  for (const SelectedPerson& selected : selection.people) {
    const PinRecord record = store->pins().pin_of(selected.person.id);
    objects.push_back(object_of(selected.person, record));
    if (detailed) add_details(objects.back(), *store, policies, selected.person, record, context.clock.now());
  }
  if (selection.single) {
    write_object(context.streams, objects.front(), output_format(bound));
  } else {
    write_objects(context.streams, objects, output_format(bound));
  }
  return 0;
}

}  // namespace

Command pin_show_command() {
  return {pin_show_spec(), run_pin_show};
}

}  // namespace dialin
