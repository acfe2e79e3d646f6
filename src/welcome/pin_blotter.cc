// SPDX-License-Identifier: Apache-2.0
#include "welcome/pin_blotter.h"

#include <string_view>

#include "base/encoding.h"
#include "base/secret.h"

namespace dialin {
namespace {

// A text that was cut to its limit may end in the first digits of a PIN; two of them are worth hiding.
constexpr std::size_t ShortestTail = 2;

void blot_out(std::string& text, std::string_view part) {
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at)) {
    text.replace(at, part.size(), "*****");
  }
}

}  // namespace

std::string without_pin(std::string words, const Pin& pin) {
  const std::string_view digits = pin.reveal(ClearPinAccess());
  blot_out(words, digits);
  // A server may quote a part as it was sent. Of what base64 makes of the digits, only the characters count
  // that nothing beside them decides; they depend on how many octets stand before.
  for (std::size_t before = 0; before < 3; ++before) {
    std::string octets = std::string(before, '\0').append(digits);
    std::string encoded = to_base64(octets);
    const std::size_t begin = (before * 8 + 5) / 6;
    blot_out(words, std::string_view(encoded).substr(begin, octets.size() * 8 / 6 - begin));
    wipe(octets);
    wipe(encoded);
  }
  for (std::size_t length = digits.size() - 1; length >= ShortestTail; --length) {
    if (words.ends_with(digits.substr(0, length))) {
      words.replace(words.size() - length, length, "*****");
      break;
    }
  }
  return words;
}

}  // namespace dialin
