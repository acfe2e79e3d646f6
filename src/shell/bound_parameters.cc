// SPDX-License-Identifier: Apache-2.0
#include "shell/bound_parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/text.h"
#include "shell/parameter_words.h"

namespace dialin {

namespace {

std::int64_t read_number(const ParameterSpec& parameter, const std::string& display, std::string_view value) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool whole = error == std::errc() && end == value.data() + value.size();
  if (!whole || number < parameter.minimum || number > parameter.maximum) {
    const std::string range = parameter.maximum == std::numeric_limits<std::int64_t>::max()
                                  ? fmt::format("of at least {}", parameter.minimum)
                                  : fmt::format("from {} to {}", parameter.minimum, parameter.maximum);
    throw Error(ErrorCode::InvalidInput, fmt::format("{} must be a whole number {}.", display, range));
  }
  return number;
}

std::string read_choice(const ParameterSpec& parameter, const std::string& display, std::string_view value) {
  for (const std::string& choice : parameter.choices) {
    if (equal_ignoring_case(choice, value)) return choice;
  }
  const auto meant = did_you_mean(value, parameter.choices);
  throw Error(ErrorCode::InvalidInput,
              fmt::format("{} cannot be {}; it is one of {}.", display, shown_word(value),
                          join(parameter.choices, ", ")),
              meant ? fmt::format("Did you mean {}?", *meant) : "");
}

}  // namespace

BoundParameters::BoundParameters(const CommandSpec& spec, Spelling spelling)
    : spec_(&spec), spelling_(spelling) {
  for (const ParameterSpec* parameter : all_parameters(spec)) {
    slots_.emplace_back();
    slots_.back().parameter = parameter;
  }
}

const BoundParameters::Slot& BoundParameters::slot(std::string_view name) const {
  for (const Slot& slot : slots_) {
    if (slot.parameter->name == name) return slot;
  }
  throw Error(ErrorCode::Internal, fmt::format("{} has no parameter {}.", display_command(), name));
}

BoundParameters::Slot& BoundParameters::slot(std::string_view name) {
  return const_cast<Slot&>(std::as_const(*this).slot(name));
}

const BoundParameters::Slot& BoundParameters::slot_for(std::string_view name,
                                                       std::initializer_list<ParameterKind> kinds) const {
  const Slot& found = slot(name);
  if (std::find(kinds.begin(), kinds.end(), found.parameter->kind) == kinds.end()) {
    throw Error(ErrorCode::Internal, fmt::format("{}: {} is of another kind.", display_command(), name));
  }
  return found;
}

BoundParameters::Slot& BoundParameters::slot_for(std::string_view name,
                                                 std::initializer_list<ParameterKind> kinds) {
  return const_cast<Slot&>(std::as_const(*this).slot_for(name, kinds));
}

bool BoundParameters::given(std::string_view name) const {
  return slot(name).given;
}

std::optional<std::string> BoundParameters::text(std::string_view name) const {
  const Slot& found = slot_for(name, {ParameterKind::Text, ParameterKind::Path, ParameterKind::Choice});
  if (!found.given) return std::nullopt;
  return found.text;
}

std::string BoundParameters::text_or(std::string_view name, std::string_view fallback) const {
  return text(name).value_or(std::string(fallback));
}

bool BoundParameters::flag(std::string_view name) const {
  return slot_for(name, {ParameterKind::Switch}).flag;
}

std::vector<std::string> BoundParameters::list(std::string_view name) const {
  return slot_for(name, {ParameterKind::List}).list;
}

std::optional<std::int64_t> BoundParameters::number(std::string_view name) const {
  const Slot& found = slot_for(name, {ParameterKind::Number});
  if (!found.given) return std::nullopt;
  return found.number;
}

std::optional<Secret> BoundParameters::take_secret(std::string_view name) {
  Slot& found = slot_for(name, {ParameterKind::Secret});
  std::optional<Secret> secret = std::move(found.secret);
  found.secret.reset();
  return secret;
}

bool BoundParameters::reads_standard_input(std::string_view name) const {
  const Slot& found = slot(name);
  if (found.parameter->kind == ParameterKind::List)
    return found.list.size() == 1 && found.list.front() == "-";
  return found.standard_input;
}

Confirmation BoundParameters::confirmation() const {
  if (flag("Yes")) return Confirmation::NeverAsk;
  if (!flag_given("Confirm")) return Confirmation::AskIfNeeded;
  return flag("Confirm") ? Confirmation::AlwaysAsk : Confirmation::NeverAsk;
}

std::vector<const ParameterSpec*> BoundParameters::missing() const {
  std::vector<const ParameterSpec*> missing;
  for (const Slot& slot : slots_) {
    if (slot.parameter->mandatory && !slot.given) missing.push_back(slot.parameter);
  }
  return missing;
}

std::vector<std::pair<std::string, std::string>> BoundParameters::fields() const {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const Slot& slot : slots_) {
    if (!slot.given) continue;
    std::string value;
    switch (slot.parameter->kind) {
      case ParameterKind::Switch:
        value = slot.flag ? "true" : "false";
        break;
      case ParameterKind::List:
        value = join(slot.list, ",");
        break;
      case ParameterKind::Number:
        value = std::to_string(slot.number);
        break;
      case ParameterKind::Secret:
        value = "(given)";
        break;
      case ParameterKind::Text:
      case ParameterKind::Path:
      case ParameterKind::Choice:
        value = slot.text;
        break;
    }
    fields.emplace_back(slot.parameter->name, std::move(value));
  }
  return fields;
}

std::string BoundParameters::display_name(std::string_view name) const {
  return spelling_ == Spelling::Cmdlet ? fmt::format("-{}", name) : "--" + native_option_name(name);
}

std::string BoundParameters::display_command() const {
  if (spelling_ == Spelling::Cmdlet && !spec_->cmdlet.empty()) return spec_->cmdlet;
  return "dialin " + spec_->verb;
}

void BoundParameters::set(std::string_view name, std::string_view value) {
  Slot& found = slot(name);
  const ParameterSpec& parameter = *found.parameter;
  const std::string display = display_name(name);
  if (value.empty() && !parameter.allow_empty) {
    throw Error(ErrorCode::InvalidInput, fmt::format("The value of {} is empty.", display),
                "If a variable stood there, it has no value in this shell; else leave the parameter out.");
  }
  switch (parameter.kind) {
    case ParameterKind::Switch:
      throw Error(ErrorCode::Internal, fmt::format("{} is a switch.", display));
    case ParameterKind::List:
      found.list.clear();
      add_to_list(name, value);
      return;
    case ParameterKind::Number:
      found.number = read_number(parameter, display, value);
      break;
    case ParameterKind::Choice:
      found.text = read_choice(parameter, display, value);
      break;
    case ParameterKind::Text:
    case ParameterKind::Path:
      found.standard_input = is_lone_dash(value);
      found.text = found.standard_input ? "-" : std::string(value);
      break;
    case ParameterKind::Secret:
      found.standard_input = is_lone_dash(value);
      found.secret.reset();
      if (!found.standard_input) found.secret = Secret(value);
      break;
  }
  found.given = true;
}

void BoundParameters::set_secret(std::string_view name, Secret value) {
  Slot& found = slot_for(name, {ParameterKind::Secret});
  found.secret = std::move(value);
  found.standard_input = false;
  found.given = true;
}

void BoundParameters::set_flag(std::string_view name, bool value) {
  Slot& found = slot_for(name, {ParameterKind::Switch});
  found.flag = value;
  found.given = true;
}

void BoundParameters::add_to_list(std::string_view name, std::string_view word) {
  Slot& found = slot_for(name, {ParameterKind::List});
  if (is_lone_dash(word)) {
    found.list.emplace_back("-");
  } else {
    for (std::string& item : split_list(word)) found.list.push_back(std::move(item));
  }
  found.given = true;
}

}  // namespace dialin
