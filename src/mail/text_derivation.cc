// SPDX-License-Identifier: Apache-2.0
#include "mail/text_derivation.h"

#include <algorithm>
#include <initializer_list>

#include "base/text.h"
#include "base/utf8.h"
#include "mail/html_entities.h"

namespace dialin {
namespace {

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

// Level of <h1> to <h6>, else 0.
unsigned heading_level(std::string_view name) {
  if (name.size() != 2 || name[0] != 'h' || name[1] < '1' || name[1] > '6') return 0;
  return static_cast<unsigned>(name[1] - '0');
}

bool is_block(std::string_view name) {
  return is_one_of(name, {"div",    "section",    "article",  "header", "footer",  "main", "nav",
                          "aside",  "address",    "center",   "tr",     "caption", "dt",   "dd",
                          "figure", "figcaption", "fieldset", "form",   "legend",  "body"});
}

bool is_paragraph(std::string_view name) {
  return is_one_of(name, {"p", "blockquote", "table", "dl", "pre", "hr"});
}

// Non-breaking and zero-width spaces, soft hyphens: a word of nothing else is a filler.
bool is_filler(std::string_view word) {
  for (std::size_t at = 0; at < word.size();) {
    const Utf8Character character = decode_utf8(word, at);
    if (character.size == 0) return false;
    const char32_t c = character.code;
    const bool filler = c == 0xA0 || c == 0xAD || c == 0x34F || (c >= 0x2000 && c <= 0x200F) || c == 0xFEFF;
    if (!filler) return false;
    at += character.size;
  }
  return true;
}

std::string tag_mark(Tag tag) {
  return std::string("{{") + properties_of(text_of_link(tag)).name + "}}";
}

// For comparing a link's words with its address: without scheme, final slash, spaces; case folded.
std::string comparable(std::string text) {
  std::string bare;
  for (const char c : text) {
    if (!is_space(c)) bare += c;
  }
  bare = to_lower_ascii(bare);
  for (const std::string_view scheme : {"https://", "http://", "mailto:", "tel:"}) {
    if (bare.compare(0, scheme.size(), scheme) == 0) bare.erase(0, scheme.size());
  }
  if (!bare.empty() && bare.back() == '/') bare.pop_back();
  return bare;
}

}  // namespace

void TextDerivation::layout(Kind kind, unsigned number) {
  Instruction instruction{kind};
  instruction.number = number;
  text_.push_back(std::move(instruction));
}

void TextDerivation::words(std::string_view decoded) {
  std::size_t at = 0;
  while (at < decoded.size()) {
    if (is_space(decoded[at])) {
      layout(Kind::Space);
      while (at < decoded.size() && is_space(decoded[at])) ++at;
      continue;
    }
    std::size_t end = at;
    while (end < decoded.size() && !is_space(decoded[end])) ++end;
    const std::string_view word = decoded.substr(at, end - at);
    if (is_filler(word)) {
      layout(Kind::Space);
    } else {
      text_.push_back({Kind::Literal, std::string(word)});
      if (in_link_) link_words_ += word;
    }
    at = end;
  }
}

void TextDerivation::text(std::string_view raw, bool visible) {
  if (visible) words(decode_entities(raw));
}

void TextDerivation::title_text(std::string_view raw) {
  if (!title_ended_) title_.push_back({Kind::Literal, decode_entities(raw)});
}

void TextDerivation::value(Tag tag, bool visible) {
  if (!visible) return;
  text_.push_back({Kind::Value, {}, tag, Escaping::Plain});
  if (in_link_) link_words_ += tag_mark(tag);
}

void TextDerivation::section(Kind kind, Tag tag) {
  text_.push_back({kind, {}, tag});
}

void TextDerivation::title_value(Tag tag) {
  if (!title_ended_) title_.push_back({Kind::Value, {}, tag, Escaping::Plain});
}

void TextDerivation::title_section(Kind kind, Tag tag) {
  if (!title_ended_) title_.push_back({kind, {}, tag});
}

void TextDerivation::start_tag(const std::string& name, const std::vector<HtmlAttribute>& attributes,
                               bool visible) {
  if (!visible) return;
  if (name == "a") {
    begin_link(attributes);
  } else if (name == "img") {
    for (const HtmlAttribute& attribute : attributes) {
      if (attribute.name == "alt") attribute_words(attribute);
    }
  } else {
    begin_block(name);
  }
}

void TextDerivation::end_tag(const std::string& name, bool visible) {
  if (name == "title" && !title_.empty()) title_ended_ = true;
  if (!visible) return;
  if (name == "a") {
    end_link();
  } else {
    end_block(name);
  }
}

void TextDerivation::begin_block(const std::string& name) {
  if (heading_level(name) > 0) {
    layout(Kind::HeadingBegin);
  } else if (name == "ul" || name == "ol") {
    layout(Kind::ListBegin, name == "ol" ? 1 : 0);
  } else if (name == "li") {
    layout(Kind::Item);
  } else if (name == "br" || is_block(name)) {
    layout(Kind::Line);
  } else if (is_paragraph(name)) {
    layout(Kind::Paragraph);
  }
}

void TextDerivation::end_block(const std::string& name) {
  if (const unsigned level = heading_level(name); level > 0) {
    layout(Kind::HeadingEnd, level);
  } else if (name == "ul" || name == "ol") {
    layout(Kind::ListEnd);
  } else if (name == "td" || name == "th") {
    layout(Kind::Cell, name == "th" ? 1 : 0);
  } else if (name == "li" || is_block(name)) {
    layout(Kind::Line);
  } else if (is_paragraph(name)) {
    layout(Kind::Paragraph);
  }
}

void TextDerivation::attribute_words(const HtmlAttribute& attribute) {
  for (const AttributePart& part : attribute.value) {
    if (part.is_tag) {
      value(part.tag, true);
    } else {
      words(decode_entities(part.literal));
    }
  }
}

void TextDerivation::begin_link(const std::vector<HtmlAttribute>& attributes) {
  end_link();  // links do not nest: a new one ends the one that was left open
  for (const HtmlAttribute& attribute : attributes) {
    if (attribute.name != "href" || in_link_) continue;
    link_ = attribute.value;
    in_link_ = true;
  }
  link_words_.clear();
}

void TextDerivation::end_link() {
  if (!in_link_) return;
  in_link_ = false;
  std::string address;
  std::string scheme_part;
  for (const AttributePart& part : link_) {
    address += part.is_tag ? tag_mark(part.tag) : decode_entities(part.literal);
    if (scheme_part.empty()) scheme_part = part.literal;
  }
  const bool leads_nowhere = trim(address).empty() || trim(address).front() == '#';
  // A number that can be dialled is in the words already.
  const bool telephone = equal_ignoring_case(trim(scheme_part).substr(0, 4), "tel:") &&
                         link_words_.find_first_of("0123456789{") != std::string::npos;
  if (leads_nowhere || telephone || comparable(address) == comparable(link_words_)) return;
  layout(Kind::Space);
  text_.push_back({Kind::Literal, "<"});
  for (const AttributePart& part : link_) {
    if (part.is_tag) {
      text_.push_back(
          {Kind::Value, {}, part.tag, part.escaping == Escaping::Url ? Escaping::UrlInText : part.escaping});
    } else {
      text_.push_back({Kind::Literal, std::string(trim(decode_entities(part.literal)))});
    }
  }
  text_.push_back({Kind::Literal, ">"});
}

}  // namespace dialin
