// SPDX-License-Identifier: Apache-2.0
// What `dialin doctor` looks at, one function a subject. They change nothing, and make no store and no key.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "command/command_context.h"
#include "people/mailbox.h"
#include "shell/bound_parameters.h"

namespace dialin {

struct Diagnosis {
  enum class State {
    Ok,
    Warning,  // works, and not as it should
    Problem,  // does not work, or is not safe
  };
  std::string subject;  // "Mail server"
  State state = State::Ok;
  std::string finding;  // a sentence without its full stop
  std::string remedy;   // what to do; empty for Ok
};

class Diagnoses {
 public:
  void ok(std::string subject, std::string finding) {
    all_.push_back({std::move(subject), Diagnosis::State::Ok, std::move(finding), {}});
  }
  void warning(std::string subject, std::string finding, std::string remedy) {
    all_.push_back({std::move(subject), Diagnosis::State::Warning, std::move(finding), std::move(remedy)});
  }
  void problem(std::string subject, std::string finding, std::string remedy) {
    all_.push_back({std::move(subject), Diagnosis::State::Problem, std::move(finding), std::move(remedy)});
  }
  const std::vector<Diagnosis>& all() const { return all_; }

 private:
  std::vector<Diagnosis> all_;
};

// The configuration, who may change it, and the files with secrets that it names.
void diagnose_configuration(const CommandContext& context, Diagnoses& diagnoses);
// The data directory and what lies in it.
void diagnose_data_directory(const CommandContext& context, Diagnoses& diagnoses);

// Null where there is no store, or it cannot be opened, which was said then.
std::unique_ptr<Store> diagnose_opening(CommandContext& context, Diagnoses& diagnoses);
// Schema, key, clock, numbers, what waits.
void diagnose_store(CommandContext& context, Store& store, Diagnoses& diagnoses);

// Every template, as the general settings and those of sites choose them. `store` may be null. Returns the
// size of the largest mail, in octets.
std::size_t diagnose_templates(CommandContext& context, Store* store, Diagnoses& diagnoses);
void diagnose_settings_page(const CommandContext& context, Diagnoses& diagnoses);

// Each mail server of the configuration, or the one that is named: connects, signs in, sends nothing.
void diagnose_mail_servers(CommandContext& context, const BoundParameters& bound, std::size_t largest_mail,
                           Diagnoses& diagnoses);
// Sends a mail without a PIN.
void diagnose_sending(CommandContext& context, const BoundParameters& bound, const Mailbox& to,
                      Diagnoses& diagnoses);

void diagnose_check_listener(const CommandContext& context, Diagnoses& diagnoses);

}  // namespace dialin
