// SPDX-License-Identifier: Apache-2.0
#include "command/run_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace dialin {
namespace {

constexpr std::size_t MostReasonsShown = 20;

const char* word_of(RunPause::Reason reason) {
  switch (reason) {
    case RunPause::Reason::Refusals:
      return "the mail server refuses one mail after the other";
    case RunPause::Reason::ServerAway:
      return "the mail server is away";
    case RunPause::Reason::DailyLimit:
      return "the mail server's daily limit is used up";
    case RunPause::Reason::Sender:
      return "the mail server does not accept the sender";
    case RunPause::Reason::Password:
      return "the mail server does not accept the password";
    case RunPause::Reason::Quota:
      return "the mail server says that the account has sent all that it may";
  }
  return "paused";
}

int code_of_pause(const RunPause& pause) {
  return exit_code(pause.reason == RunPause::Reason::Password ? ErrorCode::Unauthenticated
                                                              : ErrorCode::TryAgain);
}

std::string how_to_go_on(const std::string& run_name) {
  return fmt::format("`dialin run resume {}` goes on.", shell_word(run_name));
}

void say_why_it_ended(CommandContext& context, const RunOutcome& outcome) {
  const std::string& name = outcome.record.name;
  const std::string left = with_separators(outcome.counts.waiting + outcome.counts.queued);
  std::string text;
  switch (outcome.end) {
    case RunEnd::Finished:
      break;
    case RunEnd::Interrupted:
      text = fmt::format("Stopped: {} are left. {}", left, how_to_go_on(name));
      break;
    case RunEnd::Cancelled:
      text = "The run was cancelled meanwhile.";
      break;
    case RunEnd::Waiting:
      text =
          fmt::format("{} are left and not due yet. {} So does `dialin deliver`.", left, how_to_go_on(name));
      break;
    case RunEnd::Paused:
      if (outcome.error) {
        text = fmt::format("Paused, {} are left: {}. {}", left, outcome.error->what(), outcome.error->next());
      } else if (outcome.record.pause) {
        text = fmt::format("Paused, {} are left: {}", left, describe(*outcome.record.pause, name));
      } else {
        text = fmt::format("Paused, {} are left. {}", left, how_to_go_on(name));
      }
      break;
  }
  if (!text.empty()) context.streams.write_error(text + "\n");
}

}  // namespace

std::string shell_word(const std::string& text) {
  const bool plain = !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./:@+,").find(c) != std::string_view::npos;
  });
  if (plain) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

ProgressState progress_state(const RunProgress& progress) {
  const RunCounts& counts = progress.counts;
  return {.done = counts.all() - counts.waiting - counts.queued,
          .all = counts.all(),
          .sent = counts.sent,
          .skipped = counts.skipped + counts.not_sent,
          .failed = counts.failed + counts.uncertain + counts.invalid,
          .rate = progress.rate,
          .left = progress.left,
          .notice = progress.notice};
}

OutputObject object_of(const RunRecord& record, const RunCounts& counts) {
  OutputObject object;
  object.text("Run", record.name)
      .text("State", record.state == RunState::Ready && record.pause ? "paused" : to_text(record.state))
      .number("Rows", counts.all())
      .number("Sent", counts.sent)
      .number("Skipped", counts.skipped)
      .number("Failed", counts.failed)
      .number("Uncertain", counts.uncertain)
      .number("Invalid", counts.invalid)
      .number("NotSent", counts.not_sent)
      .number("Left", counts.waiting + counts.queued)
      .number("CopiesFailed", counts.copies_failed);
  return object;
}

std::string failure_table(const std::map<std::string, FailureGroup>& failures) {
  if (failures.empty()) return {};
  std::vector<std::pair<std::string, FailureGroup>> sorted(failures.begin(), failures.end());
  std::ranges::stable_sort(sorted,
                           [](const auto& a, const auto& b) { return a.second.count > b.second.count; });
  std::string text = "Failures by reason:\n";
  for (std::size_t i = 0; i < std::min(sorted.size(), MostReasonsShown); ++i) {
    const auto& [code, group] = sorted[i];
    text += fmt::format("{:>9}  {}{}{}\n", with_separators(group.count),
                        code.empty() ? "(no code)" : sanitize_foreign_text(code, 60),
                        group.example.empty() ? "" : ": ", sanitize_foreign_text(group.example, 160));
  }
  if (sorted.size() > MostReasonsShown)
    text += fmt::format("           and {} more reasons\n", sorted.size() - MostReasonsShown);
  return text;
}

std::string describe(const RunPause& pause, const std::string& run_name) {
  std::string text = fmt::format("{} (since {})", word_of(pause.reason), to_rfc3339(pause.since));
  if (!pause.words.empty()) text += ": " + sanitize_foreign_text(pause.words);
  if (!text.ends_with('.')) text += ".";
  if (pause.until) text += fmt::format(" It goes on by itself at {}, or before:", to_rfc3339(*pause.until));
  return text + " " + how_to_go_on(run_name);
}

int worse_exit_code(int a, int b) {
  const auto rank = [](int code) { return code == 0 ? 0 : code == 75 ? 1 : code == 1 ? 2 : 3; };
  return rank(a) >= rank(b) ? a : b;
}

int exit_code_of(const RunOutcome& outcome) {
  int code = outcome.counts.failed + outcome.counts.uncertain + outcome.counts.invalid > 0 ? 1 : 0;
  switch (outcome.end) {
    case RunEnd::Finished:
      return code;
    case RunEnd::Interrupted:
      return exit_code(ErrorCode::Interrupted);
    case RunEnd::Cancelled:
      return 1;
    case RunEnd::Waiting:
      return worse_exit_code(code, exit_code(ErrorCode::TryAgain));
    case RunEnd::Paused:
      break;
  }
  if (outcome.error) return worse_exit_code(code, exit_code(outcome.error->code()));
  return worse_exit_code(
      code, outcome.record.pause ? code_of_pause(*outcome.record.pause) : exit_code(ErrorCode::TryAgain));
}

void write_report(Store& store, const RunId& run, NewFile& file) {
  write_run_report(store.runs(), run, [&file](std::string_view piece) { file.write(piece); });
  file.finish();
}

int write_outcome(CommandContext& context, const BoundParameters& bound, Store& store,
                  const RunOutcome& outcome, NewFile* report) {
  context.streams.write_error(failure_table(failures_by_reason(store.runs(), outcome.record.id)));
  write_object(context.streams, object_of(outcome.record, outcome.counts), output_format(bound));
  context.streams.flush();
  if (report != nullptr) write_report(store, outcome.record.id, *report);
  say_why_it_ended(context, outcome);
  return exit_code_of(outcome);
}

}  // namespace dialin
