// SPDX-License-Identifier: Apache-2.0
// Get-CsDialInConferencingLanguageList, number languages: the languages in which the original's numbers
// answer.
#include "base/text.h"
#include "command/commands.h"
#include "command/number_parameters.h"

namespace dialin {
namespace {

CommandSpec number_languages_spec() {
  CommandSpec spec;
  spec.cmdlet = "Get-CsDialInConferencingLanguageList";
  spec.verb = "number languages";
  spec.group = "Numbers";
  spec.summary = "Lists the languages of access numbers.";
  spec.description =
      "One object, Global, with the 26 languages of the original's announcements. Another system may answer "
      "in others, "
      "so a number may have any language tag; one that is not in this list is said when it is typed.";
  spec.examples = {
      {"Get-CsDialInConferencingLanguageList", "The list."},
      {"dialin number languages --output json", "For a program."},
  };
  return spec;
}

int run_number_languages(CommandContext& context, BoundParameters& bound) {
  OutputObject object;
  object.text("Identity", "Global").text("Languages", join(dial_in_languages(), ", "));
  write_object(context.streams, object, output_format(bound));
  return 0;
}

}  // namespace

Command number_languages_command() {
  return {number_languages_spec(), run_number_languages};
}

}  // namespace dialin
