// SPDX-License-Identifier: Apache-2.0
#include "mail/text_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace dialin {
namespace {

constexpr std::size_t Columns = 76;

// How far the words of a list item are indented: behind "- " or "12. ".
std::size_t item_indent(std::string_view line) {
  const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
  const std::string_view rest = line.substr(begin);
  if (rest.substr(0, 2) == "- ") return begin + 2;
  const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
  if (digits > 0 && digits <= 3 && rest.substr(digits, 2) == ". ") return begin + digits + 2;
  return begin;
}

void wrap_line(WipedString& out, std::string_view line, std::size_t columns) {
  // No character is wider than it has octets.
  if (line.size() <= columns) {
    out.append(line.substr(0, line.find_last_not_of(' ') + 1));
    return;
  }
  const std::size_t indent = item_indent(line);
  std::size_t used = 0;
  std::size_t at = 0;
  bool first = true;
  while (at < line.size()) {
    std::size_t word = line.find_first_not_of(' ', at);
    if (word == std::string_view::npos) break;
    const std::size_t end = std::min(line.find(' ', word), line.size());
    const std::string_view letters = line.substr(word, end - word);
    const std::size_t width = is_ascii(letters) ? letters.size() : display_width(letters);
    const std::size_t spaces = word - at;
    if (!first && used + spaces + width > columns && used > indent) {
      out += '\n';
      out.append(indent, ' ');
      used = indent;
    } else {
      out.append(spaces, ' ');
      used += spaces;
    }
    out.append(letters);
    used += width;
    at = end;
    first = false;
  }
}

}  // namespace

WipedString wrap_lines(std::string_view text, std::size_t columns) {
  WipedString out;
  out.reserve(text.size() + text.size() / 16);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    wrap_line(out, text.substr(0, end), columns);
    out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

TextWriter::TextWriter(std::size_t expected_size) {
  text_.reserve(expected_size);
}

void TextWriter::wish_for_lines(unsigned lines) {
  lines_ = std::max(lines_, lines);
  space_ = false;
  cell_ = nullptr;
}

void TextWriter::before_words() {
  if (lines_ > 0) {
    if (!text_.empty()) text_.append(lines_, '\n');
    lines_ = 0;
    space_ = false;
  }
  const bool line_start = text_.empty() || text_.back() == '\n';
  if (!item_.empty()) {
    text_ += item_;
    item_.clear();
  } else if (line_start && !lists_.empty()) {
    text_.append(2 * lists_.size(), ' ');  // a further line of an item
  } else if (cell_ != nullptr && !line_start) {
    const bool punctuated = text_.back() == ':' || text_.back() == '?';
    text_ += punctuated && cell_[0] == ':' ? " " : cell_;
  } else if (space_ && !line_start) {
    text_ += ' ';
  }
  space_ = false;
  cell_ = nullptr;
}

void TextWriter::literal(std::string_view words) {
  if (words.empty()) return;
  before_words();
  text_ += words;
}

void TextWriter::value(std::string_view value, Escaping escaping) {
  if (value.empty()) return;
  before_words();
  append_escaped(text_, value, escaping);
}

void TextWriter::begin_item() {
  wish_for_lines(1);
  if (lists_.empty()) {
    item_ = "- ";
    return;
  }
  List& list = lists_.back();
  ++list.items;
  item_.assign(2 * (lists_.size() - 1), ' ');
  item_ += list.numbered ? fmt::format("{}. ", list.items) : std::string("- ");
}

void TextWriter::end_heading(unsigned level) {
  if (level <= 2 && text_.size() > heading_begin_) {
    const std::size_t line = text_.rfind('\n') == WipedString::npos ? 0 : text_.rfind('\n') + 1;
    const std::size_t width = std::min(display_width(std::string_view(text_).substr(line)), Columns);
    text_ += '\n';
    text_.append(width, level == 1 ? '=' : '-');
    wish_for_lines(1);
  } else {
    wish_for_lines(2);
  }
}

void TextWriter::layout(const Instruction& instruction) {
  switch (instruction.kind) {
    case Instruction::Kind::Space:
      space_ = true;
      return;
    case Instruction::Kind::Line:
      return wish_for_lines(1);
    case Instruction::Kind::Paragraph:
      return wish_for_lines(2);
    case Instruction::Kind::Cell:
      cell_ = instruction.number == 1 ? ": " : "   ";
      return;
    case Instruction::Kind::HeadingBegin:
      wish_for_lines(2);
      heading_begin_ = text_.size();
      return;
    case Instruction::Kind::HeadingEnd:
      return end_heading(instruction.number);
    case Instruction::Kind::ListBegin:
      wish_for_lines(lists_.empty() ? 2 : 1);
      lists_.push_back({instruction.number == 1, 0});
      return;
    case Instruction::Kind::Item:
      return begin_item();
    case Instruction::Kind::ListEnd:
      if (!lists_.empty()) lists_.pop_back();
      item_.clear();
      return wish_for_lines(lists_.empty() ? 2 : 1);
    case Instruction::Kind::Literal:
    case Instruction::Kind::Value:
    case Instruction::Kind::SectionBegin:
    case Instruction::Kind::SectionEnd:
      return;
  }
}

WipedString TextWriter::finish() {
  return wrap_lines(text_, Columns);
}

}  // namespace dialin
