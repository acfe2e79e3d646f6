// SPDX-License-Identifier: Apache-2.0
// What a command was given: values by parameter name, checked by the binder for kind, range and encoding.
//
// Names are those of the table ("UserUri"). Asking for a name that the row does not have, or by the getter of
// another kind, is our own bug: Error(Internal). Not shared between threads.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "shell/command_spec.h"

namespace dialin {

// Which of its two names a command was reached by. Options of both spellings are understood either way; the
// spelling decides what a bare word means (position or operand) and how messages write names.
enum class Spelling { Cmdlet, Native };

// What the operator said beforehand about questions.
enum class Confirmation {
  AskIfNeeded,  // nothing was said
  AlwaysAsk,    // -Confirm
  NeverAsk,     // --yes, -Confirm:false
};

class BoundParameters {
 public:
  // Nothing given. `spec` outlives this.
  BoundParameters(const CommandSpec& spec, Spelling spelling);

  const CommandSpec& spec() const { return *spec_; }
  Spelling spelling() const { return spelling_; }

  bool given(std::string_view name) const;

  // Text, Path, Choice: nothing if it was not given.
  std::optional<std::string> text(std::string_view name) const;
  std::string text_or(std::string_view name, std::string_view fallback) const;
  // Switch: true if given and not `:false`.
  bool flag(std::string_view name) const;
  // Switch: given at all, so that -Confirm:false can be told from silence.
  bool flag_given(std::string_view name) const { return given(name); }
  // List: empty if it was not given.
  std::vector<std::string> list(std::string_view name) const;
  std::optional<std::int64_t> number(std::string_view name) const;
  // Secret: moved out; a second call gets nothing. Nothing too where it was "-" (reads_standard_input).
  std::optional<Secret> take_secret(std::string_view name);
  // Text, Path, List of one, Secret: the value is "-", which names standard input.
  bool reads_standard_input(std::string_view name) const;

  // Of the common parameters.
  Confirmation confirmation() const;
  bool what_if() const { return flag("WhatIf"); }
  bool verbose() const { return flag("Verbose"); }

  // Mandatory parameters that were not given, in the order of the row.
  std::vector<const ParameterSpec*> missing() const;

  // Everything that was given, as (name, text) in the order of the table, so that two command lines can be
  // compared: switches as true or false, lists joined by commas. A Secret is only ever "(given)".
  std::vector<std::pair<std::string, std::string>> fields() const;

  // How a message names a parameter: -UserUri or --user-uri.
  std::string display_name(std::string_view name) const;

  // How a message names the command: "Set-CsClientPin" or "dialin pin set".
  std::string display_command() const;

  // Binds one value as the binder would: checks it (Error(InvalidInput)), splits lists. For answers to
  // questions, and for the binder itself. `value` is never kept in clear for a Secret.
  void set(std::string_view name, std::string_view value);
  void set_secret(std::string_view name, Secret value);
  void set_flag(std::string_view name, bool value);
  // List: adds what `word` holds (a,b is two; quotes and distinguished names keep their commas).
  void add_to_list(std::string_view name, std::string_view word);

 private:
  struct Slot {
    const ParameterSpec* parameter = nullptr;
    bool given = false;
    bool flag = false;
    bool standard_input = false;
    std::int64_t number = 0;
    std::string text = {};
    std::vector<std::string> list = {};
    std::optional<Secret> secret = {};
  };
  const Slot& slot(std::string_view name) const;
  Slot& slot(std::string_view name);
  Slot& slot_for(std::string_view name, std::initializer_list<ParameterKind> kinds);
  const Slot& slot_for(std::string_view name, std::initializer_list<ParameterKind> kinds) const;

  const CommandSpec* spec_;
  Spelling spelling_;
  std::vector<Slot> slots_;
};

}  // namespace dialin
