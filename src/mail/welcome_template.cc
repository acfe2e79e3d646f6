// SPDX-License-Identifier: Apache-2.0
#include "mail/welcome_template.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "mail/filled_tags.h"
#include "mail/template_compiler.h"
#include "mail/text_writer.h"

namespace dialin {
namespace {

using Severity = TemplateProblem::Severity;

constexpr std::string_view SamplePin = "00000 SAMPLE";
constexpr std::string_view MaskedPin = "*****";
// Of a template without <title>.
constexpr std::string_view DefaultSubject = "Welcome to Dial In Conferencing";
constexpr std::string_view DefaultNoticeSubject = "Your PIN for conferences was changed";

// Of what `program` writes; only sections that repeat can make it much more.
std::size_t expected_size(const TemplateProgram& program) {
  constexpr std::size_t OfValue = 32;
  std::size_t size = 0;
  for (const Instruction& instruction : program) {
    size += instruction.literal.size() + (instruction.kind == Instruction::Kind::Value ? OfValue : 2);
  }
  return size;
}

WipedString fill_in(const TemplateProgram& program, const FilledTags& tags) {
  WipedString out;
  out.reserve(expected_size(program));
  run_program(program, tags, [&out](const Instruction& instruction, std::string_view value) {
    if (instruction.kind == Instruction::Kind::Literal) {
      out += instruction.literal;
    } else {
      append_escaped(out, value, instruction.escaping);
    }
  });
  return out;
}

WipedString write_text(const TemplateProgram& program, const FilledTags& tags) {
  TextWriter writer(expected_size(program));
  run_program(program, tags, [&writer](const Instruction& instruction, std::string_view value) {
    if (instruction.kind == Instruction::Kind::Literal) {
      writer.literal(instruction.literal);
    } else if (instruction.kind == Instruction::Kind::Value) {
      writer.value(value, instruction.escaping);
    } else {
      writer.layout(instruction);
    }
  });
  return writer.finish();
}

// Sections that went leave their empty lines: one is enough.
WipedString without_repeated_empty_lines(const WipedString& text) {
  WipedString result;
  result.reserve(text.size());
  std::size_t line_ends = 0;
  for (const char c : text) {
    line_ends = c == '\n' ? line_ends + 1 : 0;
    if (line_ends <= 2 && !(c == '\n' && result.empty())) result += c;
  }
  return result;
}

std::string subject_of(const TemplateProgram& title, const FilledTags& tags, TemplatePurpose purpose) {
  // The words of a title may stand on several lines and be indented.
  const std::string words = sanitize_foreign_text(std::string(fill_in(title, tags)));
  std::string subject;
  for (const char c : words) {
    if (c != ' ' || (!subject.empty() && subject.back() != ' ')) subject += c;
  }
  if (!subject.empty() && subject.back() == ' ') subject.pop_back();
  if (!subject.empty()) return subject;
  return std::string(purpose == TemplatePurpose::Notice ? DefaultNoticeSubject : DefaultSubject);
}

std::string describe(const TemplateProblem& problem) {
  return fmt::format("{}:{}:{}: {}", problem.file, problem.line, problem.column, problem.what);
}

}  // namespace

struct WelcomeTemplate::Parsed {
  std::string language;
  TemplatePurpose purpose;
  CompiledTemplate compiled;
  WrittenDates dates;

  RenderedWelcome render(const WelcomeValues& values, std::string_view pin_shown) const {
    const FilledTags tags(values, pin_shown, dates);
    const WipedString html = fill_in(compiled.html, tags);
    const WipedString text = compiled.text_is_derived
                                 ? write_text(compiled.text, tags)
                                 : without_repeated_empty_lines(fill_in(compiled.text, tags));
    return {subject_of(compiled.title, tags, purpose), Secret(html), Secret(text)};
  }
};

WelcomeTemplate::WelcomeTemplate(std::unique_ptr<Parsed> parsed) : parsed_(std::move(parsed)) {}
WelcomeTemplate::WelcomeTemplate(WelcomeTemplate&&) noexcept = default;
WelcomeTemplate& WelcomeTemplate::operator=(WelcomeTemplate&&) noexcept = default;
WelcomeTemplate::~WelcomeTemplate() = default;

std::vector<TemplateProblem> WelcomeTemplate::check(const TemplateSource& source) {
  return compile_template(source).problems;
}

WelcomeTemplate WelcomeTemplate::parse(const TemplateSource& source) {
  CompiledTemplate compiled = compile_template(source);
  std::string errors;
  std::vector<TemplateProblem> warnings;
  for (TemplateProblem& problem : compiled.problems) {
    if (problem.severity == Severity::Error) {
      errors += "\n  " + describe(problem);
    } else {
      warnings.push_back(std::move(problem));
    }
  }
  if (!errors.empty()) {
    throw Error(
        ErrorCode::InvalidInput, fmt::format("the template {} cannot be used:{}", source.name, errors),
        "Mend the file; `dialin template check` looks at it again, `dialin template tags` lists the tags.");
  }
  compiled.problems = std::move(warnings);
  return WelcomeTemplate(std::unique_ptr<Parsed>(
      new Parsed{source.language, source.purpose, std::move(compiled), WrittenDates(source.language)}));
}

const std::string& WelcomeTemplate::language() const {
  return parsed_->language;
}
const std::vector<TemplateProblem>& WelcomeTemplate::warnings() const {
  return parsed_->compiled.problems;
}

RenderedWelcome WelcomeTemplate::render(const WelcomeValues& values, const Pin* pin) const {
  return parsed_->render(values, pin == nullptr ? SamplePin : pin->reveal(ClearPinAccess()));
}

RenderedWelcome WelcomeTemplate::render_masked(const WelcomeValues& values) const {
  return parsed_->render(values, MaskedPin);
}

}  // namespace dialin
