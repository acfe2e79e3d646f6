// SPDX-License-Identifier: Apache-2.0
// The common patterns that AllowCommonPatterns = false refuses: what people choose most, and what somebody
// who knows the person tries first.
//
// The original's documents give examples only (222222, 225577, 11223344, 123456, 991234, the person's own
// number); each rule here is a function of its own that says exactly what it refuses. They are narrow enough
// that generated PINs stay unpredictable: of all PINs of 4 digits 7.7 % are refused, of 5 digits 0.4 %, of 6
// digits 3.4 % (a test prints and bounds them). 18723834, 383042650 and 121989, which the original's
// documents set as PINs, stay allowed.
//
// `digits` are ASCII digits, at least one. The functions keep nothing. Any thread.
#pragma once

#include <string_view>

#include "pin/pin_policy.h"

namespace dialin {

// All digits are the same: 222222.
bool is_one_digit_repeated(std::string_view digits);

// The whole PIN is one group of digits, two times or more: 1212, 123123, 454545. (One digit, too.)
bool is_repeated_group(std::string_view digits);

// The whole PIN is pairs of equal digits: 1122, 225577, 11223344. A pair inside another PIN is allowed: two
// of five random PINs of six digits have one.
bool is_doubled_throughout(std::string_view digits);

// Four or more neighbours anywhere go up by one, or down by one, and 9 and 0 are neighbours: 1234, 991234,
// 8901, 4321, 1098.
bool has_run(std::string_view digits);

// Four digits that read the same from both ends: 1221. (Longer ones are too rare a choice.)
bool is_palindrome_of_four(std::string_view digits);

// Four digits that are a year from 1930 to 2029: a year of birth, of marriage, this year.
bool is_year(std::string_view digits);

// Four digits that are a multiple of 500: 0500, 1000, 7500.
bool is_multiple_of_500(std::string_view digits);

// Six digits that are a date DDMMYY from 1 January 1940 to 31 December 2010, as a day of birth is written:
// 240885. 29 February only in leap years.
bool is_date_of_six_digits(std::string_view digits);

// Drawn on the telephone's keypad:
// - straight lines of three keys or more, one after the other or each from where the last ended, in any of
// the
//   eight directions: 2580, 147258, 789456, 159753, 14789;
// - along the edge of the block 1 to 9, four keys or more, in either direction: 1236, 1478, 147896;
// - its four corners in any order: 1379, 1397.
bool is_keypad_drawing(std::string_view digits);

// The person's own number or extension: all of it, its last digits (four and more), or any five or more
// digits of it that follow each other. The number is compared with the country code; leaving that out makes a
// tail.
bool is_part_of_own_number(std::string_view digits, const PinOwnerNumbers& owner);

// One of the most popular choices of 4 or 6 digits (share/popular-pins; sources in their first lines). 121989
// is among them and allowed all the same: the original's documentation sets it as a person's PIN in an
// example, so scripts written after it must go on working.
bool is_popular_choice(std::string_view digits);

// Any of the above.
bool is_common_pattern(std::string_view digits, const PinOwnerNumbers& owner);

}  // namespace dialin
