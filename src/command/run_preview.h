// SPDX-License-Identifier: Apache-2.0
// What a run would do, for people: the summary before the question and of -WhatIf, bad rows, and the first
// mail of each language.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "command/command_context.h"
#include "command/relay_limits.h"
#include "run/run_check.h"
#include "welcome/welcome_settings.h"

namespace dialin {

struct RelayPreview {
  WelcomeWay way;
  StatedLimit stated;
  std::optional<RelayState> state;  // what the store knows of it
};

// `source`: who is welcomed, in words. Ends with a line end.
std::string describe_run(const RunSummary& summary, const std::string& source,
                         const std::vector<RelayPreview>& relays);

// The first 25 as "users.csv:12: Pin: reason", then how many there are of each reason; empty if there are
// none. Readable for 40,000 too.
std::string describe_bad_rows(const RunSummary& summary, const std::string& file);

// How long the run takes at least at the rates in force; nothing: nothing bounds it but the server.
std::optional<std::chrono::seconds> expected_time(const RunSummary& summary,
                                                  const std::vector<RelayPreview>& relays);

struct SampleMail {
  std::string language;
  std::string message;  // whole, as it would go out, with "00000 SAMPLE" for the PIN
  std::string html;
};
// The first mail of each language. `store` may be null.
std::vector<SampleMail> sample_mails(CommandContext& context, Store* store, const WelcomeSettings& settings,
                                     const RunSummary& summary);

// Into DIRECTORY/LANGUAGE.eml and .html, which must not be there yet; the folder is made if need be.
void write_samples(CommandContext& context, const std::string& directory,
                   const std::vector<SampleMail>& samples);

}  // namespace dialin
