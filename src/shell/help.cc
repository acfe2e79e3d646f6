// SPDX-License-Identifier: Apache-2.0
#include "shell/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace dialin {

namespace {

constexpr std::size_t NarrowestText = 40;  // below this, lines are let run over
constexpr std::size_t WidestText = 110;    // longer lines are hard to read

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

std::size_t usable(std::size_t width) {
  return std::clamp(width, NarrowestText, WidestText);
}

// Lines of at most `width` columns, each after the first behind `hanging` blanks; `first` begins the first
// one.
std::string wrap(const std::vector<std::string>& pieces, std::size_t width, std::string first,
                 std::size_t hanging) {
  std::string text;
  std::string line = std::move(first);
  bool empty = true;
  for (const std::string& piece : pieces) {
    if (!empty && display_width(line) + 1 + display_width(piece) > width) {
      text += line + "\n";
      line = std::string(hanging, ' ');
      empty = true;
    }
    if (!empty) line += ' ';
    line += piece;
    empty = false;
  }
  return text + line + "\n";
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (std::string& word : split(text, ' ')) {
    if (!word.empty()) words.push_back(std::move(word));
  }
  return words;
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
  std::vector<std::string> pieces = {fmt::format("-{},", parameter.name)};
  std::string native = "--" + native_option_name(parameter.name);
  for (const std::string& alias : parameter.aliases) {
    pieces.push_back(native + ",");
    native = "-" + alias;
  }
  pieces.push_back(native);
  if (parameter.kind != ParameterKind::Switch) pieces.push_back(value_of(parameter));
  std::vector<std::string> notes;
  if (parameter.mandatory) notes.push_back("required");
  if (parameter.position != 0) notes.push_back(fmt::format("position {}", parameter.position));
  if (parameter.operand != 0) notes.push_back(fmt::format("operand {}", parameter.operand));
  if (!notes.empty()) pieces.push_back(fmt::format("({})", join(notes, ", ")));
  return wrap(pieces, width, "  ", 6) + wrap_text(parameter.help, width, 6);
}

std::string exit_codes_help(const CommandSpec& spec, std::size_t width) {
  std::string text;
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
  for (const auto& [code, meaning] : codes) {
    text += wrap(words_of(meaning), width, fmt::format("  {:>3}  ", code), 7);
  }
  return text;
}

}  // namespace

std::string render_syntax(const CommandSpec& spec, Spelling spelling, std::size_t width) {
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
  return wrap(pieces, usable(width), "  ", 6);
}

std::string render_help(const CommandSpec& spec, std::size_t width) {
  width = usable(width);
  std::string text = spec.cmdlet.empty() ? fmt::format("dialin {}\n", spec.verb)
                                         : fmt::format("{}  (dialin {})\n", spec.cmdlet, spec.verb);
  text += wrap_text(spec.summary, width, 2);

  text += "\nSYNTAX\n";
  if (!spec.cmdlet.empty()) text += render_syntax(spec, Spelling::Cmdlet, width) + "\n";
  text += render_syntax(spec, Spelling::Native, width);

  if (!spec.description.empty()) {
    text += "\nDESCRIPTION\n";
    std::string paragraph;
    for (const std::string& line : split(spec.description + "\n", '\n')) {
      if (!line.empty()) {
        paragraph += line + " ";
      } else if (!paragraph.empty()) {
        if (!text.ends_with("DESCRIPTION\n")) text += "\n";
        text += wrap_text(paragraph, width, 2);
        paragraph.clear();
      }
    }
  }

  if (!spec.parameters.empty()) text += "\nPARAMETERS\n";
  for (const ParameterSpec& parameter : spec.parameters) text += parameter_help(parameter, width);

  text += "\nCOMMON PARAMETERS\n";
  for (const ParameterSpec* parameter : all_parameters(spec)) {
    const bool own = !spec.parameters.empty() && parameter >= spec.parameters.data() &&
                     parameter < spec.parameters.data() + spec.parameters.size();
    if (!own) text += parameter_help(*parameter, width);
  }

  if (!spec.examples.empty()) text += "\nEXAMPLES\n";
  for (const CommandExample& example : spec.examples) {
    text += "  " + example.line + "\n";
    if (!example.says.empty()) text += wrap_text(example.says, width, 6);
  }

  return text + "\nEXIT CODES\n" + exit_codes_help(spec, width);
}

std::string render_overview(const CommandTable& table, std::size_t width, std::string_view group) {
  width = usable(width);
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
