// SPDX-License-Identifier: Apache-2.0
#include "shell/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "shell/wrapping.h"

namespace dialin {

namespace {

const std::vector<std::pair<int, std::string>>& common_exit_codes() {
  static const std::vector<std::pair<int, std::string>> codes = {
      {0, "Done."},
      {1, "Refused, failed or uncertain; no such person; exists already; the state of things forbids it."},
      {64, "The command line or its input is not valid, or a question could not be asked."},
      {69, "Store, directory or group could not be asked, or a check could not be made."},
      {70, "An error of Dialin itself."},
      {75, "Nothing is lost: left in the queue, or busy; try again."},
      {77, "Not permitted, or not authenticated."},
      {78, "Configuration: no mail server named, key missing or wrong, newer schema."},
      {130, "Ended by Ctrl-C."},
  };
  return codes;
}

std::string wrap_text(std::string_view text, std::size_t width, std::size_t indent) {
  return wrap(words_of(text), width, std::string(indent, ' '), indent);
}

std::string usual_value_name(ParameterKind kind) {
  switch (kind) {
    case ParameterKind::Number:
      return "number";
    case ParameterKind::Path:
      return "path";
    case ParameterKind::Secret:
      return "secret";
    case ParameterKind::Text:
    case ParameterKind::List:
    case ParameterKind::Choice:
    case ParameterKind::Switch:
      return "text";
  }
  return "text";
}

std::string value_of(const ParameterSpec& parameter) {
  if (parameter.kind == ParameterKind::Choice) return fmt::format("<{}>", join(parameter.choices, "|"));
  std::string name = parameter.value_name;
  if (name.empty()) name = usual_value_name(parameter.kind);
  return fmt::format("<{}>{}", name, parameter.kind == ParameterKind::List ? ",..." : "");
}

std::string cmdlet_syntax(const ParameterSpec& parameter) {
  std::string text = "-" + parameter.name;
  if (parameter.position != 0) text = "[" + text + "]";
  if (parameter.kind != ParameterKind::Switch) text += " " + value_of(parameter);
  return parameter.mandatory ? text : "[" + text + "]";
}

std::string native_syntax(const ParameterSpec& parameter) {
  std::string text = "--" + native_option_name(parameter.name);
  if (parameter.operand != 0) {
    text = fmt::format("<{}>{}", parameter.value_name.empty() ? "text" : parameter.value_name,
                       parameter.kind == ParameterKind::List ? "..." : "");
  } else if (parameter.kind != ParameterKind::Switch) {
    text += " " + value_of(parameter);
  }
  return parameter.mandatory ? text : "[" + text + "]";
}

std::string parameter_help(const ParameterSpec& parameter, std::size_t width) {
  const ParameterTerm term = term_of(parameter);
  std::vector<std::string> pieces;
  for (const std::string& name : term.names) pieces.push_back(name + ",");
  pieces.back().pop_back();
  if (!term.value.empty()) pieces.push_back(term.value);
  if (!term.notes.empty()) pieces.push_back(fmt::format("({})", term.notes));
  return wrap(pieces, width, "  ", 6) + wrap_text(parameter.help, width, 6);
}

std::string exit_codes_help(const CommandSpec& spec, std::size_t width) {
  std::string text;
  for (const auto& [code, meaning] : exit_codes_of(spec))
    text += wrap(words_of(meaning), width, fmt::format("  {:>3}  ", code), 7);
  return text;
}

}  // namespace

std::vector<std::string> syntax_pieces(const CommandSpec& spec, Spelling spelling) {
  const bool cmdlet = spelling == Spelling::Cmdlet && !spec.cmdlet.empty();
  const auto order = cmdlet ? &ParameterSpec::position : &ParameterSpec::operand;
  std::vector<const ParameterSpec*> parameters;
  for (const ParameterSpec& parameter : spec.parameters) parameters.push_back(&parameter);
  // What is required first; within that, bare words in their order.
  const auto rank = [&](const ParameterSpec* parameter) {
    constexpr int Named = 1000;
    const int place = parameter->*order != 0 ? parameter->*order : Named;
    return std::pair(!parameter->mandatory, place);
  };
  std::stable_sort(parameters.begin(), parameters.end(),
                   [&](const ParameterSpec* a, const ParameterSpec* b) { return rank(a) < rank(b); });
  std::vector<std::string> pieces = {cmdlet ? spec.cmdlet : "dialin " + spec.verb};
  for (const ParameterSpec* parameter : parameters) {
    pieces.push_back(cmdlet ? cmdlet_syntax(*parameter) : native_syntax(*parameter));
  }
  pieces.push_back("[common parameters]");
  return pieces;
}

ParameterTerm term_of(const ParameterSpec& parameter) {
  ParameterTerm term;
  term.names = {"-" + parameter.name, "--" + native_option_name(parameter.name)};
  for (const std::string& alias : parameter.aliases) term.names.push_back("-" + alias);
  if (parameter.kind != ParameterKind::Switch) term.value = value_of(parameter);
  std::vector<std::string> notes;
  if (parameter.mandatory) notes.emplace_back("required");
  if (parameter.position != 0) notes.push_back(fmt::format("position {}", parameter.position));
  if (parameter.operand != 0) notes.push_back(fmt::format("operand {}", parameter.operand));
  term.notes = join(notes, ", ");
  return term;
}

std::vector<std::string> paragraphs_of(const CommandSpec& spec) {
  std::vector<std::string> paragraphs;
  std::string paragraph;
  for (const std::string& line : split(spec.description + "\n", '\n')) {
    if (!line.empty()) {
      paragraph += (paragraph.empty() ? "" : " ") + line;
    } else if (!paragraph.empty()) {
      paragraphs.push_back(std::move(paragraph));
      paragraph.clear();
    }
  }
  return paragraphs;
}

std::vector<std::pair<int, std::string>> exit_codes_of(const CommandSpec& spec) {
  std::vector<std::pair<int, std::string>> codes = common_exit_codes();
  for (const auto& [code, meaning] : spec.exit_codes) {
    const auto same =
        std::find_if(codes.begin(), codes.end(), [c = code](const auto& one) { return one.first == c; });
    if (same != codes.end()) {
      same->second = meaning;
    } else {
      codes.emplace_back(code, meaning);
    }
  }
  std::sort(codes.begin(), codes.end());
  return codes;
}

std::vector<const ParameterSpec*> common_parameters_of(const CommandSpec& spec) {
  std::vector<const ParameterSpec*> common = all_parameters(spec);
  common.erase(common.begin(), common.begin() + static_cast<std::ptrdiff_t>(spec.parameters.size()));
  return common;
}

std::string render_syntax(const CommandSpec& spec, Spelling spelling, std::size_t width) {
  return wrap(syntax_pieces(spec, spelling), readable_width(width), "  ", 6);
}

std::string render_help(const CommandSpec& spec, std::size_t width) {
  width = readable_width(width);
  std::string text = spec.cmdlet.empty() ? fmt::format("dialin {}\n", spec.verb)
                                         : fmt::format("{}  (dialin {})\n", spec.cmdlet, spec.verb);
  text += wrap_text(spec.summary, width, 2);

  text += "\nSYNTAX\n";
  if (!spec.cmdlet.empty()) text += render_syntax(spec, Spelling::Cmdlet, width) + "\n";
  text += render_syntax(spec, Spelling::Native, width);

  const std::vector<std::string> paragraphs = paragraphs_of(spec);
  for (std::size_t i = 0; i < paragraphs.size(); ++i)
    text += (i == 0 ? "\nDESCRIPTION\n" : "\n") + wrap_text(paragraphs[i], width, 2);

  if (!spec.parameters.empty()) text += "\nPARAMETERS\n";
  for (const ParameterSpec& parameter : spec.parameters) text += parameter_help(parameter, width);

  text += "\nCOMMON PARAMETERS\n";
  for (const ParameterSpec* parameter : common_parameters_of(spec)) text += parameter_help(*parameter, width);

  if (!spec.examples.empty()) text += "\nEXAMPLES\n";
  for (const CommandExample& example : spec.examples) {
    text += "  " + example.line + "\n";
    if (!example.says.empty()) text += wrap_text(example.says, width, 6);
  }

  return text + "\nEXIT CODES\n" + exit_codes_help(spec, width);
}

std::string render_overview(const CommandTable& table, std::size_t width, std::string_view group) {
  width = readable_width(width);
  std::vector<std::string> headings;
  std::vector<const CommandSpec*> rows;
  std::size_t verb_width = 0;
  for (const CommandSpec* row : table) {
    if (!group.empty() && !row->verb.starts_with(fmt::format("{} ", group))) continue;
    rows.push_back(row);
    verb_width = std::max(verb_width, display_width(row->verb));
    if (std::find(headings.begin(), headings.end(), row->group) == headings.end())
      headings.push_back(row->group);
  }
  std::string text =
      wrap_text("Usage: dialin COMMAND [parameters], or the name of a cmdlet with its parameters.", width, 0);
  for (const std::string& heading : headings) {
    text += fmt::format("\n{}\n", heading);
    for (const CommandSpec* row : rows) {
      if (row->group != heading) continue;
      std::vector<std::string> words = words_of(row->summary);
      if (!row->cmdlet.empty()) words.push_back(fmt::format("({})", row->cmdlet));
      text += wrap(words, width, fmt::format("  {:<{}}  ", row->verb, verb_width), verb_width + 4);
    }
  }
  text += "\n";
  return text +
         wrap_text("dialin help COMMAND tells all about one of them; dialin --version prints the version.",
                   width, 0);
}

}  // namespace dialin
