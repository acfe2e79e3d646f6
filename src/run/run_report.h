// SPDX-License-Identifier: Apache-2.0
// The report of a run: Line, Identity, UserEmailAddress, PinResult, MailResult, Code, Detail; one row a
// person or bad row, never a PIN. csv_run_input() takes it again.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "store/store.h"

namespace dialin {

struct RunReportLine {
  std::int64_t line = 0;
  std::string identity;
  std::string address;
  std::string pin_result;   // Set, Replaced, AlreadySet, Kept; empty: no person
  std::string mail_result;  // Sent, Queued, Failed, Uncertain, NotSent, Skipped, Invalid
  std::string code;         // "550 5.1.1", "PinAlreadySet", ...
  std::string detail;
};
RunReportLine report_line(const RunReportRow& row);

// Every line of the run in order, as CSV with CRLF (RFC 4180), in pieces. Cells that a spreadsheet would run
// are prefixed with an apostrophe.
void write_run_report(RunStore& runs, const RunId& run, const std::function<void(std::string_view)>& write);

// What failed, by reason: code -> how many, and one example's words.
struct FailureGroup {
  std::int64_t count = 0;
  std::string example;
};
std::map<std::string, FailureGroup> failures_by_reason(RunStore& runs, const RunId& run);

}  // namespace dialin
