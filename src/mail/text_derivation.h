// SPDX-License-Identifier: Apache-2.0
// Makes the text part of a template out of its HTML, once, when the template is read: headings, paragraphs,
// lists, rows of tables as lines, links as "words <address>", alternative texts of images. What is hidden,
// and the head, is left out. Its tags and sections come along.
#pragma once

#include <string>
#include <vector>

#include "mail/html_tracker.h"
#include "mail/template_program.h"

namespace dialin {

class TextDerivation final : public HtmlEvents {
 public:
  void text(std::string_view raw, bool visible) override;
  void title_text(std::string_view raw) override;
  void start_tag(const std::string& name, const std::vector<HtmlAttribute>& attributes,
                 bool visible) override;
  void end_tag(const std::string& name, bool visible) override;

  // A tag that stands in text.
  void value(Tag tag, bool visible);
  void section(Instruction::Kind kind, Tag tag);
  // A tag that stands in the title.
  void title_value(Tag tag);
  void title_section(Instruction::Kind kind, Tag tag);

  TemplateProgram& text_program() { return text_; }
  TemplateProgram& title_program() { return title_; }

 private:
  using Kind = Instruction::Kind;
  void layout(Kind kind, unsigned number = 0);
  void words(std::string_view decoded);
  void begin_block(const std::string& name);
  void end_block(const std::string& name);
  void begin_link(const std::vector<HtmlAttribute>& attributes);
  void end_link();
  void attribute_words(const HtmlAttribute& attribute);

  TemplateProgram text_;
  TemplateProgram title_;
  std::vector<AttributePart> link_;  // where the open link leads to
  bool in_link_ = false;
  bool title_ended_ = false;  // only the first <title> counts
  std::string link_words_;    // its words, tags as {{NAME}}, to compare
};

}  // namespace dialin
