// SPDX-License-Identifier: Apache-2.0
// A template as a list of instructions: what to write, and which sections come and go. One form for the HTML
// part, the text part and the subject. Built once; running it changes nothing, so any thread may.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "mail/escaping.h"
#include "mail/filled_tags.h"
#include "mail/template_tag.h"

namespace dialin {

struct Instruction {
  enum class Kind {
    Literal,       // `literal`
    Value,         // of `tag`, by `escaping`
    SectionBegin,  // of `tag`; `partner` is its end
    SectionEnd,    // `partner` is its beginning
    // Layout of a derived text part (mail/text_writer.h):
    Space,
    Line,
    Paragraph,
    Cell,  // `number` 1: behind a heading cell
    HeadingBegin,
    HeadingEnd,  // `number`: its level
    ListBegin,   // `number` 1: numbered
    Item,
    ListEnd,
  };
  Kind kind;
  std::string literal = {};
  Tag tag = Tag::Pin;
  Escaping escaping = Escaping::Plain;
  std::size_t partner = 0;
  unsigned number = 0;
};

using TemplateProgram = std::vector<Instruction>;

// Sets the partners of the sections, which must be properly nested.
void link_sections(TemplateProgram& program);

// Walks through `program`, leaves out what is not set, repeats what is a list, and calls
// visit(instruction, value) for everything else; `value` is the tag's, not yet escaped.
template <class Visit>
void run_program(const TemplateProgram& program, const FilledTags& tags, Visit&& visit) {
  struct Frame {
    std::size_t repetitions;
    std::size_t index;
  };
  std::vector<Frame> frames;
  std::size_t number = 0;  // which of the access numbers
  for (std::size_t at = 0; at < program.size(); ++at) {
    const Instruction& instruction = program[at];
    if (instruction.kind == Instruction::Kind::SectionBegin) {
      const std::size_t repetitions = tags.repetitions(instruction.tag, number);
      if (repetitions == 0) {
        at = instruction.partner;
        continue;
      }
      frames.push_back({repetitions, 0});
      if (instruction.tag == Tag::AccessNumber) number = 0;
    } else if (instruction.kind == Instruction::Kind::SectionEnd) {
      Frame& frame = frames.back();
      if (++frame.index < frame.repetitions) {
        at = instruction.partner;
        if (instruction.tag == Tag::AccessNumber) number = frame.index;
      } else {
        frames.pop_back();
      }
    } else if (instruction.kind == Instruction::Kind::Value) {
      visit(instruction, tags.value(instruction.tag, number));
    } else {
      visit(instruction, std::string_view());
    }
  }
}

}  // namespace dialin
