// SPDX-License-Identifier: Apache-2.0
// Follows the HTML of a template far enough to know in which place a tag stands, and so how its value must be
// escaped, by the tokenizer rules of the HTML standard (section 13.2.5), strict where a mail program may see
// it differently: what stands in a comment is followed as HTML too, because Outlook reads the inside of
// <!--[if mso]> ... <![endif]--> as such.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mail/escaping.h"
#include "mail/template_tag.h"

namespace dialin {

struct AttributePart {
  std::string literal;  // as it stands in the source, references not decoded; empty for a tag
  bool is_tag = false;
  Tag tag = Tag::Pin;
  Escaping escaping = Escaping::Html;
};

struct HtmlAttribute {
  std::string name;  // lower case
  std::vector<AttributePart> value;
};

// What was found, in the order of the source, outside of comments.
class HtmlEvents {
 public:
  virtual ~HtmlEvents() = default;
  virtual void text(std::string_view raw, bool visible) = 0;  // references not decoded
  virtual void title_text(std::string_view raw) = 0;
  virtual void start_tag(const std::string& name, const std::vector<HtmlAttribute>& attributes,
                         bool visible) = 0;
  virtual void end_tag(const std::string& name, bool visible) = 0;
};

class HtmlTracker {
 public:
  // `events` may be null; it must outlive the tracker.
  explicit HtmlTracker(HtmlEvents* events);

  // The literal source up to the next tag; `offset` is where it begins.
  void feed(std::string_view literal, std::size_t offset);
  // A value stands here; must be called between feed()s so that attributes know of it.
  void take_value(Tag tag, Escaping escaping);
  // Tells the events of the text so far. Call before asking for the place of a tag, and at the end.
  void flush();

  enum class PlaceKind { Text, Title, Attribute, Url, Style, Comment, Refused };
  struct Place {
    PlaceKind kind = PlaceKind::Text;
    Escaping escaping = Escaping::Html;
    std::string why;            // of Refused: why no tag can stand here
    bool hidden = false;        // inside an element that is not displayed
    bool some_readers = false;  // inside <!--[if !mso]><!--> ... <!--<![endif]-->: Outlook does not show it
  };
  Place place() const;

  // Equal for the two ends of a section that may come and go without changing the place of what follows.
  std::string section_key() const;

  struct Complaint {
    std::size_t offset;
    std::string what;
  };
  const std::vector<Complaint>& complaints() const { return complaints_; }
  // Nothing is left open: no tag, comment or quoted attribute.
  bool ends_in_text() const { return state_ == State::Text; }

 private:
  enum class State {
    Text,
    TagOpen,
    EndTagOpen,
    TagName,
    BeforeAttributeName,
    AttributeName,
    AfterAttributeName,
    BeforeAttributeValue,
    DoubleQuoted,
    SingleQuoted,
    Unquoted,
    Declaration,  // behind "<!"
    Bogus,        // <!doctype ...>, <![endif]>, <?xml ...>
    Comment,
    RawText,  // <style>, <script>, <title>: only their end tag counts
  };
  // How deep inside an element of some kind: hidden ones, foreign ones.
  struct Region {
    std::string name;
    unsigned depth = 0;
    bool inside() const { return depth > 0; }
    void start(const std::string& element);
    void end(const std::string& element);
  };

  void step(char c);
  void step_tag(char c);
  void step_attribute(char c);
  void step_markup(char c);
  void step_raw_text(char c);
  void begin_tag(char c, bool end);
  void begin_attribute(char c);
  void end_attribute();
  void finish_tag();
  void finish_start_tag();
  void enter_comment();
  void step_comment(char c);
  void finish_comment();
  void finish_bogus();
  bool could_end_raw_text() const;
  Place place_in_value() const;
  Place place_in_raw_text() const;
  bool visible() const { return !hidden_.inside(); }

  HtmlEvents* events_;
  State state_ = State::Text;
  std::size_t offset_ = 0;     // of the character being looked at
  std::size_t tag_begin_ = 0;  // of the last "<"
  std::string text_;           // of Text and RawText, not yet told
  std::string name_;           // of the element being read
  bool end_tag_ = false;
  bool self_closing_ = false;
  std::vector<HtmlAttribute> attributes_;
  std::string markup_;  // of Declaration, Bogus, Comment so far
  std::string raw_name_;
  std::string raw_tail_;  // the last octets of RawText, as far as they may be its end tag
  Region hidden_;
  Region foreign_;  // <svg>, <math>: other tokenizer rules
  unsigned revealed_ = 0;
  unsigned comments_ = 0;
  std::unique_ptr<HtmlTracker> inside_comment_;
  std::vector<Complaint> complaints_;
};

}  // namespace dialin
