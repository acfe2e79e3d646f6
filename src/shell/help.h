// SPDX-License-Identifier: Apache-2.0
// Help, rendered from the table: it cannot say anything else than the binder does.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shell/bound_parameters.h"
#include "shell/command_spec.h"

namespace dialin {

// Everything about one command: both spellings, parameters, examples, exit codes. `width` in columns.
std::string render_help(const CommandSpec& spec, std::size_t width);

// All commands by group, one line each; only verbs that begin with the word `group` if it is not empty.
std::string render_overview(const CommandTable& table, std::size_t width, std::string_view group = {});

// The syntax line in one spelling, for the end of a usage error.
std::string render_syntax(const CommandSpec& spec, Spelling spelling, std::size_t width);

// What help is made of, for other forms of it (shell/manual_page.h).
// "Set-CsClientPin", "[-Identity] <person>", ..., "[common parameters]": what must not be broken.
std::vector<std::string> syntax_pieces(const CommandSpec& spec, Spelling spelling);
struct ParameterTerm {
  std::vector<std::string> names;  // "-UserUri", "--user-uri", "-Identity": all of them
  std::string value;               // "<person>"; empty: a switch
  std::string notes;               // "required, position 1"; may be empty
};
ParameterTerm term_of(const ParameterSpec& parameter);
// The description's, each on one line.
std::vector<std::string> paragraphs_of(const CommandSpec& spec);
// Those of every command, with the row's own words, by code.
std::vector<std::pair<int, std::string>> exit_codes_of(const CommandSpec& spec);
// Those that the row does not replace.
std::vector<const ParameterSpec*> common_parameters_of(const CommandSpec& spec);

}  // namespace dialin
