// SPDX-License-Identifier: Apache-2.0
// people add: one person, typed.
#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "command/commands.h"
#include "command/confirmation.h"
#include "command/person_output.h"
#include "command/template_parameters.h"
#include "people/language_tag.h"
#include "people/names.h"
#include "shell/output.h"

namespace dialin {
namespace {

CommandSpec people_add_spec() {
  CommandSpec spec;
  spec.verb = "people add";
  spec.group = "People";
  spec.summary = "Adds a person.";
  spec.description =
      "A person who is known already, by SIP address or external id, is refused and left as is; dialin "
      "people import "
      "changes people. The first person makes the store, and it is said where.";
  const auto text = [](const char* name, const char* value, const char* help) {
    return ParameterSpec{.name = name, .kind = ParameterKind::Text, .value_name = value, .help = help};
  };
  spec.parameters = {
      {.name = "SipAddress",
       .kind = ParameterKind::Text,
       .value_name = "address",
       .help = "The person's SIP address, with or without sip:.",
       .mandatory = true,
       .operand = 1,
       .aliases = {"Identity", "UserUri"}},
      text("Mail", "address", "Where the welcome mail goes."),
      text("DisplayName", "text", "The person's name."),
      text("LineUri", "number", "The telephone number: tel:+14255550101;ext=50101."),
      {.name = "Language",
       .kind = ParameterKind::Text,
       .value_name = "tag",
       .help = "The language of the person's mails: en, fr, fr-CA.",
       .suggestions = built_in_languages()},
      text("Region", "text", "The dial-in region, whose access numbers the mail shows."),
      text("Site", "text", "The site, whose settings hold for the person."),
      text("ConferenceId", "id", "The conference that the person organises."),
      text("UserPrincipalName", "name", "user@domain."),
      text("SamAccountName", "name", "DOMAIN\\logon."),
      text("ExternalId", "id", "The person's id in the directory that the person comes from."),
      {.name = "ShareNumber",
       .kind = ParameterKind::Switch,
       .help = "Allows a telephone number that another person holds; their PINs must differ."},
  };
  spec.examples = {
      {"dialin people add bob@contoso.com --mail bob@contoso.com --display-name \"Bob Kelly\"", "Adds Bob."},
      {"dialin people add elodie.lefevre@contoso.com --mail elodie.lefevre@contoso.com --line-uri "
       "\"tel:+33199000104;ext=104\" --language fr --region Paris --site Paris",
       "Adds Élodie with a number, who will be welcomed in French."},
  };
  spec.exit_codes = {
      {0, "added"}, {1, "the person, or the number, is there already"}, {64, "a value cannot be taken"}};
  return spec;
}

[[noreturn]] void refuse(const BoundParameters& bound, const std::string& parameter, const std::string& text,
                         const std::string& reason) {
  throw Error(ErrorCode::InvalidInput, fmt::format("{} \"{}\": {}", bound.display_name(parameter),
                                                   sanitize_foreign_text(text, 60), reason));
}

// A cell of what a parameter says; absent if it was not given.
template <typename T, typename Parse, typename Explain>
Cell<T> cell_of(const BoundParameters& bound, const char* parameter, Parse parse, Explain explain) {
  const auto text = bound.text(parameter);
  if (!text) return {};
  std::optional<T> value = parse(*text);
  if (!value) refuse(bound, parameter, *text, explain(*text));
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

PersonRow row_from(const BoundParameters& bound) {
  const std::string address = bound.text_or("SipAddress", "");
  const auto sip_address = SipAddress::parse(address);
  if (!sip_address) refuse(bound, "SipAddress", address, explain_bad_sip_address(address));
  PersonRow row{.line = 0, .sip_address = *sip_address};
  row.mail = cell_of<Mailbox>(bound, "Mail", Mailbox::parse, explain_bad_mailbox);
  row.display_name = free_text_of(bound, "DisplayName");
  row.line_uri = cell_of<PhoneNumber>(bound, "LineUri", PhoneNumber::parse, explain_bad_phone_number);
  row.language = cell_of<std::string>(bound, "Language", parse_language_tag, [](std::string_view) {
    return std::string("it is no language tag like en, fr or fr-CA");
  });
  row.region = free_text_of(bound, "Region");
  row.site = free_text_of(bound, "Site");
  row.conference_id = free_text_of(bound, "ConferenceId");
  row.user_principal_name =
      cell_of<std::string>(bound, "UserPrincipalName", parse_user_principal_name, [](std::string_view text) {
        const std::string why = explain_bad_mailbox(text);
        return why.empty() ? std::string("it is not like user@domain") : why;
      });
  row.sam_account_name = cell_of<std::string>(
      bound, "SamAccountName", parse_sam_account_name,
      [](std::string_view) { return std::string("it is no logon name like CONTOSO\\bob or bob"); });
  row.external_id = free_text_of(bound, "ExternalId");
  return row;
}

// A dry run tells everything that stands in the way. The line is 0 in all of it: nothing was read from a
// file.
void check_new(Store& store, const PersonRow& row, const BoundParameters& bound, const Operator& by) {
  const PeopleImport plan = store.people().apply({row}, ImportMode::WhatIf, bound.flag("ShareNumber"), by);
  if (!plan.conflicts.empty()) {
    throw Error(ErrorCode::AlreadyExists,
                fmt::format("{} was not added: {}", row.sip_address.uri(), plan.conflicts.front().reason),
                row.line_uri.value ? fmt::format("If the number is meant to be shared, add {}.",
                                                 bound.display_name("ShareNumber"))
                                   : std::string());
  }
  if (plan.added.empty()) {
    throw Error(
        ErrorCode::AlreadyExists,
        fmt::format("{} was not added: a person with this SIP address or external id is known already",
                    row.sip_address.uri()),
        "`dialin people show` shows people, `dialin people import` changes them.");
  }
}

int run_people_add(CommandContext& context, BoundParameters& bound) {
  const PersonRow row = row_from(bound);
  // Neither -WhatIf nor an answer of no makes a store and a key.
  auto store = context.open_store(OpenMode::MustExist);
  if (store) check_new(*store, row, bound, context.by);
  if (bound.what_if()) {
    context.streams.write_output(fmt::format("What if: {} would be added.\n", row.sip_address.uri()));
    return 0;
  }
  confirm(context, bound, fmt::format("Add {}?", row.sip_address.uri()));
  if (!store) store = context.open_store(OpenMode::CreateIfAbsent);
  const PeopleImport result =
      store->people().apply({row}, ImportMode::Apply, bound.flag("ShareNumber"), context.by);
  if (!result.conflicts.empty()) {
    throw Error(ErrorCode::AlreadyExists,
                fmt::format("{} was not added: {}", row.sip_address.uri(), result.conflicts.front().reason));
  }
  const Person added = resolve_person(store->people(), *UserIdentifier::parse(row.sip_address.uri()));
  write_object(context.streams, object_of(added), output_format(bound));
  return 0;
}

}  // namespace

Command people_add_command() {
  return {people_add_spec(), run_people_add};
}

}  // namespace dialin
