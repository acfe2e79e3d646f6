// SPDX-License-Identifier: Apache-2.0
#include "people/language_tag.h"

#include <algorithm>
#include <set>
#include <vector>

#include "base/text.h"

namespace dialin {
namespace {

constexpr std::size_t kLongestTag = 35;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool all_letters(std::string_view s) {
  return std::all_of(s.begin(), s.end(), is_letter);
}
bool all_digits(std::string_view s) {
  return std::all_of(s.begin(), s.end(), is_digit);
}

bool is_variant(std::string_view part) {
  return (part.size() >= 5 && part.size() <= 8) || (part.size() == 4 && is_digit(part.front()));
}

// Walks over the parts in the order that RFC 5646 gives them, mending their case.
class TagParser {
 public:
  explicit TagParser(std::string_view text) : parts_(split(to_lower_ascii(text), '-')) {}

  bool parse() {
    for (const std::string& part : parts_) {
      const bool alphanumeric =
          std::all_of(part.begin(), part.end(), [](char c) { return is_letter(c) || is_digit(c); });
      if (part.empty() || part.size() > 8 || !alphanumeric) return false;
    }
    return language() && script_and_region() && variants() && extensions() && private_use() &&
           position_ == parts_.size();
  }
  std::string text() const { return join(parts_, "-"); }

 private:
  bool more() const { return position_ < parts_.size(); }
  std::string& part() { return parts_[position_]; }

  bool language() {
    // By its syntax a language may have 4 to 8 letters; none is registered, and "French" is better refused.
    if (part().size() < 2 || part().size() > 3 || !all_letters(part())) return false;
    ++position_;
    for (int extended = 0; extended < 3 && more() && part().size() == 3 && all_letters(part()); ++extended) {
      ++position_;
    }
    return true;
  }

  bool script_and_region() {
    if (more() && part().size() == 4 && all_letters(part())) {
      part().front() = static_cast<char>(part().front() - 'a' + 'A');
      ++position_;
    }
    if (more() && part().size() == 2 && all_letters(part())) {
      for (char& c : part()) c = static_cast<char>(c - 'a' + 'A');
      ++position_;
    } else if (more() && part().size() == 3 && all_digits(part())) {
      ++position_;
    }
    return true;
  }

  bool variants() {
    std::set<std::string> seen;
    for (; more() && is_variant(part()); ++position_) {
      if (!seen.insert(part()).second) return false;
    }
    return true;
  }

  bool extensions() {
    std::set<std::string> seen;
    while (more() && part().size() == 1 && part() != "x") {
      if (!seen.insert(part()).second) return false;
      ++position_;
      if (!more() || part().size() < 2) return false;
      while (more() && part().size() >= 2) ++position_;
    }
    return true;
  }

  bool private_use() {
    if (!more() || part() != "x") return true;
    if (++position_ == parts_.size()) return false;
    position_ = parts_.size();
    return true;
  }

  std::vector<std::string> parts_;
  std::size_t position_ = 0;
};

}  // namespace

std::optional<std::string> parse_language_tag(std::string_view text) {
  if (text.empty() || text.size() > kLongestTag) return std::nullopt;
  TagParser parser(text);
  if (!parser.parse()) return std::nullopt;
  return parser.text();
}

}  // namespace dialin
