// SPDX-License-Identifier: Apache-2.0
// Set-CsClientPin, pin set: sets the PINs of one or several people at once, and sends nothing.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/csv_input.h"
#include "command/existing_store.h"
#include "command/person_selection.h"
#include "command/pin_parameter.h"
#include "command/welcome_workplace.h"
#include "shell/output.h"
#include "welcome/pin_notice.h"
#include "welcome/set_pin.h"

namespace dialin {
namespace {

CommandSpec pin_set_spec() {
  CommandSpec spec;
  spec.cmdlet = "Set-CsClientPin";
  spec.verb = "pin set";
  spec.group = "PINs";
  spec.summary = "Sets people's PINs at once, without a mail.";
  spec.description =
      "The PIN is valid when this returns, and a former one no longer is. Without -Pin it is random, and "
      "shown once: "
      "nobody can read it back later. A PIN that is given is not shown. It must keep to the person's PIN "
      "policy, the "
      "history too, which in the original bound nobody but the person: -IgnoreHistory sets a PIN that the "
      "person had, "
      "and the audit trail says so.\n\n"
      "Of several people each gets a PIN of their own. That asks, unless -Force, --yes or -Confirm:false is "
      "given; "
      "whoever cannot get one is named and the others go on. A file (-Csv) binds by the names of its "
      "columns: Identity, "
      "UserUri, SipAddress, UserPrincipalName or upn, and Pin, where a row without one gets a random PIN.\n\n"
      "The person is told by a notice at their own mail address that the PIN was changed, when and how, "
      "never "
      "the PIN itself; mail.notify_changes turns that off, and it needs mail.from and a mail server that is "
      "configured. A notice that cannot be sent stays queued for dialin deliver and changes nothing else.\n\n"
      "A welcome of the person that waits in the outbox is superseded, for it carries another PIN. To mail "
      "the PIN to "
      "the person, use Set-CsPinSendCAWelcomeMail instead.";
  ParameterSpec pin =
      pin_parameter_spec("The PIN, instead of a random one; - reads it from standard input or asks for it.");
  pin.position = 2;
  spec.parameters = {
      identities_parameter_spec(
          "The people; several are separated by commas, * in a display name is any characters."),
      std::move(pin),
      people_csv_parameter_spec(
          "A file whose rows name the people and may hold their PINs; - is standard input."),
      csv_delimiter_parameter_spec(),
      csv_encoding_parameter_spec(),
      pin_state_spec(PinState::NotSet),
      pin_state_spec(PinState::NotMeetingPolicy),
      {.name = "IgnoreHistory",
       .kind = ParameterKind::Switch,
       .help = "Also a PIN that the person had before."},
      {.name = "Force", .kind = ParameterKind::Switch, .help = "Suppresses the questions.", .original = true},
  };
  spec.examples = {
      {"Set-CsClientPin -Identity \"bob@contoso.com\"", "Sets a random PIN for Bob and shows it."},
      {"Set-CsClientPin -Identity \"CONTOSO\\bob\" -Pin -", "Asks for the PIN without showing it."},
      {"Set-CsClientPin -PinNotSet -Confirm:false -Output csv > pins.csv",
       "A random PIN for everybody who has none."},
      {"dialin pin set bob@contoso.com -Output json", "A random PIN, for a program to read."},
  };
  spec.exit_codes = {
      {0, "the PIN is set"},
      {1,
       "the PIN may not be (PinDoesNotMeetMinimumRequirements, PinNotUnique), the person is locked, "
       "disabled or not known; of several, somebody's was not set"},
      {64, "several people, and nobody is there to be asked"},
      {75, "a welcome is being delivered to the person: try again"}};
  return spec;
}

void say_what_if(CommandContext& context, Store& store, const WelcomeSettings& settings,
                 const Selection& selection, bool random) {
  for (const SelectedPerson& selected : selection.people) {
    const PinRecord record = store.pins().pin_of(selected.person.id);
    if (selection.single) refuse_locked_or_disabled(selected.person, record);
    context.streams.write_output(
        fmt::format("What if: the PIN of {} would be {} by {}.\n", selected.person.sip_address.uri(),
                    record.verifier ? "replaced" : "set",
                    random && !selected.pin ? "a random one" : "the one that is given"));
    if (const auto notice = notice_of_set(selected.person, settings)) {
      context.streams.write_output(fmt::format("What if: a notice of it would go to {} through {}:{}.\n",
                                               notice->content.to.address(), notice->way.server,
                                               notice->way.port));
    }
  }
}

std::string question_for(Store& store, const Selection& selection) {
  if (selection.people.size() == 1) return fmt::format("Set the PIN of {}?", whom(selection));
  std::size_t replaced = 0;
  for (const SelectedPerson& selected : selection.people)
    replaced += store.pins().pin_of(selected.person.id).verifier.has_value() ? 1 : 0;
  return fmt::format("Set the PINs of {}, replacing {}?", whom(selection), replaced);
}

OutputObject object_of(const Person& person, const PinSet& set, bool given) {
  OutputObject object;
  object.text("Identity", person.sip_address.uri())
      .text_or_null("Pin",
                    given ? std::nullopt : std::optional(std::string(set.pin.reveal(ClearPinAccess()))))
      .truth("PinReset", true);  // as in the original: the command did what it was asked to
  return object;
}

OutputObject object_of_unset(const Person& person) {
  OutputObject object;
  object.text("Identity", person.sip_address.uri())
      .text_or_null("Pin", std::nullopt)
      .truth("PinReset", false);
  return object;
}

// After the PINs were shown: a random one that waited for a mail server would be lost with the command.
void send_notices_of(CommandContext& context, const WelcomeWorkplace& workplace,
                     const std::vector<WelcomeId>& notices) {
  context.streams.flush();
  context.checkpoints.reach("shown");
  for (const std::string& sentence : send_notices(workplace.environment(), workplace.settings(), notices))
    context.streams.write_error(sentence + "\n");
}

// Each is shown as soon as it is set: a random PIN that was set and not shown would be lost with the command.
int set_pins(CommandContext& context, const BoundParameters& bound, const WelcomeWorkplace& workplace,
             const Selection& selection, HistoryRule history) {
  ObjectWriter writer(context.streams, output_format(bound).value_or(OutputFormat::Table),
                      {"Identity", "Pin", "PinReset"});
  int code = 0;
  std::vector<WelcomeId> notices;
  for (const SelectedPerson& selected : selection.people) {
    if (context.interrupted())
      throw Error(ErrorCode::Interrupted, "stopped: those who are not shown have the PIN that they had");
    try {
      const PinSet set = set_pin(workplace.environment(), workplace.settings(), selected.person,
                                 selected.pin ? &*selected.pin : nullptr, history);
      writer.write({object_of(selected.person, set, selected.pin.has_value())});
      if (!set.notice.empty()) notices.push_back(set.notice);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::Precondition && error.code() != ErrorCode::TryAgain &&
          error.code() != ErrorCode::NotFound)
        throw;
      context.streams.write_error(fmt::format("{}\n", error.what()));
      writer.write({object_of_unset(selected.person)});
      code = code == 1 || error.code() != ErrorCode::TryAgain ? 1 : exit_code(error.code());
    }
    context.streams.flush();
  }
  writer.finish();
  send_notices_of(context, workplace, notices);
  return code;
}

[[noreturn]] void refuse_pin_for_several(const BoundParameters& bound) {
  throw Error(
      ErrorCode::InvalidInput,
      fmt::format("{} is for one person: a PIN that several have is no secret", bound.display_name("Pin")),
      "Leave it out, and each gets a random one; a file (-Csv) with a column Pin gives each their own.");
}

int run_pin_set(CommandContext& context, BoundParameters& bound) {
  // Before anybody is looked for: a word too many may be the PIN once more, which no message may show.
  if (bound.given("Pin") && bound.list("Identity").size() > 1) refuse_pin_for_several(bound);
  const auto store = existing_store(context);
  const Selection selection = select_people(context, *store, bound, pin_state_from(bound), true);
  if (bound.given("Pin") && !selection.single) refuse_pin_for_several(bound);
  Passwords passwords(context, false);  // nobody is asked for one because of a notice
  WelcomeWorkplace workplace(context, *store, &passwords, bound.verbose());
  if (bound.what_if()) {
    say_what_if(context, *store, workplace.settings(), selection, !bound.given("Pin"));
    return 0;
  }
  if (selection.people.empty()) {
    context.streams.write_error("Nobody is meant: nothing was changed.\n");
    return 0;
  }
  confirm_for(context, bound, selection.people.size(), question_for(*store, selection));
  const std::optional<Pin> wanted = pin_from(context, bound);
  const HistoryRule history = bound.flag("IgnoreHistory") ? HistoryRule::Ignored : HistoryRule::Binds;

  context.finish_on_interruption();
  if (!selection.single) return set_pins(context, bound, workplace, selection, history);
  const Person& person = selection.people.front().person;
  const PinSet set =
      set_pin(workplace.environment(), workplace.settings(), person, wanted ? &*wanted : nullptr, history);
  write_object(context.streams, object_of(person, set, wanted.has_value()), output_format(bound));
  context.streams.flush();
  context.streams.write_error(set.replaced ? "The former PIN is no longer valid.\n"
                                           : "It is the person's first PIN.\n");
  if (!set.notice.empty()) send_notices_of(context, workplace, {set.notice});
  return 0;
}

}  // namespace

Command pin_set_command() {
  return {pin_set_spec(), run_pin_set};
}

}  // namespace dialin
