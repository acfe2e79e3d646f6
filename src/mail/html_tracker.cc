// SPDX-License-Identifier: Apache-2.0
#include "mail/html_tracker.h"

#include <algorithm>
#include <initializer_list>

namespace dialin {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_void_element(std::string_view name) {
  return is_one_of(name, {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param",
                          "source", "track", "wbr"});
}

// Elements whose content is no markup.
bool has_raw_content(std::string_view name) {
  return is_one_of(
      name, {"style", "script", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "plaintext"});
}

std::string literal_of(const HtmlAttribute& attribute) {
  std::string all;
  for (const AttributePart& part : attribute.value) all += part.literal;
  return all;
}

// The usual ways in which mails hide the line that an inbox shows beside the subject.
bool hides(const std::vector<HtmlAttribute>& attributes) {
  for (const HtmlAttribute& attribute : attributes) {
    if (attribute.name == "hidden") return true;
    if (attribute.name != "style") continue;
    std::string style;
    for (const char c : literal_of(attribute)) {
      if (!is_space(c)) style += lower(c);
    }
    style += ';';
    for (const char* rule : {"display:none;", "display:none!", "visibility:hidden", "mso-hide:all",
                             "max-height:0;", "max-height:0px"}) {
      if (style.find(rule) != std::string::npos) return true;
    }
  }
  return false;
}

}  // namespace

void HtmlTracker::Region::start(const std::string& element) {
  if (depth == 0) name = element;
  if (element == name) ++depth;
}

void HtmlTracker::Region::end(const std::string& element) {
  if (depth > 0 && element == name) --depth;
}

HtmlTracker::HtmlTracker(HtmlEvents* events) : events_(events) {}

void HtmlTracker::feed(std::string_view literal, std::size_t offset) {
  for (std::size_t i = 0; i < literal.size(); ++i) {
    offset_ = offset + i;
    step(literal[i]);
  }
}

void HtmlTracker::flush() {
  if (events_ != nullptr && !text_.empty()) {
    if (state_ == State::RawText) {
      if (raw_name_ == "title" && !foreign_.inside()) events_->title_text(text_);
    } else {
      events_->text(text_, visible());
    }
  }
  text_.clear();
}

void HtmlTracker::take_value(Tag tag, Escaping escaping) {
  if (state_ == State::DoubleQuoted || state_ == State::SingleQuoted) {
    attributes_.back().value.push_back({{}, true, tag, escaping});
  } else if (state_ == State::Comment) {
    inside_comment_->take_value(tag, escaping);
    markup_ += '\x01';  // so that the dashes around it are not read as one
  }
}

void HtmlTracker::step(char c) {
  switch (state_) {
    case State::Text:
      if (c == '<') {
        state_ = State::TagOpen;
        tag_begin_ = offset_;
      } else {
        text_ += c;
      }
      return;
    case State::TagOpen:
    case State::EndTagOpen:
    case State::TagName:
      return step_tag(c);
    case State::BeforeAttributeName:
    case State::AttributeName:
    case State::AfterAttributeName:
    case State::BeforeAttributeValue:
    case State::DoubleQuoted:
    case State::SingleQuoted:
    case State::Unquoted:
      return step_attribute(c);
    case State::Declaration:
    case State::Bogus:
      return step_markup(c);
    case State::Comment:
      return step_comment(c);
    case State::RawText:
      return step_raw_text(c);
  }
}

void HtmlTracker::begin_tag(char c, bool end) {
  flush();
  name_.assign(1, lower(c));
  end_tag_ = end;
  self_closing_ = false;
  attributes_.clear();
  state_ = State::TagName;
}

void HtmlTracker::step_tag(char c) {
  if (state_ == State::TagOpen) {
    if (is_letter(c)) return begin_tag(c, false);
    markup_.clear();
    if (c == '/') {
      state_ = State::EndTagOpen;
    } else if (c == '!') {
      flush();
      state_ = State::Declaration;
    } else if (c == '?') {
      flush();
      state_ = State::Bogus;
    } else {
      text_ += '<';  // a lone "<" is text
      state_ = State::Text;
      step(c);
    }
  } else if (state_ == State::EndTagOpen) {
    if (is_letter(c)) return begin_tag(c, true);
    flush();
    state_ = c == '>' ? State::Text : State::Bogus;
  } else if (is_space(c) || c == '/') {
    state_ = State::BeforeAttributeName;
    self_closing_ = c == '/';
  } else if (c == '>') {
    finish_tag();
  } else {
    name_ += lower(c);
  }
}

void HtmlTracker::begin_attribute(char c) {
  attributes_.push_back({std::string(1, lower(c)), {}});
  state_ = State::AttributeName;
}

void HtmlTracker::end_attribute() {
  state_ = State::BeforeAttributeName;
}

void HtmlTracker::step_attribute(char c) {
  const auto add = [this](char octet) {
    auto& value = attributes_.back().value;
    if (value.empty() || value.back().is_tag) value.emplace_back();
    value.back().literal += octet;
  };
  switch (state_) {
    case State::BeforeAttributeName:
    case State::AfterAttributeName:
      if (is_space(c)) return;
      if (c == '>') return finish_tag();
      self_closing_ = c == '/';
      if (c == '/') {
        state_ = State::BeforeAttributeName;
      } else if (c == '=' && state_ == State::AfterAttributeName) {
        state_ = State::BeforeAttributeValue;
      } else {
        begin_attribute(c);
      }
      return;
    case State::AttributeName:
      if (c == '=') {
        state_ = State::BeforeAttributeValue;
      } else if (is_space(c)) {
        state_ = State::AfterAttributeName;
      } else if (c == '/') {
        self_closing_ = true;
        state_ = State::BeforeAttributeName;
      } else if (c == '>') {
        finish_tag();
      } else {
        attributes_.back().name += lower(c);
      }
      return;
    case State::BeforeAttributeValue:
      if (is_space(c)) return;
      if (c == '"') {
        state_ = State::DoubleQuoted;
      } else if (c == '\'') {
        state_ = State::SingleQuoted;
      } else if (c == '>') {
        finish_tag();
      } else {
        state_ = State::Unquoted;
        add(c);
      }
      return;
    case State::DoubleQuoted:
      return c == '"' ? end_attribute() : add(c);
    case State::SingleQuoted:
      return c == '\'' ? end_attribute() : add(c);
    default:  // Unquoted
      if (is_space(c)) return end_attribute();
      if (c == '>') return finish_tag();
      return add(c);
  }
}

void HtmlTracker::finish_tag() {
  state_ = State::Text;
  if (!end_tag_) return finish_start_tag();
  if (events_ != nullptr) events_->end_tag(name_, visible());
  hidden_.end(name_);
  foreign_.end(name_);
}

void HtmlTracker::finish_start_tag() {
  if (name_ == "script") {
    complaints_.push_back({tag_begin_, "<script>: mail programs remove scripts; a template cannot have one"});
  }
  const bool opens = !is_void_element(name_);
  // In HTML "/>" closes nothing, but inside of <svg> and <math> it does.
  const bool foreign_root = name_ == "svg" || name_ == "math";
  if (opens && (foreign_root || foreign_.inside()) && !self_closing_) foreign_.start(name_);
  if (opens && (hidden_.inside() || hides(attributes_))) hidden_.start(name_);
  if (events_ != nullptr) events_->start_tag(name_, attributes_, visible());
  if (has_raw_content(name_)) {
    state_ = State::RawText;
    raw_name_ = name_;
    raw_tail_.clear();
  }
}

void HtmlTracker::step_raw_text(char c) {
  // The end tag is "</", the name, and then a space, "/" or ">" (HTML standard, 13.2.5.11).
  const std::string wanted = "</" + raw_name_;
  if (raw_tail_.size() == wanted.size()) {
    if (is_space(c) || c == '/' || c == '>') {
      flush();
      name_ = raw_name_;
      end_tag_ = true;
      attributes_.clear();
      state_ = State::BeforeAttributeName;
      return c == '>' ? finish_tag() : void();
    }
    text_ += raw_tail_;
    raw_tail_.clear();
  } else if (lower(c) == wanted[raw_tail_.size()]) {
    raw_tail_ += lower(c);
    return;
  } else if (!raw_tail_.empty()) {
    text_ += raw_tail_;
    raw_tail_.clear();
  }
  if (c == '<') {
    raw_tail_ = "<";
  } else {
    text_ += c;
  }
}

bool HtmlTracker::could_end_raw_text() const {
  return !raw_tail_.empty();
}

void HtmlTracker::step_markup(char c) {
  if (state_ == State::Declaration) {
    if (c == '-' && markup_.size() < 2) {
      markup_ += c;
      if (markup_.size() == 2) enter_comment();
      return;
    }
    state_ = State::Bogus;
  }
  if (c == '>') return finish_bogus();
  markup_ += lower(c);
}

void HtmlTracker::finish_bogus() {
  state_ = State::Text;
  if (markup_.compare(0, 3, "[if") == 0) ++revealed_;
  if (markup_.compare(0, 6, "[endif") == 0 && revealed_ > 0) --revealed_;
}

void HtmlTracker::enter_comment() {
  state_ = State::Comment;
  markup_.clear();
  ++comments_;
  inside_comment_ = std::make_unique<HtmlTracker>(nullptr);
}

void HtmlTracker::step_comment(char c) {
  const auto ends_with = [this](std::string_view end) {
    return markup_.size() >= end.size() && markup_.compare(markup_.size() - end.size(), end.size(), end) == 0;
  };
  if (c == '>' && (ends_with("--") || ends_with("--!") || markup_.empty() || markup_ == "-")) {
    return finish_comment();
  }
  markup_ += lower(c);
  inside_comment_->feed(std::string_view(&c, 1), offset_);
}

void HtmlTracker::finish_comment() {
  state_ = State::Text;
  for (const Complaint& complaint : inside_comment_->complaints()) complaints_.push_back(complaint);
  const bool conditional = markup_.compare(0, 3, "[if") == 0;
  if (markup_.compare(0, 8, "<![endif") == 0 && revealed_ > 0) --revealed_;
  if (conditional) {
    // <!--[if !mso]><!--> and <!--[if !mso]>-->: what follows is for everybody but Outlook.
    const std::size_t close = markup_.find("]>");
    const std::string rest = close == std::string::npos ? "" : markup_.substr(close + 2);
    if (rest == "<!--" || rest == "--" || rest == "-->" || rest == "<!-- --") {
      ++revealed_;
    } else if (inside_comment_->state_ != State::Text && inside_comment_->state_ != State::Bogus) {
      complaints_.push_back(
          {tag_begin_,
           "a conditional comment ends inside a tag, quote or element: Outlook would read on there"});
    }
  }
  inside_comment_.reset();
}

}  // namespace dialin
