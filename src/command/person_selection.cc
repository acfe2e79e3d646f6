// SPDX-License-Identifier: Apache-2.0
#include "command/person_selection.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"
#include "command/confirmation.h"
#include "command/csv_input.h"
#include "command/person_parameter.h"
#include "people/directory.h"
#include "shell/binder.h"
#include "welcome/kept_pins.h"

namespace dialin {
namespace {

constexpr std::size_t EverybodyFound = 10'000'000;

UserIdentifier parsed(const BoundParameters& bound, const std::string& text) {
  auto identifier = UserIdentifier::parse(text);
  if (identifier) return *identifier;
  throw Error(
      ErrorCode::InvalidInput,
      fmt::format("{} names nobody: {}", bound.display_name("Identity"), explain_bad_user_identifier(text)),
      "Write a SIP address, a user principal name, DOMAIN\\logon, a mail address, tel:+number or a display "
      "name.");
}

std::vector<Person> found(Store& store, const UserIdentifier& identifier) {
  std::vector<Person> people;
  if (!identifier.has_wildcard()) {
    people.push_back(resolve_person(store.people(), identifier));
    return people;
  }
  for (DirectoryMatch& match : store.people().find(identifier, EverybodyFound))
    people.push_back(std::move(match.person));
  if (people.empty())
    throw Error(ErrorCode::NotFound, fmt::format("nobody has a display name like \"{}\"", identifier.text()));
  return people;
}

// "Kelly, Bob" was one display name before the comma made a list of it.
std::optional<Person> named_with_comma(Store& store, const std::string& last, const std::string& first) {
  if ((last + first).find_first_of("@\\:*+=") != std::string::npos) return std::nullopt;
  const auto identifier = UserIdentifier::parse(last + ", " + first);
  if (!identifier) return std::nullopt;
  auto matches = store.people().find(*identifier, 2);
  if (matches.size() != 1) return std::nullopt;
  return std::move(matches.front().person);
}

class Selector {
 public:
  Selector(CommandContext& context, Store& store, const BoundParameters& bound)
      : context_(context), store_(store), bound_(bound) {}

  void add_identities(const std::vector<std::string>& texts) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (i + 1 < texts.size()) {
        if (auto person = named_with_comma(store_, texts[i], texts[i + 1])) {
          add(std::move(*person), {});
          ++i;
          continue;
        }
      }
      for (Person& person : found(store_, parsed(bound_, texts[i]))) add(std::move(person), {});
    }
  }

  void add_file(const std::string& path, bool with_pins) {
    CsvReader csv = open_csv(context_, path, csv_format_from(bound_));
    const std::size_t who = identity_column(csv);
    const std::size_t pin = with_pins ? column(csv, {"Pin"}) : None;
    if (pin != None) csv.keep_secret(pin);
    std::vector<CsvProblem> problems;
    std::map<PersonId, std::size_t> lines;
    while (std::optional<CsvRecord> record = csv.next()) {
      if (record->problem) {
        problems.push_back(std::move(*record->problem));
        continue;
      }
      const std::string name(trim(record->fields[who]));
      if (name.empty()) continue;
      std::optional<Pin> digits;
      if (record->secret) {
        const std::string_view cell = trim(record->secret->reveal(ClearSecretAccess()));
        if (!cell.empty()) {
          digits = Pin::parse(cell);
          if (!digits)
            problems.push_back(
                {record->line, csv.header()[pin],
                 fmt::format("it is not {} to {} digits", Pin::MinimumLength, Pin::MaximumLength)});
        }
      }
      try {
        const auto identifier = UserIdentifier::parse(name);
        if (!identifier || identifier->has_wildcard()) {
          problems.push_back({record->line, csv.header()[who],
                              identifier ? "a name with * means several people; one row is one person"
                                         : explain_bad_user_identifier(name)});
          continue;
        }
        Person person = resolve_person(store_.people(), *identifier);
        const auto [earlier, is_new] = lines.emplace(person.id, record->line);
        if (is_new) {
          add(std::move(person), std::move(digits));
        } else {
          problems.push_back(
              {record->line, csv.header()[who],
               fmt::format("{} stands in line {} already", person.sip_address.uri(), earlier->second)});
        }
      } catch (const Error& error) {
        if (error.code() == ErrorCode::Unavailable) throw;
        problems.push_back({record->line, csv.header()[who], error.what()});
      }
    }
    refuse_bad_rows(context_, csv.name(), problems);
  }

  void add(Person person, std::optional<Pin> pin) {
    if (seen_.insert(person.id).second) people_.push_back({std::move(person), std::move(pin)});
  }

  std::vector<SelectedPerson> take() { return std::move(people_); }

 private:
  static constexpr std::size_t None = CsvReader::kMostColumns;

  static std::size_t column(const CsvReader& csv, std::initializer_list<const char*> names) {
    for (const char* name : names) {
      for (std::size_t i = 0; i < csv.header().size(); ++i) {
        if (equal_ignoring_case(csv.header()[i], name)) return i;
      }
    }
    return None;
  }

  static std::size_t identity_column(const CsvReader& csv) {
    const std::size_t found = column(csv, {"Identity", "UserUri", "SipAddress", "UserPrincipalName", "upn"});
    if (found != None) return found;
    throw Error(ErrorCode::InvalidInput, fmt::format("{}: no column names the people", csv.name()),
                "Name the column Identity, UserUri, SipAddress or UserPrincipalName.");
  }

  CommandContext& context_;
  Store& store_;
  const BoundParameters& bound_;
  std::vector<SelectedPerson> people_;
  std::set<PersonId> seen_;
};

bool has_parameter(const BoundParameters& bound, std::string_view name) {
  for (const ParameterSpec& parameter : bound.spec().parameters) {
    if (parameter.name == name) return true;
  }
  return false;
}

}  // namespace

ParameterSpec identities_parameter_spec(const std::string& help) {
  return {.name = "Identity",
          .kind = ParameterKind::List,
          .value_name = "person",
          .help = help,
          .original = true,
          .position = 1,
          .operand = 1,
          .aliases = {"UserUri"},
          .help_desk = true,
          .names_people = true};
}

namespace {

const char* name_of(PinState state) {
  switch (state) {
    case PinState::NotSet:
      return "PinNotSet";
    case PinState::Locked:
      return "Locked";
    case PinState::Expired:
      return "Expired";
    case PinState::NotMeetingPolicy:
      return "NotMeetingPolicy";
  }
  return "";
}

const char* in_words(PinState state) {
  switch (state) {
    case PinState::NotSet:
      return "Those who have no PIN; of everybody if nobody is named.";
    case PinState::Locked:
      return "Those whose PIN is locked; of everybody if nobody is named.";
    case PinState::Expired:
      return "Those whose PIN has expired; of everybody if nobody is named.";
    case PinState::NotMeetingPolicy:
      return "Those whose PIN the policy that holds now would not allow: too short, a common pattern, or "
             "older "
             "than its lifetime; of everybody if nobody is named.";
  }
  return "";
}

// In order of the SIP address.
std::vector<PersonId> people_in(CommandContext& context, Store& store, PinState state) {
  switch (state) {
    case PinState::NotSet:
      return store.pins().people_with(PinCondition::NotSet);
    case PinState::Locked:
      return store.pins().people_with(PinCondition::Locked);
    case PinState::Expired:
      return store.pins().people_with(PinCondition::Expired);
    case PinState::NotMeetingPolicy:
      break;
  }
  const PinsNotMeetingPolicy found = pins_not_meeting_policy(store, context.clock.now());
  if (found.unknown > 0) {
    context.streams.write_error(
        fmt::format("Of {} PINs it is not known whether they meet their policy: an older version set them, "
                    "and they have not "
                    "been used since. They are left out.\n",
                    found.unknown));
  }
  std::vector<PersonId> people;
  for (const Person& person : found.people) people.push_back(person.id);
  return people;
}

}  // namespace

ParameterSpec pin_state_spec(PinState state) {
  return {.name = name_of(state), .kind = ParameterKind::Switch, .help = in_words(state)};
}

std::optional<PinState> pin_state_from(const BoundParameters& bound) {
  std::optional<PinState> given;
  for (const PinState state :
       {PinState::NotSet, PinState::Locked, PinState::Expired, PinState::NotMeetingPolicy}) {
    if (!has_parameter(bound, name_of(state)) || !bound.flag(name_of(state))) continue;
    if (given)
      throw Error(ErrorCode::InvalidInput,
                  fmt::format("{} and {} cannot be used together", bound.display_name(name_of(*given)),
                              bound.display_name(name_of(state))));
    given = state;
  }
  return given;
}

ParameterSpec people_csv_parameter_spec(const std::string& help) {
  return {.name = "Csv", .kind = ParameterKind::Path, .value_name = "file", .help = help};
}

Selection select_people(CommandContext& context, Store& store, BoundParameters& bound,
                        std::optional<PinState> among, bool with_pins) {
  const bool takes_file = has_parameter(bound, "Csv");
  const std::optional<std::string> file = takes_file ? bound.text("Csv") : std::nullopt;
  if (!file && !among) ask_for(bound, {"Identity"}, context.prompter);
  const std::vector<std::string> identities = bound.list("Identity");
  Selector selector(context, store, bound);
  selector.add_identities(identities);
  if (file) selector.add_file(*file, with_pins);
  Selection selection;
  selection.people = selector.take();
  // What was typed was looked at before; what a name comes down to is known only here.
  if (context.by.role == Role::HelpDesk && (selection.people.size() != 1 || file || among)) {
    throw Error(ErrorCode::Permission, "the help desk does this for one person at a time",
                "Name one person, without *.");
  }
  selection.single = !file && !among && identities.size() == 1 && selection.people.size() == 1;
  if (!among) return selection;

  const std::vector<PersonId> in_state = people_in(context, store, *among);
  if (identities.empty() && !file) {
    for (const PersonId& id : in_state) {
      // Somebody may have been removed since.
      if (auto person = store.people().get(id))
        selection.people.push_back({std::move(*person), std::nullopt});
    }
    return selection;
  }
  const std::set<PersonId> wanted(in_state.begin(), in_state.end());
  std::erase_if(selection.people,
                [&](const SelectedPerson& selected) { return !wanted.contains(selected.person.id); });
  return selection;
}

void confirm_for(CommandContext& context, const BoundParameters& bound, std::size_t people,
                 const std::string& question) {
  if (has_parameter(bound, "Force") && bound.flag("Force")) return;
  confirm(context, bound, question, people > 1 ? Question::Always : Question::IfConfirm);
}

std::string whom(const Selection& selection) {
  return selection.people.size() == 1 ? selection.people.front().person.sip_address.uri()
                                      : fmt::format("{} people", selection.people.size());
}

}  // namespace dialin
