// SPDX-License-Identifier: Apache-2.0
#include "run/run_report.h"

#include <fmt/format.h>

#include "base/text.h"

namespace dialin {
namespace {

constexpr std::size_t PageSize = 1000;

std::string code_of(const ServerWords& words) {
  std::string code;
  if (words.reply_code != 0) code = std::to_string(words.reply_code);
  if (!words.enhanced_code.empty()) code += (code.empty() ? "" : " ") + words.enhanced_code;
  return code;
}

void add_sentence(std::string& text, std::string_view more) {
  if (more.empty()) return;
  if (!text.empty()) text += ": ";
  text += more;
}

void report_welcome(const WelcomeRow& welcome, RunReportLine& line) {
  line.pin_result = "Kept";
  if (const std::string code = code_of(welcome.words); !code.empty()) line.code = code;
  std::string detail = welcome.detail;
  if (welcome.arrived_invalid) {
    line.mail_result = "Sent";
    detail = "the mail arrived, and its PIN is not valid";
    add_sentence(detail, welcome.detail);
  } else {
    switch (welcome.state) {
      case WelcomeState::Sent:
        line.pin_result = welcome.replaces_pin ? "Replaced" : "Set";
        line.mail_result = "Sent";
        break;
      case WelcomeState::Queued:
      case WelcomeState::Sending:
        line.mail_result = "Queued";
        if (welcome.held) detail = "held, because the refusal may be the sender's";
        break;
      case WelcomeState::Failed:
        line.mail_result = "Failed";
        break;
      case WelcomeState::Uncertain:
        line.mail_result = "Uncertain";
        if (detail.empty()) detail = "the server's answer was lost, the mail may have arrived";
        break;
      case WelcomeState::Cancelled:
      case WelcomeState::Superseded:
        line.mail_result = "NotSent";
        if (detail.empty()) detail = to_text(welcome.state);
        break;
    }
  }
  add_sentence(detail, welcome.words.text);
  line.detail = std::move(detail);
}

// Calls `use` for every row of the run, in order.
template <typename Use>
void for_each_row(RunStore& runs, const RunId& run, Use use) {
  std::int64_t after = 0;
  for (;;) {
    const std::vector<RunReportRow> rows = runs.report(run, after, PageSize);
    for (const RunReportRow& row : rows) use(row);
    if (rows.size() < PageSize) return;
    after = rows.back().line;
  }
}

std::string csv_line(const RunReportLine& line) {
  std::string text = std::to_string(line.line);
  for (const std::string* cell :
       {&line.identity, &line.address, &line.pin_result, &line.mail_result, &line.code, &line.detail}) {
    text += ",";
    text += csv_cell(*cell);
  }
  return text + "\r\n";
}

}  // namespace

RunReportLine report_line(const RunReportRow& row) {
  RunReportLine line{.line = row.line,
                     .identity = row.identity,
                     .address = row.address,
                     .code = row.code,
                     .detail = row.detail};
  switch (row.state) {
    case RunRowState::Waiting:
      line.pin_result = "Kept";
      line.mail_result = "Queued";
      break;
    case RunRowState::Issued:
      line.pin_result = "Kept";
      line.mail_result = "Queued";
      if (row.welcome) report_welcome(*row.welcome, line);
      break;
    case RunRowState::Skipped:
      line.pin_result = row.code == "PinAlreadySet" ? "AlreadySet" : "Kept";
      line.mail_result = "Skipped";
      break;
    case RunRowState::Invalid:
      line.mail_result = "Invalid";
      // Who mends the report and hands it in again would give this person another PIN.
      if (row.had_pin) line.detail += "; the row named a PIN, which is not kept: add it again";
      break;
    case RunRowState::NotSent:
      line.pin_result = "Kept";
      line.mail_result = "NotSent";
      break;
  }
  for (const std::string& failure : row.copy_failures) {
    if (!line.detail.empty()) line.detail += "; ";
    line.detail += "copy to " + failure;
  }
  return line;
}

void write_run_report(RunStore& runs, const RunId& run, const std::function<void(std::string_view)>& write) {
  write("Line,Identity,UserEmailAddress,PinResult,MailResult,Code,Detail\r\n");
  for_each_row(runs, run, [&](const RunReportRow& row) { write(csv_line(report_line(row))); });
}

std::map<std::string, FailureGroup> failures_by_reason(RunStore& runs, const RunId& run) {
  std::map<std::string, FailureGroup> groups;
  for_each_row(runs, run, [&](const RunReportRow& row) {
    const RunReportLine line = report_line(row);
    const bool failed =
        line.mail_result == "Failed" || line.mail_result == "Uncertain" || line.mail_result == "Invalid";
    if (!failed) return;
    FailureGroup& group = groups[line.code.empty() ? line.mail_result : line.code];
    if (group.count++ == 0) group.example = line.detail;
  });
  return groups;
}

}  // namespace dialin
