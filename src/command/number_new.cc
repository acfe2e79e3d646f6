// SPDX-License-Identifier: Apache-2.0
// New-CsDialInConferencingAccessNumber, number new: a number that people dial.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/confirmation.h"
#include "command/number_parameters.h"
#include "people/sip_address.h"

namespace dialin {
namespace {

CommandSpec number_new_spec() {
  CommandSpec spec;
  spec.cmdlet = "New-CsDialInConferencingAccessNumber";
  spec.verb = "number new";
  spec.group = "Numbers";
  spec.summary = "Adds an access number.";
  spec.description =
      "People of its regions are shown the number in their welcome. A region needs no definition: it is a "
      "name that "
      "people and numbers have in common. Languages that Get-CsDialInConferencingLanguageList does not list "
      "are taken "
      "and said. The first number makes the store if there is none.";
  spec.parameters = {{.name = "PrimaryUri",
                      .kind = ParameterKind::Text,
                      .value_name = "address",
                      .help = "Its own SIP address, which stays for ever: sip:RedmondDialIn@litwareinc.com.",
                      .mandatory = true,
                      .original = true,
                      .operand = 1}};
  for (ParameterSpec& property : number_property_specs()) {
    property.mandatory =
        property.name != "DisplayName" && property.name != "SecondaryLanguages" && property.name != "Site";
    if (property.mandatory) property.allow_empty = false;
    spec.parameters.push_back(std::move(property));
  }
  spec.parameters.push_back({.name = "Pool",
                             .kind = ParameterKind::Text,
                             .value_name = "name",
                             .help = "Of the original, and without meaning here: there are no pools.",
                             .original = true});
  spec.parameters.push_back({.name = "ScopeToSite",
                             .kind = ParameterKind::Switch,
                             .help = "Needs -Site here, because no pool tells which site is meant.",
                             .original = true});
  spec.parameters.push_back(
      {.name = "PassThru", .kind = ParameterKind::Switch, .help = "Shows the new number.", .original = true});
  spec.examples = {
      {"New-CsDialInConferencingAccessNumber -PrimaryUri \"sip:RedmondDialIn@litwareinc.com\" -DisplayNumber "
       "\"1-800-555-1234\" -LineUri \"tel:+18005551234\" -Pool atl-cs-001.litwareinc.com -PrimaryLanguage "
       "\"en-US\" "
       "-Regions \"Redmond\"",
       "A number for Redmond, as the original's documents write it."},
      {"dialin number new sip:paris@contoso.com --line-uri tel:+33199000100 --display-number \"01 99 00 01 "
       "00\" "
       "--primary-language fr-FR --secondary-languages en-GB,de-DE --regions Paris",
       "One with two more languages."},
  };
  spec.exit_codes = {
      {0, "added"}, {1, "a number has that line or address already"}, {64, "a value cannot be taken"}};
  return spec;
}

int run_number_new(CommandContext& context, BoundParameters& bound) {
  const std::string uri = bound.text_or("PrimaryUri", "");
  const auto address = SipAddress::parse(uri);
  if (!address || !uri.starts_with("sip:"))
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{} is a SIP address with sip: in small letters before it",
                            bound.display_name("PrimaryUri")),
                address ? std::string("Write sip: before it.") : explain_bad_sip_address(uri));
  if (bound.flag("ScopeToSite") && !bound.given("Site"))
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{} needs {}: there is no pool that tells the site",
                            bound.display_name("ScopeToSite"), bound.display_name("Site")));
  const AccessNumberChanges properties = number_changes_from(context, bound);
  AccessNumber number{.primary_uri = address->uri(), .line_uri = properties.line_uri.value()};
  number.display_number = properties.display_number.value_or(number.line_uri.display());
  number.display_name = properties.display_name.value_or("");
  number.regions = properties.regions.value_or(std::vector<std::string>());
  number.primary_language = properties.primary_language.value_or("");
  number.secondary_languages = properties.secondary_languages.value_or(std::vector<std::string>());
  number.site = properties.site.value_or("");
  if (bound.what_if()) {
    context.streams.write_output(
        fmt::format("What if: the access number {} would be added.\n", number.line_uri.uri()));
    return 0;
  }
  confirm(context, bound, fmt::format("Add the access number {}?", number.line_uri.uri()));
  const auto store = context.open_store(OpenMode::CreateIfAbsent);
  store->numbers().create(number, context.by);
  if (bound.flag("PassThru")) write_object(context.streams, object_of(number), output_format(bound));
  return 0;
}

}  // namespace

Command number_new_command() {
  return {number_new_spec(), run_number_new};
}

}  // namespace dialin
