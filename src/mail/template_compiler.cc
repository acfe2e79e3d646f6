// SPDX-License-Identifier: Apache-2.0
#include "mail/template_compiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "mail/html_tracker.h"
#include "mail/section_nesting.h"
#include "mail/template_scanner.h"
#include "mail/text_derivation.h"

namespace dialin {
namespace {

using Severity = TemplateProblem::Severity;
using PieceKind = TemplatePiece::Kind;
using PlaceKind = HtmlTracker::PlaceKind;
using InstructionKind = Instruction::Kind;

constexpr std::size_t GmailLimit = 102400;

InstructionKind section_kind(const TemplatePiece& piece) {
  return piece.kind == PieceKind::SectionBegin ? InstructionKind::SectionBegin : InstructionKind::SectionEnd;
}

// What the two parts have in common: problems with their positions, the PIN, the nesting of sections.
class PartCompiler {
 public:
  PartCompiler(std::string file, std::string_view source, TemplatePurpose purpose,
               std::vector<TemplateProblem>& problems)
      : file_(std::move(file)),
        source_(source),
        purpose_(purpose),
        problems_(problems),
        nesting_([this](std::size_t at, std::string what) { error(at, std::move(what)); }) {}

 protected:
  void error(std::size_t offset, std::string what) { add(Severity::Error, offset, std::move(what)); }
  void warn(std::size_t offset, std::string what) { add(Severity::Warning, offset, std::move(what)); }

  // False: the source cannot be looked at any further.
  bool check_characters() {
    if (source_.size() > LargestTemplate) {
      error(0, fmt::format("the file has {} octets; at most {} are taken", source_.size(), LargestTemplate));
    } else if (const std::size_t nul = source_.find('\0'); nul != std::string_view::npos) {
      error(nul, "a NUL character: the file is no text, or not in the encoding named by -Encoding");
    } else if (!is_utf8(source_)) {
      error(0, "not UTF-8: name the file's encoding by -Encoding");
    } else {
      return true;
    }
    return false;
  }

  ScannedTemplate scan() {
    ScannedTemplate scanned = scan_template(source_, purpose_);
    for (ScanProblem& problem : scanned.problems) error(problem.offset, std::move(problem.what));
    return scanned;
  }

  void check_value(const TemplatePiece& piece) {
    const char* name = properties_of(piece.tag).name;
    pin_seen_ = pin_seen_ || piece.tag == Tag::Pin;
    settings_page_ = settings_page_ || piece.tag == Tag::SettingsPage;
    changed_at_ = changed_at_ || piece.tag == Tag::ChangedAt;
    if (nesting_.check_value(piece) && warned_.insert(piece.tag).second) {
      warn(piece.offset,
           fmt::format("{{{{{0}}}}} may not be set: put what belongs to it between {{{{#{0}}}}} and "
                       "{{{{/{0}}}}}, so that it goes too",
                       name));
    }
    if (piece.tag == Tag::Pin && nesting_.any_open()) {
      error(piece.offset,
            "{{PIN}} stands in a section, which may be left out: it must stand outside of sections");
    }
  }

  void finish() {
    nesting_.finish();
    switch (purpose_) {
      case TemplatePurpose::Welcome:
        if (!pin_seen_) error(0, "the PIN is missing: {{PIN}} must stand in the text");
        break;
      case TemplatePurpose::Notice:
        if (!changed_at_) warn(0, "it does not say when the PIN was changed: {{CHANGED_AT}}");
        break;
    }
    if (!settings_page_) {
      warn(0,
           "there is no link to the settings page: {{#SETTINGS_PAGE}} ... {{SETTINGS_PAGE}} ... "
           "{{/SETTINGS_PAGE}}");
    }
    std::stable_sort(problems_.begin() + static_cast<std::ptrdiff_t>(first_problem_), problems_.end(),
                     [](const TemplateProblem& a, const TemplateProblem& b) {
                       return std::pair(a.line, a.column) < std::pair(b.line, b.column);
                     });
  }

  std::string file_;
  std::string_view source_;
  TemplatePurpose purpose_;
  std::vector<TemplateProblem>& problems_;
  SectionNesting nesting_;

 private:
  void add(Severity severity, std::size_t offset, std::string what) {
    const SourcePosition position = position_in(source_, offset);
    problems_.push_back({severity, file_, position.line, position.column, std::move(what)});
  }

  std::size_t first_problem_ = problems_.size();
  bool pin_seen_ = false;  // where it may not stand, too: that is a problem of its own
  bool settings_page_ = false;
  bool changed_at_ = false;
  std::set<Tag> warned_;
};

class HtmlCompiler : private PartCompiler {
 public:
  HtmlCompiler(const TemplateSource& source, CompiledTemplate& result)
      : PartCompiler(source.name, source.html, source.purpose, result.problems),
        result_(result),
        tracker_(&derivation_) {}

  void compile(bool derive_text) {
    if (!check_characters()) return;
    const ScannedTemplate scanned = scan();
    for (const TemplatePiece& piece : scanned.pieces) {
      if (piece.kind == PieceKind::Literal) {
        tracker_.feed(piece.literal, piece.offset);
        result_.html.push_back({InstructionKind::Literal, std::string(piece.literal)});
        continue;
      }
      tracker_.flush();
      if (piece.kind == PieceKind::Value) {
        take_value(piece);
      } else {
        take_section(piece);
      }
    }
    tracker_.flush();
    for (const HtmlTracker::Complaint& complaint : tracker_.complaints())
      error(complaint.offset, complaint.what);
    if (!tracker_.ends_in_text())
      error(source_.size(), "the file ends inside of a tag, a quote, a comment or <style>");
    if (source_.size() > GmailLimit) {
      warn(0, fmt::format("the file has {} octets: Gmail cuts a message at {}", source_.size(), GmailLimit));
    }
    result_.title = std::move(derivation_.title_program());
    if (result_.title.empty()) warn(0, "there is no <title>: it is the subject of the mail");
    finish();
    if (!derive_text) return;
    result_.text = std::move(derivation_.text_program());
    result_.text_is_derived = true;
  }

 private:
  void take_value(const TemplatePiece& piece) {
    check_value(piece);
    const HtmlTracker::Place place = tracker_.place();
    const char* name = properties_of(piece.tag).name;
    if (place.kind == PlaceKind::Refused) {
      error(piece.offset, fmt::format("{{{{{}}}}} cannot stand here: {}", name, place.why));
    } else if (piece.tag == Tag::Pin) {
      check_place_of_pin(piece, place);
    }
    tracker_.take_value(piece.tag, place.escaping);
    result_.html.push_back({InstructionKind::Value, {}, piece.tag, place.escaping});
    if (place.kind == PlaceKind::Text) derivation_.value(piece.tag, !place.hidden);
    if (place.kind == PlaceKind::Title) derivation_.title_value(piece.tag);
  }

  void check_place_of_pin(const TemplatePiece& piece, const HtmlTracker::Place& place) {
    const auto refuse = [&](std::string_view where) {
      error(piece.offset, fmt::format("{{{{PIN}}}} stands in {}: it must stand in the text", where));
    };
    switch (place.kind) {
      case PlaceKind::Text:
        if (place.hidden) return refuse("an element that is not displayed");
        if (place.some_readers) return refuse("a part that Outlook does not show");
        return;
      case PlaceKind::Title:
        return refuse("the title, which becomes the subject");
      case PlaceKind::Attribute:
        return refuse("an attribute");
      case PlaceKind::Url:
        return refuse("an address");
      case PlaceKind::Style:
        return refuse("a style");
      case PlaceKind::Comment:
        return refuse("a comment");
      case PlaceKind::Refused:
        return;
    }
  }

  void take_section(const TemplatePiece& piece) {
    const HtmlTracker::PlaceKind kind = tracker_.place().kind;
    const std::string key = tracker_.section_key();
    if (piece.kind == PieceKind::SectionBegin) {
      nesting_.begin(piece, key);
    } else {
      nesting_.end(piece, key);
    }
    result_.html.push_back({section_kind(piece), {}, piece.tag});
    if (kind == PlaceKind::Text) derivation_.section(section_kind(piece), piece.tag);
    if (kind == PlaceKind::Title) derivation_.title_section(section_kind(piece), piece.tag);
  }

  CompiledTemplate& result_;
  TextDerivation derivation_;
  HtmlTracker tracker_;
};

class TextCompiler : private PartCompiler {
 public:
  TextCompiler(std::string file, std::string_view source, TemplatePurpose purpose, CompiledTemplate& result)
      : PartCompiler(std::move(file), source, purpose, result.problems), result_(result) {}

  void compile() {
    if (!check_characters()) return;
    const ScannedTemplate scanned = scan();
    for (std::size_t i = 0; i < scanned.pieces.size(); ++i) {
      const TemplatePiece& piece = scanned.pieces[i];
      if (piece.kind == PieceKind::Literal) {
        result_.text.push_back({InstructionKind::Literal, without_lines_of_sections(scanned.pieces, i)});
      } else if (piece.kind == PieceKind::Value) {
        check_value(piece);
        result_.text.push_back({InstructionKind::Value, {}, piece.tag, Escaping::Plain});
      } else {
        if (piece.kind == PieceKind::SectionBegin) {
          nesting_.begin(piece, "text");
        } else {
          nesting_.end(piece, "text");
        }
        result_.text.push_back({section_kind(piece), {}, piece.tag});
      }
    }
    finish();
  }

 private:
  static bool is_section(const TemplatePiece& piece) {
    return piece.kind == PieceKind::SectionBegin || piece.kind == PieceKind::SectionEnd;
  }

  // A line on which only the beginning or end of a section stands is no line of the text.
  std::string without_lines_of_sections(const std::vector<TemplatePiece>& pieces, std::size_t at) const {
    std::string_view literal = pieces[at].literal;
    const bool behind = at > 0 && is_section(pieces[at - 1]) && stands_alone(pieces[at - 1]);
    if (behind) literal.remove_prefix(std::min(literal.find('\n') + 1, literal.size()));
    const bool before = at + 1 < pieces.size() && is_section(pieces[at + 1]) && stands_alone(pieces[at + 1]);
    if (before) literal = literal.substr(0, literal.find_last_of('\n') + 1);
    return std::string(literal);
  }

  bool stands_alone(const TemplatePiece& piece) const {
    const std::size_t begin = source_.substr(0, piece.offset).find_last_of('\n') + 1;
    const std::size_t close = source_.find("}}", piece.offset) + 2;
    const std::size_t end = std::min(source_.find('\n', close), source_.size());
    return trim(source_.substr(begin, piece.offset - begin)).empty() &&
           trim(source_.substr(close, end - close)).empty();
  }

  CompiledTemplate& result_;
};

std::string without_carriage_returns(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      result += text[i];
    } else if (i + 1 == text.size() || text[i + 1] != '\n') {
      result += '\n';
    }
  }
  return result;
}

std::string text_file_of(const std::string& html_file) {
  const std::size_t dot = html_file.find_last_of('.');
  return (dot == std::string::npos ? html_file : html_file.substr(0, dot)) + ".txt";
}

}  // namespace

void link_sections(TemplateProgram& program) {
  std::vector<std::size_t> open;
  for (std::size_t at = 0; at < program.size(); ++at) {
    if (program[at].kind == InstructionKind::SectionBegin) {
      open.push_back(at);
    } else if (program[at].kind == InstructionKind::SectionEnd) {
      program[at].partner = open.back();
      program[open.back()].partner = at;
      open.pop_back();
    }
  }
}

CompiledTemplate compile_template(const TemplateSource& source) {
  CompiledTemplate result;
  TemplateSource clean = source;
  clean.html = without_carriage_returns(source.html);
  HtmlCompiler(clean, result).compile(!source.text);
  if (source.text) {
    clean.text = without_carriage_returns(*source.text);
    TextCompiler(text_file_of(source.name), *clean.text, source.purpose, result).compile();
  }
  const bool sound = std::none_of(result.problems.begin(), result.problems.end(),
                                  [](const TemplateProblem& p) { return p.severity == Severity::Error; });
  if (!sound) return result;
  link_sections(result.html);
  link_sections(result.text);
  link_sections(result.title);
  return result;
}

}  // namespace dialin
