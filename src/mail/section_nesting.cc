// SPDX-License-Identifier: Apache-2.0
#include "mail/section_nesting.h"

#include <fmt/format.h>

#include <algorithm>

namespace dialin {
namespace {

const char* name_of(Tag tag) {
  return properties_of(tag).name;
}

}  // namespace

bool SectionNesting::is_open(Tag tag) const {
  return std::any_of(open_.begin(), open_.end(), [tag](const Open& open) { return open.tag == tag; });
}

void SectionNesting::begin(const TemplatePiece& piece, const std::string& place) {
  if (is_open(piece.tag)) {
    complain_(piece.offset, fmt::format("the section {{{{#{}}}}} stands inside itself", name_of(piece.tag)));
  } else if (piece.tag != Tag::AccessNumber && properties_of(piece.tag).of_access_number &&
             !is_open(Tag::AccessNumber)) {
    complain_(piece.offset,
              fmt::format("{{{{#{}}}}} belongs between {{{{#ACCESS_NUMBER}}}} and {{{{/ACCESS_NUMBER}}}}",
                          name_of(piece.tag)));
  }
  if (place.empty()) {
    complain_(piece.offset,
              fmt::format("the section {{{{#{}}}}} cannot begin inside of <...>, a quote, <style> or "
                          "another place that is not text",
                          name_of(piece.tag)));
  }
  open_.push_back({piece.tag, piece.offset, place});
}

void SectionNesting::end(const TemplatePiece& piece, const std::string& place) {
  if (!is_open(piece.tag)) {
    return complain_(
        piece.offset,
        fmt::format("{{{{/{0}}}}} ends no section: {{{{#{0}}}}} is missing before it", name_of(piece.tag)));
  }
  while (open_.back().tag != piece.tag) {
    complain_(open_.back().offset, fmt::format("the section {{{{#{0}}}}} is not closed before {{{{/{1}}}}}: "
                                               "{{{{/{0}}}}} is missing",
                                               name_of(open_.back().tag), name_of(piece.tag)));
    open_.pop_back();
  }
  const Open open = open_.back();
  open_.pop_back();
  if (!open.place.empty() && open.place != place) {
    complain_(piece.offset,
              fmt::format("the section {{{{#{0}}}}} does not end where it began: tags, quotes, comments "
                          "and hidden elements that begin in it must end before {{{{/{0}}}}}",
                          name_of(piece.tag)));
  }
}

void SectionNesting::finish() {
  for (const Open& open : open_) {
    complain_(open.offset, fmt::format("the section {{{{#{0}}}}} is not closed: {{{{/{0}}}}} is missing",
                                       name_of(open.tag)));
  }
}

bool SectionNesting::check_value(const TemplatePiece& piece) {
  const TagProperties& properties = properties_of(piece.tag);
  if (properties.of_access_number && !is_open(Tag::AccessNumber)) {
    complain_(piece.offset,
              fmt::format("{{{{{}}}}} belongs between {{{{#ACCESS_NUMBER}}}} and {{{{/ACCESS_NUMBER}}}}",
                          properties.name));
    return false;
  }
  if (!properties.may_be_missing || is_open(piece.tag)) return false;
  return true;
}

}  // namespace dialin
