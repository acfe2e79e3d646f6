// SPDX-License-Identifier: Apache-2.0
#include "mail/template_scanner.h"

#include <fmt/format.h>

#include "base/text.h"

namespace dialin {
namespace {

constexpr std::size_t LongestShown = 40;

bool is_name(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    const bool good = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    if (!good) return false;
  }
  return true;
}

std::string shown(std::string_view text) {
  return sanitize_foreign_text(text, LongestShown);
}

std::string explain_unknown(std::string_view sigil, std::string_view name) {
  const bool section = !sigil.empty();
  std::string what = fmt::format("unknown tag {{{{{}{}}}}}", sigil, shown(name));
  if (const auto meant = did_you_mean(name, section ? section_names() : value_names())) {
    return what + fmt::format(": did you mean {{{{{}{}}}}}?", sigil, *meant);
  }
  return what + ": `dialin template tags` lists the known ones";
}

// Why what stands between {{ and }} can be no tag at all.
std::string explain_malformed(std::string_view inside) {
  if (inside.empty()) return "empty tag {{}}";
  switch (inside.front()) {
    case '>':
      return fmt::format("{{{{{}}}}}: a template cannot include another file", shown(inside));
    case '%':
      return fmt::format("{{{{{}}}}}: pragmas are not taken; values are always escaped for their place",
                         shown(inside));
    case '=':
      return fmt::format("{{{{{}}}}}: the delimiters cannot be changed", shown(inside));
    case '{':
    case '&':
      return fmt::format("{{{{{}}}}}: values cannot be put in unescaped", shown(inside));
    case '^':
      return fmt::format("{{{{{}}}}}: there are no inverted sections", shown(inside));
    default:
      break;
  }
  if (inside.find('<') != std::string_view::npos) {
    return fmt::format(
        "the tag {{{{{}}}}} has markup inside: write it in one piece, without formatting part of it",
        shown(inside));
  }
  if (inside.find(':') != std::string_view::npos) {
    return fmt::format("{{{{{}}}}}: a tag has no modifiers; values are always escaped for their place",
                       shown(inside));
  }
  return fmt::format("{{{{{}}}}} is no tag: a name has capital letters and _ only", shown(inside));
}

const char* in_words(TemplatePurpose purpose) {
  switch (purpose) {
    case TemplatePurpose::Welcome:
      return "the template of a welcome";
    case TemplatePurpose::Notice:
      return "the template of a notice, which never holds a PIN";
  }
  return "";
}

class Scanner {
 public:
  Scanner(std::string_view source, TemplatePurpose purpose) : source_(source), purpose_(purpose) {}

  ScannedTemplate scan() {
    std::size_t position = 0;
    while (position < source_.size()) {
      const std::size_t open = source_.find("{{", position);
      add_literal(position, open == std::string_view::npos ? source_.size() : open);
      if (open == std::string_view::npos) break;
      position = take_tag(open);
    }
    return std::move(result_);
  }

 private:
  void add_literal(std::size_t begin, std::size_t end) {
    if (begin == end) return;
    result_.pieces.push_back(
        {TemplatePiece::Kind::Literal, begin, source_.substr(begin, end - begin), Tag::Pin});
  }

  void complain(std::size_t offset, std::string what) {
    result_.problems.push_back({offset, std::move(what)});
  }

  // The tag that begins at `open`; returns where to go on.
  std::size_t take_tag(std::size_t open) {
    const std::size_t begin = open + 2;
    const bool comment = begin < source_.size() && source_[begin] == '!';
    const std::size_t close = source_.find("}}", begin);
    const std::size_t next_open = source_.find("{{", begin);
    const bool unclosed =
        close == std::string_view::npos ||
        (!comment &&
         (next_open < close || source_.substr(begin, close - begin).find('\n') != std::string_view::npos));
    if (unclosed) {
      // Only the words that can belong to it are shown, not the rest of the file.
      const std::string_view rest = source_.substr(begin, LongestShown);
      const std::size_t end = rest.find_first_of("<>{}\r\n \t");
      complain(open,
               fmt::format("the tag {{{{{} is not closed: }}}} is missing", shown(rest.substr(0, end))));
      return begin;
    }
    if (!comment) take_words(open, trim(source_.substr(begin, close - begin)));
    return close + 2;
  }

  void take_words(std::size_t open, std::string_view inside) {
    TemplatePiece::Kind kind = TemplatePiece::Kind::Value;
    std::string_view name = inside;
    std::string_view sigil;
    if (!inside.empty() && (inside.front() == '#' || inside.front() == '/')) {
      kind = inside.front() == '#' ? TemplatePiece::Kind::SectionBegin : TemplatePiece::Kind::SectionEnd;
      sigil = inside.substr(0, 1);
      name = trim(inside.substr(1));
    }
    if (!is_name(name)) return complain(open, explain_malformed(inside));
    const auto tag = find_tag(name);
    if (!tag) return complain(open, explain_unknown(sigil, name));
    const TagProperties& properties = properties_of(*tag);
    if (properties.only_in && *properties.only_in != purpose_) {
      return complain(open, fmt::format("{{{{{}{}}}}} belongs into {}: this is {}", sigil, name,
                                        in_words(*properties.only_in), in_words(purpose_)));
    }
    if (kind == TemplatePiece::Kind::Value && properties.value_meaning == nullptr) {
      return complain(open,
                      fmt::format("{0} is a section: write {{{{#{0}}}}} ... {{{{/{0}}}}}", properties.name));
    }
    if (kind != TemplatePiece::Kind::Value && properties.section_meaning == nullptr) {
      return complain(open, fmt::format("there is no section {0}: it is always there, write {{{{{0}}}}}",
                                        properties.name));
    }
    result_.pieces.push_back({kind, open, {}, *tag});
  }

  std::string_view source_;
  TemplatePurpose purpose_;
  ScannedTemplate result_;
};

}  // namespace

ScannedTemplate scan_template(std::string_view source, TemplatePurpose purpose) {
  return Scanner(source, purpose).scan();
}

SourcePosition position_in(std::string_view source, std::size_t offset) {
  SourcePosition position;
  for (std::size_t i = 0; i < offset && i < source.size(); ++i) {
    const auto octet = static_cast<unsigned char>(source[i]);
    if (octet == '\n') {
      ++position.line;
      position.column = 1;
    } else if ((octet & 0xC0) != 0x80) {
      ++position.column;
    }
  }
  return position;
}

}  // namespace dialin
