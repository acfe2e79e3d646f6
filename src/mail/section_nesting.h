// SPDX-License-Identifier: Apache-2.0
// Which sections are open while a template is read.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "mail/template_scanner.h"

namespace dialin {

class SectionNesting {
 public:
  using Complain = std::function<void(std::size_t offset, std::string what)>;
  explicit SectionNesting(Complain complain) : complain_(std::move(complain)) {}

  // `place`: equal for the two ends of a section that may come and go (HtmlTracker::section_key()); empty
  // where no section can begin or end.
  void begin(const TemplatePiece& piece, const std::string& place);
  void end(const TemplatePiece& piece, const std::string& place);
  // At the end of the source: complains of what is still open.
  void finish();
  // Complains of a tag that belongs into a section which is not open. True: `tag` may be missing, and nothing
  // takes care of that.
  bool check_value(const TemplatePiece& piece);

  bool any_open() const { return !open_.empty(); }

 private:
  struct Open {
    Tag tag;
    std::size_t offset;
    std::string place;
  };
  bool is_open(Tag tag) const;

  Complain complain_;
  std::vector<Open> open_;
};

}  // namespace dialin
