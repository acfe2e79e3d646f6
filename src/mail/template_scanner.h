// SPDX-License-Identifier: Apache-2.0
// Cuts the source of a template into what stands there literally and its tags. Knows nothing of HTML.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "mail/template_tag.h"

namespace dialin {

struct TemplatePiece {
  enum class Kind { Literal, Value, SectionBegin, SectionEnd };
  Kind kind;
  std::size_t offset = 0;    // in the source
  std::string_view literal;  // of Literal; points into the source
  Tag tag = Tag::Pin;        // of the others
};

struct ScanProblem {
  std::size_t offset;
  std::string what;
};

struct ScannedTemplate {
  std::vector<TemplatePiece> pieces;
  std::vector<ScanProblem> problems;  // unclosed, malformed, unknown tags
};

// Comments, {{! ... }}, are left out. `source` must outlive the result.
ScannedTemplate scan_template(std::string_view source, TemplatePurpose purpose);

struct SourcePosition {
  unsigned line = 1;
  unsigned column = 1;  // in characters
};
SourcePosition position_in(std::string_view source, std::size_t offset);

}  // namespace dialin
