// SPDX-License-Identifier: Apache-2.0
// A telephone number as the original keeps it in LineURI: tel:+E164[;ext=digits] (RFC 3966, E.164: at most 15
// digits). With and without an extension are two different numbers. Limits: 3 to 15 digits, extension 1 to 15
// digits.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dialin {

class PhoneNumber {
 public:
  // "tel:+14255551297;ext=51297", "+1 (425) 555-1297". Visual separators (RFC 3966 section 5.1.1)
  // and spaces are dropped. A number without + is none: nobody can tell which country it belongs to.
  static std::optional<PhoneNumber> parse(std::string_view text);
  const std::string& digits() const { return digits_; }        // "14255551297"
  const std::string& extension() const { return extension_; }  // "51297" or empty
  std::string uri() const;                                     // "tel:+14255551297;ext=51297"; also the key
  std::string display() const;                                 // "+14255551297 ext. 51297"
  bool operator==(const PhoneNumber&) const = default;

 private:
  PhoneNumber(std::string digits, std::string extension)
      : digits_(std::move(digits)), extension_(std::move(extension)) {}
  std::string digits_;
  std::string extension_;
};

// Why `text` is no telephone number, in words for its author. Tells what spreadsheets do to numbers:
// 3,31E+10, and the lost +. Empty if it is one.
std::string explain_bad_phone_number(std::string_view text);

// A number as a spreadsheet shortens it: 3,31E+10, 1.4255E10. Its digits are lost.
bool is_scientific_notation(std::string_view text);

}  // namespace dialin
