// SPDX-License-Identifier: Apache-2.0
// Small, locale-free things done to text. UTF-8 everywhere; ASCII rules where the word says ASCII.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dialin {

std::string to_lower_ascii(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);  // ASCII letters only
std::string_view trim(std::string_view text);                      // spaces and tabs, CR and LF at both ends
std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);

// Strict UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);
bool is_ascii(std::string_view text);
// A C0 control, DEL, a C1 control, a line or paragraph separator, or a bidirectional override or isolate
// (U+202A to U+202E, U+2066 to U+2069): nothing that belongs into one line of a name or a subject.
bool has_control_characters(std::string_view text);
// Number of code points; `text` is UTF-8.
std::size_t length_in_characters(std::string_view text);
// Columns on a terminal: East Asian wide characters count two, combining marks none.
std::size_t display_width(std::string_view text);
// For comparing names without case: simple folding of ASCII, Latin, Greek and Cyrillic letters (what a
// directory of people needs). SQLite's lower() knows ASCII only, so the keys of the store are made here.
std::string fold_case(std::string_view text);

// Text from outside that is shown or kept (a mail server's words): control characters become spaces, invalid
// UTF-8 becomes '?', at most `limit` characters.
std::string sanitize_foreign_text(std::string_view text, std::size_t limit = 512);

// A cell of CSV: quoted where RFC 4180 asks for it, and with an apostrophe before what a spreadsheet would
// run
// (= + - @, tab, CR).
std::string csv_cell(std::string_view text);

// The candidate that was most likely meant by `word`: least edit distance (insertions, deletions, changes,
// neighbours swapped; ASCII case ignored), at most a third of the word's length and at least 1; none if no
// candidate is that near.
std::optional<std::string> did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace dialin
