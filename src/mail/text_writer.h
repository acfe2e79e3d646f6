// SPDX-License-Identifier: Apache-2.0
// Lays out a derived text part: what a heading, a paragraph, a list, a row of a table are in plain text.
//
// Breaks and spaces are only wished for, and written when words follow: so what a vanished section leaves
// behind is nothing. Lines are wrapped at spaces to 76 columns; a word is never broken.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "mail/template_program.h"
#include "mail/wiped_string.h"

namespace dialin {

class TextWriter {
 public:
  // For what is longer, memory is taken again.
  explicit TextWriter(std::size_t expected_size);
  void literal(std::string_view words);
  void value(std::string_view value, Escaping escaping);
  // A layout instruction.
  void layout(const Instruction& instruction);
  // The text, wrapped, with a line end after the last line. Ends the writer's life.
  WipedString finish();

 private:
  struct List {
    bool numbered;
    unsigned items;
  };
  void before_words();
  void wish_for_lines(unsigned lines);
  void end_heading(unsigned level);
  void begin_item();

  WipedString text_;
  unsigned lines_ = 0;  // line ends wished for
  bool space_ = false;
  const char* cell_ = nullptr;  // what separates from the cell before
  WipedString item_;            // what stands before the next words of a list
  std::vector<List> lists_;
  std::size_t heading_begin_ = 0;
};

// `text` with its long lines wrapped at spaces; lines that follow in a list item are indented as it is.
WipedString wrap_lines(std::string_view text, std::size_t columns);

}  // namespace dialin
