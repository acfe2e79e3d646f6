// SPDX-License-Identifier: Apache-2.0
// Who is welcomed in one run: -Csv, -Json, or people of the store by -PinNotSet, -All, -Region and -Site.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "command/command_context.h"
#include "run/run_input.h"
#include "shell/bound_parameters.h"
#include "shell/command_spec.h"

namespace dialin {

// Rows of the parameters that name many people, and of those that only a run has (but the limits').
std::vector<ParameterSpec> run_parameter_specs();

// Whether the command is about a run and not about -UserUri. Error(InvalidInput) for parameters of a run
// without anything that names its people.
bool names_many(const BoundParameters& bound);

struct RunSource {
  enum class Kind { Csv, JsonLines, People };
  Kind kind = Kind::People;
  std::string path;        // Csv; "-" is standard input
  PeopleSelection people;  // People
  std::string words;       // "users.csv", "standard input", "everybody without a PIN in the region Redmond"
};
// Error(InvalidInput) for two sources, for a parameter that means one person only (-Pin: everybody would get
// the same), and for those that contradict each other.
RunSource run_source(const BoundParameters& bound, Timestamp now);

// `store` null: there is none, which is Error(NotFound) for people of the store.
std::unique_ptr<RunInput> open_run_input(CommandContext& context, const BoundParameters& bound,
                                         const RunSource& source, Store* store);

// -RunName, checked; else "users.csv-20260301-101407".
std::string run_name(const BoundParameters& bound, const RunSource& source, Timestamp now);

// Of the input's digest and of every option but the way and those that change nothing about any mail: tells
// "the same file, typed again".
std::string input_hash(const BoundParameters& bound, const std::string& digest);

}  // namespace dialin
