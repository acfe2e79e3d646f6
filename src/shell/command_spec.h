// SPDX-License-Identifier: Apache-2.0
// A row of the one table of commands: its two names, its parameters, its help.
//
// Binder, lookup, help and the overwriting of secrets in the process's arguments all read the same rows, so a
// new command is a row and a handler (command/ pairs them) and nothing else. Rows are written with designated
// initialisers:
//
//   CommandSpec{.cmdlet = "Set-CsClientPin", .verb = "pin set", .group = "PINs", .summary = "Sets a PIN.",
//               .parameters = {{.name = "Identity", .kind = ParameterKind::Text, .help = "The person.",
//                               .mandatory = true, .original = true, .position = 1, .operand = 1}}}
//
// A table is checked once by a test (problems_of_table), not at every start.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dialin {

enum class ParameterKind {
  Text,    // one value, kept as typed
  Switch,  // no value: -Force, -Force:true, -Force:False, '-Force:$true'
  List,    // several values: a,b or, after -Name, several words up to the next parameter
  Path,    // one value that names a file or folder; "-" is standard input where the handler says so
  Number,  // a whole number from `minimum` to `maximum`
  Choice,  // one of `choices`, in any case; the bound value has the spelling of the table
  Secret,  // a PIN: becomes a Secret, is overwritten in the process's arguments, stands in no message
};

// What the operator's client opens for the service that runs the command in the installed way, and nothing
// else (doc/architecture.md): of a Path the file that it names; of a Text or a List only if it
// stands here.
enum class FileUse {
  Read,          // a file that is there
  ReadEach,      // of a List: each of the files
  Template,      // a file, the text part beside it, or the files of a folder
  Create,        // a new file
  CreateFolder,  // new files in a folder, which is made if it is not there
  AfterAt,       // a Text "user:@file": the file behind it, which holds a secret
};

struct ParameterSpec {
  std::string name = {};  // as in PowerShell: "UserUri"; the long option --user-uri is derived from it
  ParameterKind kind = ParameterKind::Text;
  std::string value_name = {};  // what stands for the value in the syntax line: "address"
  std::string help = {};        // one sentence
  // Its absence is found by BoundParameters::missing(). What may also come from the configuration (-From) or
  // be given another way (-Csv instead of -UserUri) is not mandatory here; its handler asks for it (ask_for).
  bool mandatory = false;
  // One of the original cmdlet's own parameters: a prefix (-P) means these first.
  bool original = false;
  int position = 0;  // PowerShell spelling: the n-th bare word, counted from 1; 0: by name only
  int operand = 0;   // native spelling: likewise. A List takes all the words that are left.
  std::vector<std::string> aliases = {};  // further names: "Replace" for Force
  std::vector<std::string> choices = {};
  // Values that are offered when the shell completes a word; others are taken as well.
  std::vector<std::string> suggestions = {};
  std::int64_t minimum = 0;
  std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
  bool allow_empty = false;  // '' is a value; elsewhere it is taken for a variable that the shell left empty
  bool exact_only = false;   // never meant by a prefix
  // The value is overwritten in the process's arguments although it is not a Secret (somebody may type
  // -Credential user:password, which is refused, but would be seen by `ps` until then). Always so for Secret.
  bool hidden_in_arguments = false;
  // A bare word that holds one of these characters is refused for this position, with "did you mean -MEANT":
  // `Set-CsPinSendCAWelcomeMail bob@contoso.com` must not take bob's address for the mail server.
  std::string guard_characters = {};
  std::string guard_meant = {};  // a parameter's name: "UserUri"
  FileUse file = FileUse::Read;
  // Members of roles.help_desk may give it. Whoever adds a parameter need not think of them: it is refused.
  bool help_desk = false;
  // It names people: the help desk must name exactly one, without *.
  bool names_people = false;
};

struct CommandExample {
  std::string line = {};  // as typed into the shell
  std::string says = {};  // what it does, one sentence
};

// Where a command runs in the installed way.
enum class CommandHost {
  Service,         // in a process of the service, which alone reads key and store
  OwnProcess,      // in the operator's: it uses no store, no key and no configuration
  ServiceAccount,  // nowhere on behalf of an operator: it is the service itself
};

struct CommandSpec {
  std::string cmdlet = {};       // "Set-CsPinSendCAWelcomeMail"; empty where there is a verb only
  std::string verb = {};         // "welcome", "people import": one to three words, lower case
  std::string group = {};        // heading in the overview: "People"
  std::string summary = {};      // one line, for the overview and the top of the help
  std::string description = {};  // paragraphs, separated by an empty line; wrapped by the help
  std::vector<ParameterSpec> parameters = {};
  std::vector<CommandExample> examples = {};
  // What exit codes mean here where the common words do not say it well: {1, "the PIN is not right"}.
  std::vector<std::pair<int, std::string>> exit_codes = {};
  // Members of roles.help_desk may use it, for one person at a time and with the parameters that say so too.
  bool help_desk = false;
  CommandHost host = CommandHost::Service;
};

// The rows, owned by whoever pairs them with handlers; a pointer identifies its row.
using CommandTable = std::vector<const CommandSpec*>;

// -WhatIf, -Confirm, -Verbose, -Output, -Help (-?), --yes, --config: added to every row by the binder and the
// help. A row's own parameter of the same name stands in for the common one.
const std::vector<ParameterSpec>& common_parameters();

// The row's parameters, then the common ones; the pointers live as long as `spec`.
std::vector<const ParameterSpec*> all_parameters(const CommandSpec& spec);

// "UserUri" -> "user-uri", "LineURI" -> "line-uri", "PINLifetime" -> "pin-lifetime".
std::string native_option_name(std::string_view parameter_name);

// What is wrong with a table: two rows of one name, a name that means two parameters, gaps in positions, a
// missing help sentence, a Choice without choices. Empty if it is sound.
std::vector<std::string> problems_of_table(const CommandTable& table);

}  // namespace dialin
