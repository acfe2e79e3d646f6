// SPDX-License-Identifier: Apache-2.0
#include "shell/wrapping.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace dialin {
namespace {

constexpr std::size_t NarrowestText = 40;  // below this, lines are let run over
constexpr std::size_t WidestText = 110;    // longer lines are hard to read

}  // namespace

std::size_t readable_width(std::size_t width) {
  return std::clamp(width, NarrowestText, WidestText);
}

std::string wrap(const std::vector<std::string>& pieces, std::size_t width, std::string first,
                 std::size_t hanging) {
  std::string text;
  std::string line = std::move(first);
  bool empty = true;
  for (const std::string& piece : pieces) {
    if (!empty && display_width(line) + 1 + display_width(piece) > width) {
      text += line + "\n";
      line = std::string(hanging, ' ');
      empty = true;
    }
    if (!empty) line += ' ';
    line += piece;
    empty = false;
  }
  return text + line + "\n";
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (std::string& word : split(text, ' ')) {
    if (!word.empty()) words.push_back(std::move(word));
  }
  return words;
}

}  // namespace dialin
