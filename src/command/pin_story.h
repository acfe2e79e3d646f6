// SPDX-License-Identifier: Apache-2.0
// Everything about one person's PIN that a help desk needs, and the step that helps. Never a PIN.
#pragma once

#include <optional>
#include <string>

#include "command/command_context.h"
#include "people/person.h"
#include "store/pin_past.h"
#include "store/records.h"
#include "store/run_records.h"

namespace dialin {

struct PinStory {
  Person person;
  PinRecord pin;
  PinPast past;
  std::optional<WelcomeRow> latest;  // welcome, whatever became of it
  std::optional<Pause> pause;        // covers `latest`, which waits
  std::optional<RunRecord> run;      // of `latest`
  std::string sender;                // of a welcome typed now; empty: it must be named
  Timestamp now;

  bool is_set() const { return pin.verifier.has_value(); }
  bool must_change() const { return is_set() && pin.expires_at && pin.expires_at == pin.changed_at; }
  bool has_expired() const { return is_set() && pin.expires_at && *pin.expires_at <= now; }
  // The latest welcome has no end yet.
  bool is_waiting() const;
};

PinStory story_of(CommandContext& context, Store& store, const Person& person);

struct NextStep {
  std::string words;         // a sentence
  std::string command = {};  // to be typed; empty: nothing is to be typed
};
// What to do first. `time`: writes one for people.
NextStep next_step(const PinStory& story, const std::function<std::string(Timestamp)>& time);

// "250 2.0.0 queued as 4F1"; empty if it has said nothing.
std::string words_of(const ServerWords& words);

}  // namespace dialin
