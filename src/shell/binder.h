// SPDX-License-Identifier: Apache-2.0
// Words of a command line become the parameters of a row.
//
// Option words. A word that begins with one dash and a letter (or is -?) is a parameter in PowerShell
// spelling, two dashes and a letter one in native spelling; either may be used with either name of a command.
// U+2013, U+2014 and U+2015, which web pages make of dashes, count as dashes. Everything else is a value: "-"
// alone (standard input),
// "-5", "– and more". `--` ends the options: all later words are bare.
//
// Names. In any case, inner dashes left out: an exact name or alias first, else a prefix that is unambiguous
// among the original's parameters of the command, else among all.
//
// Values. -Name value, -Name:value, --name value, --name=value (":" and "=" in both). A value that begins
// with a dash and a letter must be written in the word of its parameter (-Subject:-hello). A switch takes no
// word after it: -Force:false, and `-Confirm '$false'` is an error that says so, for it would mean the
// opposite. After -Name a list takes the words up to the next parameter; after --name one word, and --name
// may stand again; as a position one word, more after a comma; as the last operand all that are left. A comma
// splits a list except inside "double quotes" and in a distinguished name (CN=Bob,OU=Sales).
//
// What the shell ate. -Confirm: (bash made it of -Confirm:$false), a parameter that is followed by another
// one where its value should stand (an unquoted $null or unset variable), and an empty value are errors that
// say how to write it. A lone backtick, and one that ends the last word, is ignored.
//
// Refused with Error(InvalidInput): unknown (with "did you mean") and ambiguous names, a parameter given
// twice, bare words that no position takes, values with NUL, that are not UTF-8, or of more than 64 KiB.
// Messages quote words with control characters removed; values of secrets, and bare numbers where the command
// has one, are never shown.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shell/bound_parameters.h"
#include "shell/command_spec.h"
#include "shell/prompter.h"

namespace dialin {

// The longest value, in octets.
inline constexpr std::size_t MaximumValueSize = 64 * 1024;

// Binds `words` (what follows the command's name). Mandatory parameters may still be missing:
// ask_for_missing.
BoundParameters bind_parameters(const CommandSpec& spec, std::span<const std::string_view> words,
                                Spelling spelling);

// Error(InvalidInput) that names all mandatory parameters that were not given, if there are any.
void refuse_missing(const BoundParameters& bound);

// Asks for each mandatory parameter that was not given. Where no questions can be asked: Error(InvalidInput)
// that names them all.
void ask_for_missing(BoundParameters& bound, Prompter& prompter);

// The same for parameters that turned out to be needed (-From without mail.from). Those already given are
// left alone.
void ask_for(BoundParameters& bound, const std::vector<std::string>& names, Prompter& prompter);

}  // namespace dialin
