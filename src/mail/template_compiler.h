// SPDX-License-Identifier: Apache-2.0
// From the source of a template to its programs, with every problem found on the way.
#pragma once

#include <string>
#include <vector>

#include "mail/template_program.h"
#include "mail/welcome_template.h"

namespace dialin {

struct CompiledTemplate {
  TemplateProgram html;
  TemplateProgram text;
  bool text_is_derived = false;  // its layout is to be written by TextWriter
  TemplateProgram title;
  std::vector<TemplateProblem>
      problems;  // in the order of the source; with an Error among them, do not run it
};

CompiledTemplate compile_template(const TemplateSource& source);

// A template larger than this is refused; one over 102,400 octets of HTML is only warned of, because Gmail
// cuts a message there.
constexpr std::size_t LargestTemplate = 1 << 20;

}  // namespace dialin
