// SPDX-License-Identifier: Apache-2.0
#include "command/run_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/encoding.h"
#include "base/error.h"
#include "base/text.h"
#include "command/csv_input.h"

namespace dialin {
namespace {

constexpr std::size_t LongestRunName = 100;  // characters

constexpr const char* Selections[] = {"PinNotSet", "NotMeetingPolicy", "All", "Region", "Site"};
// What only a run understands.
constexpr const char* OfRuns[] = {"SkipInvalid", "RunName", "NewRun",      "AsJob",          "Report",
                                  "Preview",     "Rate",    "Connections", "UnmaskedCopies", "Delimiter"};
// The way, and what changes nothing about any mail.
constexpr const char* NotOfTheInput[] = {"SmtpServer", "Port",   "UseSsl",  "Credential",  "Csv",
                                         "RunName",    "NewRun", "AsJob",   "Report",      "Preview",
                                         "Rate",       "WhatIf", "Confirm", "Connections", "Verbose",
                                         "Output",     "Help",   "Yes",     "Config"};

bool selects_people(const BoundParameters& bound) {
  return bound.flag("PinNotSet") || bound.flag("NotMeetingPolicy") || bound.flag("All") ||
         bound.given("Region") || bound.given("Site");
}

std::string names_of(const BoundParameters& bound, const std::vector<std::string>& names) {
  std::vector<std::string> shown;
  for (const std::string& name : names) shown.push_back(bound.display_name(name));
  return join(shown, " and ");
}

// What names people in this command, each once.
std::vector<std::string> sources_given(const BoundParameters& bound) {
  std::vector<std::string> sources;
  if (bound.given("UserUri")) sources.emplace_back("UserUri");
  if (bound.given("Csv")) sources.emplace_back("Csv");
  if (bound.flag("Json")) sources.emplace_back("Json");
  if (selects_people(bound)) {
    for (const char* name : Selections) {
      if (bound.given(name)) {
        sources.emplace_back(name);
        break;
      }
    }
  }
  return sources;
}

void refuse_parameters_for_one(const BoundParameters& bound) {
  const auto refuse = [&](const char* name, const char* why, const char* next) {
    if (!bound.given(name)) return;
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{} means one person, and this command many: {}", bound.display_name(name), why),
                next);
  };
  refuse("UserEmailAddress", "everybody's PIN would go to one address",
         "Name addresses in a column UserEmailAddress.");
  refuse("Pin", "everybody would get the same PIN", "Name PINs in a column Pin, or leave them to chance.");
  refuse("IgnoreHistory", "former PINs are given again to one person at a time", "Leave it out.");
  refuse("ShowPin", "PINs of many are shown to nobody", "Leave it out.");
}

std::string words_of(const PeopleSelection& people) {
  std::string words = people.pin_not_set             ? "everybody without a PIN"
                      : people.not_meeting_policy_at ? "everybody whose PIN does not meet the policy"
                                                     : "everybody";
  if (!people.region.empty()) words += " in the region " + people.region;
  if (!people.site.empty())
    words += fmt::format("{} of the site {}", people.region.empty() ? "" : " and", people.site);
  return words;
}

std::string stem_of(const RunSource& source) {
  switch (source.kind) {
    case RunSource::Kind::Csv:
      return source.path == "-" ? "standard-input" : std::filesystem::path(source.path).filename().string();
    case RunSource::Kind::JsonLines:
      return "standard-input";
    case RunSource::Kind::People:
      if (source.people.not_meeting_policy_at) return "not-meeting-policy";
      return source.people.pin_not_set ? "pin-not-set" : "people";
  }
  return {};
}

std::vector<std::string> parameter_names(const CommandSpec& spec) {
  std::vector<std::string> names;
  for (const ParameterSpec* parameter : all_parameters(spec)) names.push_back(parameter->name);
  return names;
}

}  // namespace

std::vector<ParameterSpec> run_parameter_specs() {
  return {
      {.name = "Csv",
       .kind = ParameterKind::Path,
       .value_name = "file",
       .help = "Welcomes everybody in this CSV file (- is standard input). Columns: UserUri, and if need be "
               "UserEmailAddress, Pin, Language, Subject."},
      csv_delimiter_parameter_spec(),
      {.name = "Json",
       .kind = ParameterKind::Switch,
       .help = "Welcomes everybody in the JSON lines on standard input, keys named like the columns."},
      {.name = "PinNotSet",
       .kind = ParameterKind::Switch,
       .help = "Welcomes everybody in the store who has no PIN."},
      {.name = "NotMeetingPolicy",
       .kind = ParameterKind::Switch,
       .help = "Welcomes everybody whose PIN would not be allowed by the policy that holds now; with -Force, "
               "because all of them have one."},
      {.name = "All",
       .kind = ParameterKind::Switch,
       .help = "Welcomes everybody in the store; who has a PIN is left alone unless -Force."},
      {.name = "Region",
       .kind = ParameterKind::Text,
       .value_name = "name",
       .help = "Welcomes the people of this dial-in region only."},
      {.name = "Site",
       .kind = ParameterKind::Text,
       .value_name = "name",
       .help = "Welcomes the people of this site only."},
      {.name = "SkipInvalid",
       .kind = ParameterKind::Switch,
       .help = "Leaves out rows that cannot be welcomed; else one of them stops the run before it begins."},
      {.name = "RunName",
       .kind = ParameterKind::Text,
       .value_name = "name",
       .help = "The run's name; else the file's, with the time."},
      {.name = "NewRun",
       .kind = ParameterKind::Switch,
       .help = "Begins a new run although the same file has been run before."},
      {.name = "AsJob",
       .kind = ParameterKind::Switch,
       .help = "Checks and queues the run, and leaves sending to dialin deliver.",
       .aliases = {"Queue"}},
      {.name = "Report",
       .kind = ParameterKind::Path,
       .value_name = "file",
       .help = "Writes what became of each row into this new CSV file, which -Csv takes again.",
       .file = FileUse::Create},
      {.name = "Preview",
       .kind = ParameterKind::Path,
       .value_name = "folder",
       .help = "Writes the first mail of each language, with 00000 SAMPLE for a PIN, as .eml and .html.",
       .file = FileUse::CreateFolder},
      {.name = "UnmaskedCopies",
       .kind = ParameterKind::Switch,
       .help = "Copies of a run show the PINs: whoever gets them reads everybody's."},
  };
}

bool names_many(const BoundParameters& bound) {
  if (bound.given("Csv") || bound.flag("Json") || selects_people(bound)) return true;
  const auto of_runs = std::ranges::find_if(OfRuns, [&](const char* name) { return bound.given(name); });
  if (of_runs != std::end(OfRuns)) {
    throw Error(
        ErrorCode::InvalidInput,
        fmt::format("{} belongs to a run of many people, and nothing names them",
                    bound.display_name(*of_runs)),
        fmt::format("Write {} FILE, or {}.", bound.display_name("Csv"), bound.display_name("PinNotSet")));
  }
  return false;
}

namespace {

void refuse_contradictions(const BoundParameters& bound) {
  if (bound.flag("All") && bound.flag("PinNotSet")) {
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{} contradict each other", names_of(bound, {"All", "PinNotSet"})),
                "-All means everybody, -PinNotSet those who have no PIN.");
  }
  if (bound.flag("NotMeetingPolicy")) {
    for (const char* other : {"All", "PinNotSet"}) {
      if (!bound.flag(other)) continue;
      throw Error(ErrorCode::InvalidInput,
                  fmt::format("{} contradict each other", names_of(bound, {other, "NotMeetingPolicy"})),
                  "Leave one of them out.");
    }
    if (!bound.flag("Force"))
      throw Error(ErrorCode::InvalidInput,
                  fmt::format("{} means people who have a PIN, and without {} they keep it",
                              bound.display_name("NotMeetingPolicy"), bound.display_name("Force")),
                  "-Force replaces their PINs; Get-CsClientPinInfo -NotMeetingPolicy shows who they are.");
  }
  if (bound.flag("UnmaskedCopies") && bound.flag("MaskPinInCopies")) {
    throw Error(ErrorCode::InvalidInput, fmt::format("{} contradict each other",
                                                     names_of(bound, {"UnmaskedCopies", "MaskPinInCopies"})));
  }
}

}  // namespace

RunSource run_source(const BoundParameters& bound, Timestamp now) {
  const std::vector<std::string> sources = sources_given(bound);
  if (sources.size() > 1) {
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{} name people each on its own, and a run takes them from one place",
                            names_of(bound, sources)),
                "Leave all but one of them out.");
  }
  refuse_contradictions(bound);
  refuse_parameters_for_one(bound);

  RunSource source;
  if (bound.given("Csv")) {
    source.kind = RunSource::Kind::Csv;
    source.path = bound.text_or("Csv", "");
    source.words = source.path == "-" ? "standard input" : source.path;
  } else if (bound.flag("Json")) {
    source.kind = RunSource::Kind::JsonLines;
    source.words = "standard input";
  } else {
    source.people = {
        .pin_not_set = bound.flag("PinNotSet"),
        .not_meeting_policy_at = bound.flag("NotMeetingPolicy") ? std::optional(now) : std::nullopt,
        .region = bound.text_or("Region", ""),
        .site = bound.text_or("Site", "")};
    source.words = words_of(source.people);
  }
  return source;
}

std::unique_ptr<RunInput> open_run_input(CommandContext& context, const BoundParameters& bound,
                                         const RunSource& source, Store* store) {
  switch (source.kind) {
    case RunSource::Kind::Csv:
      return csv_run_input(open_csv(context, source.path, csv_format_from(bound)),
                           parameter_names(bound.spec()));
    case RunSource::Kind::JsonLines:
      return json_run_input(
          [&context](char* buffer, std::size_t size) { return context.streams.read_input(buffer, size); },
          source.words, parameter_names(bound.spec()));
    case RunSource::Kind::People:
      break;
  }
  if (store == nullptr) {
    throw Error(ErrorCode::NotFound, "there is no store yet, and so nobody to welcome",
                "`dialin people import FILE.csv` makes it.");
  }
  return store_run_input(*store, source.people);
}

std::string run_name(const BoundParameters& bound, const RunSource& source, Timestamp now) {
  if (const auto typed = bound.text("RunName")) {
    if (trim(*typed).empty() || typed->starts_with('-') || has_control_characters(*typed) ||
        length_in_characters(*typed) > LongestRunName) {
      throw Error(ErrorCode::InvalidInput,
                  fmt::format("{} is no name for a run: \"{}\"", bound.display_name("RunName"),
                              sanitize_foreign_text(*typed, 60)),
                  fmt::format("It has 1 to {} characters on one line and does not begin with a dash.",
                              LongestRunName));
    }
    return *typed;
  }
  // 2026-03-01T10:14:07Z without what a shell or a file name would mind.
  std::string time = to_rfc3339(now);
  std::erase_if(time, [](char c) { return c == '-' || c == ':' || c == 'Z'; });
  std::ranges::replace(time, 'T', '-');
  return fmt::format("{}-{}", sanitize_foreign_text(stem_of(source), LongestRunName - 20), time);
}

std::string input_hash(const BoundParameters& bound, const std::string& digest) {
  std::string text = digest;
  for (const auto& [name, value] : bound.fields()) {
    const bool counts = std::ranges::none_of(
        NotOfTheInput, [&name = name](const char* other) { return equal_ignoring_case(name, other); });
    // The length stands before the value, so that no two command lines make the same text.
    if (counts) text += fmt::format("\n{}:{}:{}", name, value.size(), value);
  }
  return sha256_hex(text);
}

}  // namespace dialin
