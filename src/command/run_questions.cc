// SPDX-License-Identifier: Apache-2.0
#include "command/run_questions.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "command/confirmation.h"
#include "shell/progress.h"

namespace dialin {
namespace {

std::string people(std::int64_t count) {
  return count == 1 ? "1 person" : with_separators(count) + " people";
}

// The most PINs that one reader of copies would see.
std::int64_t most_read(const RunSummary& summary) {
  std::int64_t most = 0;
  for (const auto& [address, pins] : summary.unmasked_readers) most = std::max(most, pins);
  return most;
}

std::vector<std::string> dangers(const RunSummary& summary) {
  std::vector<std::string> dangers;
  if (summary.replaced > 0) {
    dangers.push_back(fmt::format("{} PINs are replaced", with_separators(summary.replaced)));
    if (summary.replaced_recent > 0)
      dangers.back() +=
          fmt::format(", {} of them less than 7 days old", with_separators(summary.replaced_recent));
  }
  if (!summary.unmasked_readers.empty()) {
    dangers.push_back(fmt::format("{} addresses get copies that show up to {} PINs",
                                  summary.unmasked_readers.size(), with_separators(most_read(summary))));
  }
  if (summary.foreign > 0)
    dangers.push_back(
        fmt::format("{} PINs go outside of the allowed domains", with_separators(summary.foreign)));
  return dangers;
}

}  // namespace

RunQuestion question_about(const RunSummary& summary) {
  const std::vector<std::string> what = dangers(summary);
  RunQuestion question{.text = fmt::format("Welcome {}", people(summary.to_welcome())),
                       .must_be_answered = !what.empty()};
  if (!what.empty()) question.text += fmt::format(" ({})", join(what, "; "));
  if (summary.bad > 0)
    question.text += fmt::format(", and leave out {} bad rows", with_separators(summary.bad));
  question.text += "?";
  return question;
}

void ask_about_run(CommandContext& context, const BoundParameters& bound, const RunSummary& summary) {
  const RunQuestion question = question_about(summary);
  const bool ask = question.must_be_answered || context.prompter.can_ask();
  confirm(context, bound, question.text, ask ? Question::Always : Question::IfConfirm);
}

std::string confirmed_note(const RunSummary& summary) {
  const std::vector<std::string> what = dangers(summary);
  return what.empty() ? std::string() : "confirmed: " + join(what, "; ");
}

}  // namespace dialin
