// SPDX-License-Identifier: Apache-2.0
#include "shell/roff.h"

#include <fmt/format.h>

#include <cstdint>

#include "base/text.h"

namespace dialin {
namespace {

// The code point that begins at `at`, which is moved behind it. `text` is UTF-8.
std::uint32_t take_code_point(std::string_view text, std::size_t& at) {
  const auto first = static_cast<unsigned char>(text[at++]);
  const int more = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
  std::uint32_t point = first & (0x3F >> more);
  for (int i = 0; i < more && at < text.size(); ++i) point = point << 6 | (text[at++] & 0x3F);
  return point;
}

// For the argument of a macro: in quotes, because blanks separate arguments.
std::string argument(std::string_view text) {
  return '"' + roff_text(text) + '"';
}

}  // namespace

std::string roff_text(std::string_view text) {
  std::string result;
  bool line_begins = true;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (line_begins && c == '.') result += "\\&";
    line_begins = c == '\n';
    if (static_cast<unsigned char>(c) >= 0x80) {
      result += fmt::format("\\[u{:04X}]", take_code_point(text, at));
      continue;
    }
    ++at;
    switch (c) {
      case '\\':
        result += "\\e";
        break;
      case '-':
        result += "\\-";
        break;
      case '\'':
        result += "\\(aq";
        break;
      case '"':
        result += "\\(dq";
        break;
      case '`':
        result += "\\(ga";
        break;
      case '^':
        result += "\\(ha";
        break;
      case '~':
        result += "\\(ti";
        break;
      default:
        result += c;
    }
  }
  return result;
}

RoffPage::RoffPage(std::string_view title, std::string_view section, std::string_view date,
                   std::string_view source) {
  line(".\\\" Generated from the program's tables.");
  line(fmt::format(".TH {} {} \"{}\" {} \"Dialin\"", argument(title), section, date, argument(source)));
  // Names of parameters are to be read whole, and copied.
  line(".nh\n.ad l");
}

void RoffPage::line(std::string_view text) {
  text_ += text;
  text_ += '\n';
}

RoffPage& RoffPage::heading(std::string_view text) {
  line(fmt::format(".SH {}", roff_text(text)));
  return *this;
}

RoffPage& RoffPage::subheading(std::string_view text) {
  line(fmt::format(".SS {}", roff_text(text)));
  return *this;
}

RoffPage& RoffPage::paragraph(std::string_view text) {
  // Behind a heading a paragraph begins by itself, and another one is an empty one.
  const std::size_t last = text_.rfind('\n', text_.size() - 2);
  if (text_.compare(last + 1, 2, ".S") != 0) line(".PP");
  line(roff_text(text));
  return *this;
}

RoffPage& RoffPage::term(const std::vector<std::string>& names, std::string_view value,
                         std::string_view notes, std::string_view meaning) {
  line(".TP");
  std::string head;
  for (const std::string& name : names) head += (head.empty() ? "\\fB" : ", \\fB") + roff_text(name) + "\\fR";
  if (!value.empty()) head += fmt::format(" \\fI{}\\fR", roff_text(value));
  if (!notes.empty()) head += fmt::format(" ({})", roff_text(notes));
  line(head);
  line(roff_text(meaning));
  return *this;
}

RoffPage& RoffPage::synopsis(const std::vector<std::string>& pieces) {
  const std::size_t last = text_.rfind('\n', text_.size() - 2);
  if (text_.compare(last + 1, 2, ".S") != 0) line(".PP");
  std::string text;
  for (const std::string& piece : pieces) {
    std::string whole;
    for (const std::string& word : split(piece, ' ')) whole += (whole.empty() ? "" : "\\ ") + roff_text(word);
    text += text.empty() ? fmt::format("\\fB{}\\fR", whole) : "\n" + whole;
  }
  line(text);
  return *this;
}

RoffPage& RoffPage::example(std::string_view lines) {
  line(".PP\n.in +4n\n.nf");
  line(roff_text(lines));
  line(".fi\n.in");
  return *this;
}

RoffPage& RoffPage::references(const std::vector<std::string>& pages) {
  std::string text;
  for (const std::string& page : pages) {
    const std::size_t section = page.find('(');
    text += fmt::format("{}.BR {} {}", text.empty() ? "" : " ,\n", roff_text(page.substr(0, section)),
                        roff_text(page.substr(section)));
  }
  line(text);
  return *this;
}

RoffPage& RoffPage::name(const std::vector<std::string>& names, std::string_view summary) {
  heading("NAME");
  // A hyphen that is written `\-` parts the names from the summary; apropos(1) reads this line.
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + roff_text(name);
  line(fmt::format("{} \\- {}", text, roff_text(summary)));
  return *this;
}

}  // namespace dialin
