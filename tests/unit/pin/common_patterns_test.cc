// SPDX-License-Identifier: Apache-2.0
#include "pin/common_patterns.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

namespace dialin {
namespace {

using Rule = bool (*)(std::string_view);

void expect(Rule rule, const std::vector<const char*>& refused, const std::vector<const char*>& allowed) {
  for (const char* digits : refused) EXPECT_TRUE(rule(digits)) << digits;
  for (const char* digits : allowed) EXPECT_FALSE(rule(digits)) << digits;
}

// How many PINs of `length` digits `rule` refuses.
int count(Rule rule, int length) {
  int space = 1;
  for (int i = 0; i < length; ++i) space *= 10;
  int refused = 0;
  for (int number = 0; number < space; ++number) {
    if (rule(fmt::format("{:0{}}", number, length))) ++refused;
  }
  return refused;
}

bool is_common(std::string_view digits) {
  return is_common_pattern(digits, {});
}

std::vector<std::string> favourites(const std::string& file) {
  std::ifstream lines(DIALIN_SOURCE_DIR "/share/popular-pins/" + file);
  std::vector<std::string> pins;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    pins.push_back(line);
  }
  return pins;
}

TEST(CommonPatterns, OneDigitRepeated) {
  expect(is_one_digit_repeated, {"0000", "222222", "999999999999999999999999"}, {"0001", "1000", "222232"});
  EXPECT_EQ(count(is_one_digit_repeated, 5), 10);
}

TEST(CommonPatterns, RepeatedGroup) {
  expect(is_repeated_group, {"1212", "123123", "454545", "7777", "15827158271582715827"},
         {"1213", "12121", "123124", "1231", "1221", "12312"});
  EXPECT_EQ(count(is_repeated_group, 4), 100);
  EXPECT_EQ(count(is_repeated_group, 5), 10);  // 5 is prime: one digit only
  EXPECT_EQ(count(is_repeated_group, 6), 1000 + 100 - 10);
}

TEST(CommonPatterns, DoubledThroughout) {
  expect(is_doubled_throughout, {"1122", "225577", "11223344", "0000"},
         {"1123", "12233", "11225", "112234", "1221", "122334"});
  EXPECT_EQ(count(is_doubled_throughout, 6), 1000);
  EXPECT_EQ(count(is_doubled_throughout, 5), 0);
}

TEST(CommonPatterns, Run) {
  expect(has_run,
         {"1234", "4321", "991234", "123499", "8901", "1098", "0987", "7890", "2109", "56789012", "1923459"},
         {"123", "12399", "1235", "1357", "2468", "123321", "121212", "8902"});
  EXPECT_EQ(count(has_run, 4), 20);  // ten beginnings, up and down
}

TEST(CommonPatterns, PalindromeOfFour) {
  expect(is_palindrome_of_four, {"1221", "0990", "5555"}, {"1231", "12321", "123321", "1212"});
  EXPECT_EQ(count(is_palindrome_of_four, 4), 100);
}

TEST(CommonPatterns, Year) {
  expect(is_year, {"1930", "1999", "2000", "2029"}, {"1929", "2030", "0193", "19300", "01975"});
  EXPECT_EQ(count(is_year, 4), 100);
}

TEST(CommonPatterns, MultipleOf500) {
  expect(is_multiple_of_500, {"0000", "0500", "1000", "9500"}, {"0050", "1050", "01000", "10000", "1499"});
  EXPECT_EQ(count(is_multiple_of_500, 4), 20);
}

TEST(CommonPatterns, DateOfSixDigits) {
  expect(is_date_of_six_digits, {"010140", "311210", "240885", "290244", "290200", "290208", "300999"},
         {"010139", "010111", "310485", "290285", "290210", "000185", "010085", "011385", "320185", "850824",
          "24085", "2408850"});
  // 71 years, of which 18 are leap years (1940 to 2008).
  EXPECT_EQ(count(is_date_of_six_digits, 6), 71 * 365 + 18);
}

TEST(CommonPatterns, KeypadLines) {
  expect(is_keypad_drawing,
         {"2580", "0852", "147258", "789456", "159753", "357159", "852741", "963852741", "14789", "12321",
          "2580852", "15951", "258456", "1475369"},
         {"1472", "14725", "2581", "1357", "147250", "1593", "2589", "0147"});
}

TEST(CommonPatterns, KeypadEdges) {
  expect(is_keypad_drawing,
         {"1236", "1478", "2369", "9874", "4123", "6321", "147896", "12369874", "123698741236"},
         {"1235", "1254", "12365", "1452", "1245"});
}

TEST(CommonPatterns, KeypadCorners) {
  expect(is_keypad_drawing, {"1379", "1397", "9731", "3719"}, {"1377", "13797", "1378"});
  // Two columns with 0, 16 walks along the edge, 24 orders of the corners; none is two of them.
  EXPECT_EQ(count(is_keypad_drawing, 4), 2 + 16 + 24);
}

TEST(CommonPatterns, OwnNumber) {
  const PinOwnerNumbers owner{"14255551297", "51297"};
  for (const char* digits :
       {"14255551297", "4255551297", "51297", "1297", "5551297", "25555", "142555", "555129"}) {
    EXPECT_TRUE(is_part_of_own_number(digits, owner)) << digits;
  }
  for (const char* digits : {"1425", "5129", "2555", "12975", "512970", "014255551297", "79215"}) {
    EXPECT_FALSE(is_part_of_own_number(digits, owner)) << digits;
  }
}

TEST(CommonPatterns, OwnExtensionAlone) {
  const PinOwnerNumbers owner{"", "7021"};
  EXPECT_TRUE(is_part_of_own_number("7021", owner));
  EXPECT_FALSE(is_part_of_own_number("70215", owner));
  EXPECT_FALSE(is_part_of_own_number("7021", {}));
}

TEST(CommonPatterns, EveryFavouriteIsRefusedButOne) {
  const auto four = favourites("4-digit.txt");
  const auto six = favourites("6-digit.txt");
  ASSERT_EQ(four.size(), 500U);
  ASSERT_EQ(six.size(), 200U);
  for (const auto& list : {four, six}) {
    for (const std::string& pin : list) {
      EXPECT_EQ(is_popular_choice(pin), pin != "121989") << pin;
    }
  }
  expect(is_popular_choice, {"1998", "5683", "696969"}, {"16969", "56830", "4829", "918273645"});
}

TEST(CommonPatterns, TheOriginalsExamples) {
  for (const char* digits : {"222222", "225577", "11223344", "123456", "991234"})
    EXPECT_TRUE(is_common(digits)) << digits;
  for (const char* digits : {"18723834", "383042650", "121989"}) EXPECT_FALSE(is_common(digits)) << digits;
}

TEST(CommonPatterns, EveryRuleIsPartOfTheWhole) {
  // Each of these is refused by one rule alone.
  EXPECT_TRUE(is_common("77777"));     // one digit
  EXPECT_TRUE(is_common("38273827"));  // group
  EXPECT_TRUE(is_common("22557744"));  // doubled
  EXPECT_TRUE(is_common("9912349"));   // run
  EXPECT_TRUE(is_common("8448"));      // palindrome
  EXPECT_TRUE(is_common("1937"));      // year
  EXPECT_TRUE(is_common("9500"));      // multiple of 500
  EXPECT_TRUE(is_common("270351"));    // date
  EXPECT_TRUE(is_common("2580852"));   // keypad
  EXPECT_TRUE(is_common("420420"));    // favourite and group
  EXPECT_TRUE(is_common("5683"));      // favourite
  EXPECT_TRUE(is_common_pattern("83649", {"4930836495", ""}));
  EXPECT_FALSE(is_common("83649"));
}

// The share of the space that is refused: generated PINs must stay unpredictable.
TEST(CommonPatterns, ShareOfTheSpaceIsSmall) {
  struct Limit {
    int length;
    double space;
    double most;
  };
  for (const Limit& limit : {Limit{4, 1e4, 0.15}, Limit{5, 1e5, 0.06}, Limit{6, 1e6, 0.05}}) {
    const double share = count(is_common, limit.length) / limit.space;
    fmt::print("refused of all PINs of {} digits: {:.2f} % (limit {:.0f} %)\n", limit.length, share * 100,
               limit.most * 100);
    RecordProperty(fmt::format("refused_{}_digits", limit.length), fmt::format("{:.4f}", share));
    EXPECT_LE(share, limit.most);
    EXPECT_GT(share, 0.001);
  }
}

// What each rule refuses by itself; where it can be counted by hand, that it is that many.
TEST(CommonPatterns, ShareOfEachRule) {
  struct OneRule {
    const char* name;
    Rule refuses;
    std::array<int, 3> by_hand;  // of 4, 5 and 6 digits; -1: not counted by hand
  };
  constexpr std::array<double, 3> Most = {0.08, 0.005, 0.03};  // no rule alone refuses more
  for (const OneRule& rule : {
           OneRule{"one digit repeated", is_one_digit_repeated, {10, 10, 10}},
           OneRule{"repeated group", is_repeated_group, {100, 10, 100 + 1000 - 10}},
           OneRule{"doubled throughout", is_doubled_throughout, {100, 0, 1000}},
           // Of 5: ten beginnings, ten digits before or behind, less those of five in a row counted twice; up
           // or down.
           OneRule{"run", has_run, {2 * 10, 2 * (10 * 10 * 2 - 10), -1}},
           OneRule{"palindrome of four", is_palindrome_of_four, {100, 0, 0}},
           OneRule{"year", is_year, {100, 0, 0}},
           OneRule{"multiple of 500", is_multiple_of_500, {20, 0, 0}},
           OneRule{"date", is_date_of_six_digits, {0, 0, 71 * 365 + 18}},
           OneRule{"keypad drawing", is_keypad_drawing, {-1, -1, -1}},
           OneRule{"favourite", is_popular_choice, {-1, 0, -1}},
       }) {
    for (std::size_t i = 0; i < 3; ++i) {
      const int length = 4 + static_cast<int>(i);
      const double space = std::pow(10, length);
      const double refused = count(rule.refuses, length);
      fmt::print("{} of {} digits: {:.0f}, {:.3f} %\n", rule.name, length, refused, refused / space * 100);
      if (rule.by_hand[i] >= 0) EXPECT_EQ(refused, rule.by_hand[i]) << rule.name << " of " << length;
      EXPECT_LE(refused / space, Most[i]) << rule.name << " of " << length;
    }
  }
}

}  // namespace
}  // namespace dialin
