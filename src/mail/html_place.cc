// SPDX-License-Identifier: Apache-2.0
// The part of HtmlTracker that says in which place a tag would stand, and how its value is escaped there.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "mail/html_entities.h"
#include "mail/html_tracker.h"

namespace dialin {
namespace {

using Place = HtmlTracker::Place;
using PlaceKind = HtmlTracker::PlaceKind;

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_address_attribute(std::string_view name) {
  return is_one_of(
      name, {"href", "src", "action", "formaction", "background", "cite", "longdesc", "poster", "data",
             "codebase", "classid", "profile", "lowsrc", "dynsrc", "usemap", "manifest", "icon", "archive"});
}

Place refused(std::string why) {
  Place place;
  place.kind = PlaceKind::Refused;
  place.why = std::move(why);
  return place;
}

Place of_kind(PlaceKind kind, Escaping escaping) {
  Place place;
  place.kind = kind;
  place.escaping = escaping;
  return place;
}

// A tag in an address, behind `before`: what it may be depends on how the address begins.
Place place_in_address(const HtmlAttribute& attribute) {
  std::string before;
  for (const AttributePart& part : attribute.value) {
    if (part.is_tag) return of_kind(PlaceKind::Url, Escaping::UrlComponent);  // a whole address stands there
    before += part.literal;
  }
  const std::string decoded = decode_entities(before);
  const std::string_view begin = trim(decoded);
  if (begin.empty()) return of_kind(PlaceKind::Url, Escaping::Url);
  if (has_linkable_scheme(begin)) {
    const std::string scheme = to_lower_ascii(begin.substr(0, begin.find(':')));
    const bool address = scheme == "mailto" || scheme == "tel";
    // Behind the "?" of mailto:help@contoso.com?subject= an @ or + would be read differently.
    const bool query = begin.find('?') != std::string_view::npos;
    return of_kind(PlaceKind::Url, address && !query ? Escaping::AddressComponent : Escaping::UrlComponent);
  }
  return refused(
      "the address that it stands in must begin with https:, http:, mailto: or tel:, or with the tag");
}

}  // namespace

HtmlTracker::Place HtmlTracker::place_in_value() const {
  const HtmlAttribute& attribute = attributes_.back();
  const std::size_t colon = attribute.name.find_last_of(':');
  const std::string local = colon == std::string::npos ? attribute.name : attribute.name.substr(colon + 1);
  if (local.compare(0, 2, "on") == 0) {
    return refused(fmt::format("{} holds a script: no value is safe there", attribute.name));
  }
  const bool holds_code = is_one_of(local, {"srcdoc", "srcset", "ping", "http-equiv"}) ||
                          (is_one_of(name_, {"meta", "param", "object", "embed", "applet"}) &&
                           is_one_of(local, {"content", "value"}));
  if (holds_code) return refused(fmt::format("no value is safe in {}", attribute.name));
  if (local == "style") return of_kind(PlaceKind::Style, Escaping::Css);
  if (is_address_attribute(local)) return place_in_address(attribute);
  return of_kind(PlaceKind::Attribute, Escaping::Html);
}

HtmlTracker::Place HtmlTracker::place_in_raw_text() const {
  if (could_end_raw_text()) return refused("it stands behind an unfinished end tag");
  if (raw_name_ == "title") return of_kind(PlaceKind::Title, Escaping::Html);
  if (raw_name_ == "style") return of_kind(PlaceKind::Style, Escaping::Css);
  return refused(fmt::format("no value is safe inside <{}>", raw_name_));
}

HtmlTracker::Place HtmlTracker::place() const {
  Place place;
  switch (state_) {
    case State::Text:
      break;
    case State::DoubleQuoted:
    case State::SingleQuoted:
      place = place_in_value();
      break;
    case State::Unquoted:
    case State::BeforeAttributeValue:
      place = refused("the attribute has no quotes: write name=\"{{...}}\"");
      break;
    case State::RawText:
      place = place_in_raw_text();
      break;
    case State::Comment:
      place = inside_comment_->place();
      if (place.kind != PlaceKind::Refused) place.kind = PlaceKind::Comment;
      break;
    case State::TagOpen:
    case State::EndTagOpen:
    case State::TagName:
    case State::BeforeAttributeName:
    case State::AttributeName:
    case State::AfterAttributeName:
      place = refused("it stands inside of <...>: only text and quoted attributes can take a tag");
      break;
    case State::Declaration:
    case State::Bogus:
      place = refused("it stands inside of <!...> or <?...>");
      break;
  }
  if (foreign_.inside() && place.kind != PlaceKind::Refused) {
    place = refused(fmt::format("it stands inside of <{}>", foreign_.name));
  }
  place.hidden = hidden_.inside();
  place.some_readers = revealed_ > 0;
  return place;
}

std::string HtmlTracker::section_key() const {
  const std::string depths =
      fmt::format("{} {} {}", hidden_.depth, hidden_.inside() ? hidden_.name : "", foreign_.depth);
  switch (state_) {
    case State::Text:
      return "text " + depths;
    case State::RawText:
      return could_end_raw_text() || raw_name_ != "title" ? "" : "title";
    case State::Comment: {
      const std::string inside = inside_comment_->section_key();
      return inside.empty() ? "" : fmt::format("comment {} {}", comments_, inside);
    }
    default:
      return "";  // no section can begin or end here
  }
}

}  // namespace dialin
