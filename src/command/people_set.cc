// SPDX-License-Identifier: Apache-2.0
// Set-CsUser, people set: changes what is known of people.
#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "command/commands.h"
#include "command/csv_input.h"
#include "command/existing_store.h"
#include "command/nullable_value.h"
#include "command/person_selection.h"
#include "command/template_parameters.h"
#include "people/language_tag.h"
#include "people/names.h"
#include "shell/parameter_words.h"

namespace dialin {
namespace {

CommandSpec people_set_spec() {
  CommandSpec spec;
  spec.cmdlet = "Set-CsUser";
  spec.verb = "people set";
  spec.group = "People";
  spec.summary = "Changes what is known of people.";
  spec.description =
      "What is not named stays as it is; null (or '$null' in single quotes, or '') clears it. Another SIP "
      "address comes "
      "by dialin people import, which knows a person by ExternalId.\n\n"
      "-Enabled false does what Disable-CsUser does: the PIN is refused at once. -Enabled true erases the "
      "former PIN; "
      "Enable-CsUser -KeepPin keeps it. A number that somebody else holds is refused unless -ShareNumber is "
      "given. "
      "Changing several people asks, unless --yes or -Confirm:false is given.";
  const auto text = [](const char* name, const char* value, const char* help, bool original) {
    return ParameterSpec{.name = name,
                         .kind = ParameterKind::Text,
                         .value_name = value,
                         .help = help,
                         .original = original,
                         .allow_empty = true};
  };
  spec.parameters = {
      identities_parameter_spec(
          "The people; several are separated by commas, * in a display name is any characters."),
      text("LineUri", "number", "The telephone number: tel:+14255550101;ext=50101.", true),
      text("Mail", "address", "Where the welcome mail goes.", false),
      text("DisplayName", "text", "The person's name.", false),
      {.name = "Language",
       .kind = ParameterKind::Text,
       .value_name = "tag",
       .help = "The language of the person's mails: en, fr, fr-CA.",
       .suggestions = built_in_languages(),
       .allow_empty = true},
      text("Region", "text", "The dial-in region, whose access numbers the mail shows.", false),
      text("Site", "text", "The site, whose settings and PIN policy hold.", false),
      text("ConferenceId", "id", "The conference that the person organises.", false),
      {.name = "Enabled",
       .kind = ParameterKind::Text,
       .value_name = "true|false",
       .help = "Whether the person may dial in.",
       .original = true,
       .suggestions = {"true", "false"}},
      {.name = "ShareNumber",
       .kind = ParameterKind::Switch,
       .help = "Allows a number that another person holds; their PINs must differ."},
      people_csv_parameter_spec("A file whose column Identity, UserUri or SipAddress names the people."),
      csv_delimiter_parameter_spec(),
      csv_encoding_parameter_spec(),
  };
  spec.examples = {
      {"Set-CsUser -Identity \"bob@contoso.com\" -LineUri \"tel:+14255550101;ext=50101\"", "Bob's number."},
      {"dialin people set bob@contoso.com kim@contoso.com --region Paris --language fr --yes",
       "Two people move to Paris."},
      {"Set-CsUser bob@contoso.com -LineUri null", "Bob has no number."},
  };
  spec.exit_codes = {{0, "changed, or was so already"},
                     {1, "there is no such person, or somebody else holds the number"},
                     {64, "a value cannot be taken, or nobody is there to be asked"}};
  return spec;
}

template <typename T, typename Parse, typename Explain>
Cell<T> cell_of(const BoundParameters& bound, const char* parameter, Parse parse, Explain explain) {
  const auto text = bound.text(parameter);
  if (!text) return {};
  if (is_null_value(*text)) return {true, std::nullopt};
  std::optional<T> value = parse(*text);
  if (!value)
    throw Error(ErrorCode::InvalidInput, fmt::format("{} \"{}\": {}", bound.display_name(parameter),
                                                     sanitize_foreign_text(*text, 60), explain(*text)));
  return {true, std::move(value)};
}

Cell<std::string> free_text_of(const BoundParameters& bound, const char* parameter) {
  return cell_of<std::string>(
      bound, parameter,
      [](const std::string& text) {
        return explain_bad_free_text(text).empty() ? std::optional(std::string(trim(text))) : std::nullopt;
      },
      explain_bad_free_text);
}

// What is to become of each; the address is the person's own.
PersonRow changes_from(const BoundParameters& bound, const SipAddress& address) {
  PersonRow row{.line = 0, .sip_address = address};
  row.line_uri = cell_of<PhoneNumber>(bound, "LineUri", PhoneNumber::parse, explain_bad_phone_number);
  row.mail = cell_of<Mailbox>(bound, "Mail", Mailbox::parse, explain_bad_mailbox);
  row.display_name = free_text_of(bound, "DisplayName");
  row.language = cell_of<std::string>(bound, "Language", parse_language_tag, [](std::string_view) {
    return std::string("it is no language tag like en, fr or fr-CA");
  });
  row.region = free_text_of(bound, "Region");
  row.site = free_text_of(bound, "Site");
  row.conference_id = free_text_of(bound, "ConferenceId");
  if (const auto text = bound.text("Enabled")) {
    row.enabled = read_truth_value(*text);
    if (!row.enabled)
      throw Error(ErrorCode::InvalidInput, fmt::format("{} is true or false", bound.display_name("Enabled")),
                  "In bash, write true, or '$true' in single quotes.");
  }
  return row;
}

void refuse_nothing(const BoundParameters& bound) {
  for (const char* name :
       {"LineUri", "Mail", "DisplayName", "Language", "Region", "Site", "ConferenceId", "Enabled"}) {
    if (bound.given(name)) return;
  }
  throw Error(ErrorCode::InvalidInput,
              fmt::format("{}: nothing to change was named", bound.display_command()));
}

int run_people_set(CommandContext& context, BoundParameters& bound) {
  refuse_nothing(bound);
  const auto store = existing_store(context);
  const Selection selection = select_people(context, *store, bound);
  if (selection.people.size() > 1 && !bound.flag("ShareNumber") && bound.given("LineUri") &&
      !is_null_value(bound.text_or("LineUri", "")))
    throw Error(ErrorCode::InvalidInput, fmt::format("{} is for one person", bound.display_name("LineUri")),
                fmt::format("If they are meant to share it, add {}.", bound.display_name("ShareNumber")));
  std::vector<PersonRow> rows;
  for (const SelectedPerson& selected : selection.people)
    rows.push_back(changes_from(bound, selected.person.sip_address));
  const auto apply = [&](ImportMode mode) {
    PeopleImport import = store->people().apply(rows, mode, bound.flag("ShareNumber"), context.by);
    if (!import.conflicts.empty())
      throw Error(
          ErrorCode::AlreadyExists, fmt::format("nothing was changed: {}", import.conflicts.front().reason),
          fmt::format("If the number is meant to be shared, add {}.", bound.display_name("ShareNumber")));
    return import;
  };
  const PeopleImport plan = apply(ImportMode::WhatIf);
  if (bound.what_if()) {
    for (const PeopleImport::Changed& changed : plan.updated)
      context.streams.write_output(fmt::format("What if: {} of {} would be changed.\n",
                                               join(changed.fields, ", "), changed.sip_address));
    for (const std::string& address : plan.disabled)
      context.streams.write_output(fmt::format("What if: {} would be disabled.\n", address));
    for (const std::string& address : plan.enabled)
      context.streams.write_output(fmt::format("What if: {} would be enabled.\n", address));
    return 0;
  }
  const std::size_t touched = selection.people.size() - plan.unchanged;
  confirm_for(context, bound, touched,
              selection.people.size() == 1 ? fmt::format("Change {}?", whom(selection))
                                           : fmt::format("Change {} people?", touched));
  const PeopleImport done = apply(ImportMode::Apply);
  if (done.unchanged > 0) context.streams.write_error(fmt::format("Unchanged: {}.\n", done.unchanged));
  for (const std::string& address : done.disabled)
    context.streams.write_error(fmt::format("{} is disabled.\n", address));
  for (const std::string& address : done.enabled)
    context.streams.write_error(fmt::format("{} is enabled, without the former PIN.\n", address));
  return 0;
}

}  // namespace

Command people_set_command() {
  return {people_set_spec(), run_people_set};
}

}  // namespace dialin
