// SPDX-License-Identifier: Apache-2.0
// One pass over a run's input: each row is parsed, its person found, checked and planned, and either staged
// in the store or only counted (-WhatIf). Nothing is sent here, no PIN is made, no hash computed.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "pin/pin_policy.h"
#include "run/run_input.h"
#include "store/store.h"
#include "welcome/welcome_settings.h"

namespace dialin {

// What a person gets, decided by the command from its parameters, the row and the person's site.
struct PlannedWelcome {
  RunPlan plan;
  std::optional<Mailbox> to;  // of the row or -UserEmailAddress; none: the recorded address
  std::string template_name;  // for the summary
  std::string subject;
  // Readers of the PIN outside of the allowed domains.
  std::vector<std::string> foreign;
};

class WelcomePlanner {
 public:
  virtual ~WelcomePlanner() = default;
  // Error(InvalidInput or Precondition): this row cannot be welcomed, and why. Any other Error ends the pass.
  // Called for people who will get a mail only.
  virtual PlannedWelcome plan(const Person& person, const RunInputRow& row) = 0;
};

struct RunCheckOptions {
  bool force = false;
  bool add_people = false;  // -AddPeople: rows with an address whose person is not known add them
};

struct BadRunRow {
  std::int64_t line = 0;
  std::string identity;
  std::string column;  // may be empty
  std::string code;    // "UserDoesNotExist", "PinDoesNotMeetMinimumRequirements", "InvalidRow", ...
  std::string reason;
};

// What the preview shows.
struct RunSummary {
  std::int64_t rows = 0;
  std::int64_t first = 0;            // get a first PIN
  std::int64_t replaced = 0;         // their PIN is replaced
  std::int64_t replaced_recent = 0;  // of these: it was set within the last 7 days
  std::int64_t already_set = 0;      // skipped
  std::int64_t already_sent = 0;     // skipped: the report says so
  std::int64_t locked = 0;           // skipped
  std::int64_t disabled = 0;         // skipped
  std::int64_t new_people = 0;       // will be added
  std::int64_t bad = 0;
  std::int64_t repeated_pins = 0;             // rows whose Pin column holds what another row's holds too
  std::int64_t foreign = 0;                   // welcomes that would be read outside of the allowed domains
  std::vector<std::string> foreign_examples;  // at most 5 addresses
  std::map<std::string, std::int64_t> by_site, by_language, by_template, by_sender, by_server;
  std::map<std::string, std::int64_t> bad_by_reason;  // by code
  std::int64_t copies = 0;
  std::map<std::string, std::int64_t> unmasked_readers;  // address of a copy -> PINs it would read
  struct Sample {
    std::string sip_address, to, subject, language;
  };
  std::vector<Sample> samples;      // at most 3
  std::vector<BadRunRow> bad_rows;  // the first 1,000
  // One person of each language, for -Preview and the size of the largest message.
  struct OfLanguage {
    Person person;
    PlannedWelcome planned;
  };
  std::map<std::string, OfLanguage> languages;
  std::vector<WelcomeWay> ways;  // each once

  std::int64_t to_welcome() const { return first + replaced; }
};

// A row whose person -AddPeople adds. Nobody is added before everything has been checked and confirmed.
struct NewRunPerson {
  std::int64_t line = 0;
  PersonRow person;
  std::optional<RunPlan> plan;
  std::optional<Mailbox> to;
  std::optional<Pin> pin;
};

struct RunCheck {
  RunSummary summary;
  std::vector<NewRunPerson> new_people;  // -AddPeople only; all of them are held in memory
};

// Where rows go.
class RunRowSink {
 public:
  virtual ~RunRowSink() = default;
  virtual int plan_number(const RunPlan& plan) = 0;
  // Rows whose person stood there before, with both lines.
  virtual std::vector<RunStore::Duplicate> put(const std::vector<StagedRow>& rows) = 0;
};

// `store` null: there is none, and nobody is known (-WhatIf before first use). `sink` null: only counted.
// `progress` (may be null) gets the number of rows every 1,000 rows; true from `interrupted` throws
// Error(Interrupted).
RunCheck check_run(RunInput& input, Store* store, WelcomePlanner& planner, RunRowSink* sink,
                   const RunCheckOptions& options, const WelcomeSettings& settings, const Clock& clock,
                   const std::function<void(std::int64_t)>& progress,
                   const std::function<bool()>& interrupted);

// Adds these people and stages their rows.
void add_new_people(std::vector<NewRunPerson> people, Store& store, RunRowSink& sink, const Operator& by);

// Rows of a run being staged.
class StoreRunRowSink final : public RunRowSink {
 public:
  StoreRunRowSink(RunStore& runs, RunId run) : runs_(runs), run_(std::move(run)) {}
  // The store is asked once for each plan.
  int plan_number(const RunPlan& plan) override;
  std::vector<RunStore::Duplicate> put(const std::vector<StagedRow>& rows) override {
    return runs_.stage(run_, rows);
  }

 private:
  RunStore& runs_;
  RunId run_;
  std::map<std::string, int> numbers_;
};

}  // namespace dialin
