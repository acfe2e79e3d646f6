// SPDX-License-Identifier: Apache-2.0
// Rows of a command table for the tests of the shell: the original's cmdlets as far as the binder sees them.
#pragma once

#include "shell/command_spec.h"

namespace dialin::test {

inline const CommandSpec& welcome_row() {
  static const CommandSpec row{
      .cmdlet = "Set-CsPinSendCAWelcomeMail",
      .verb = "welcome",
      .group = "Welcome",
      .summary = "Sets a person's PIN and welcomes the person by mail.",
      .description = "First paragraph\nof two lines.\n\nSecond paragraph.",
      .parameters =
          {{.name = "UserUri",
            .value_name = "user identifier",
            .help = "The person to welcome.",
            .mandatory = true,
            .original = true,
            .operand = 1},
           {.name = "From", .value_name = "address", .help = "The sender.", .original = true},
           {.name = "Subject", .help = "The subject.", .original = true},
           {.name = "UserEmailAddress",
            .value_name = "address",
            .help = "Where the mail goes.",
            .original = true},
           {.name = "Cc",
            .kind = ParameterKind::List,
            .value_name = "address",
            .help = "Copies.",
            .original = true},
           {.name = "Bcc", .kind = ParameterKind::List, .help = "Blind copies.", .original = true},
           {.name = "TemplatePath", .kind = ParameterKind::Path, .help = "The template.", .original = true},
           {.name = "SmtpServer",
            .value_name = "host",
            .help = "The mail server.",
            .original = true,
            .position = 1,
            .guard_characters = "@\\",
            .guard_meant = "UserUri"},
           {.name = "BodyAsPlainText", .kind = ParameterKind::Switch, .help = "Text only.", .original = true},
           {.name = "UseSsl", .kind = ParameterKind::Switch, .help = "TLS or nothing.", .original = true},
           {.name = "Pin", .kind = ParameterKind::Secret, .help = "The PIN.", .original = true},
           {.name = "Force",
            .kind = ParameterKind::Switch,
            .help = "Replaces a PIN.",
            .original = true,
            .aliases = {"Replace"}},
           {.name = "Credential", .help = "The account.", .original = true, .hidden_in_arguments = true},
           {.name = "Port",
            .kind = ParameterKind::Number,
            .help = "The port.",
            .minimum = 1,
            .maximum = 65535},
           {.name = "Language", .help = "The language."},
           {.name = "ReplyTo", .help = "Where answers go."},
           {.name = "AddPeople", .kind = ParameterKind::Switch, .help = "Adds who is not known."},
           {.name = "Encoding",
            .kind = ParameterKind::Choice,
            .help = "Of the template.",
            .choices = {"UTF-8", "UTF-16"}},
           {.name = "PolicyName", .help = "A name that may be empty.", .allow_empty = true}},
      .examples = {{"Set-CsPinSendCAWelcomeMail -UserUri bob@contoso.com -From marco@contoso.com",
                    "Welcomes Bob."}},
      .exit_codes = {{1, "The PIN was not set."}}};
  return row;
}

inline const CommandSpec& set_pin_row() {
  static const CommandSpec row{.cmdlet = "Set-CsClientPin",
                               .verb = "pin set",
                               .group = "PINs",
                               .summary = "Sets a PIN.",
                               .parameters = {{.name = "Identity",
                                               .kind = ParameterKind::List,
                                               .help = "The people.",
                                               .mandatory = true,
                                               .original = true,
                                               .position = 1,
                                               .operand = 1},
                                              {.name = "Pin",
                                               .kind = ParameterKind::Secret,
                                               .help = "The PIN.",
                                               .original = true,
                                               .position = 2}}};
  return row;
}

inline const CommandSpec& import_row() {
  static const CommandSpec row{.verb = "people import",
                               .group = "People",
                               .summary = "Reads people from a CSV file.",
                               .parameters = {{.name = "File",
                                               .kind = ParameterKind::Path,
                                               .value_name = "file",
                                               .help = "The file.",
                                               .mandatory = true,
                                               .operand = 1}}};
  return row;
}

inline const CommandSpec& list_row() {
  static const CommandSpec row{
      .verb = "people list",
      .group = "People",
      .summary = "Lists people.",
      .parameters = {{.name = "Identity", .kind = ParameterKind::List, .help = "Whom.", .operand = 1}}};
  return row;
}

inline const CommandTable& sample_table() {
  static const CommandTable table = {&welcome_row(), &set_pin_row(), &import_row(), &list_row()};
  return table;
}

}  // namespace dialin::test
