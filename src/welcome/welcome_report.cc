// SPDX-License-Identifier: Apache-2.0
// What WelcomeJob says of a welcome: from its row, or from what has just become of it.
#include <fmt/format.h>

#include "welcome/failure_policy.h"
#include "welcome/welcome_job.h"

namespace dialin {
namespace {

std::string words_of(const WelcomeRow& row) {
  std::string words;
  if (row.words.reply_code != 0) words = std::to_string(row.words.reply_code);
  if (!row.words.enhanced_code.empty()) words += (words.empty() ? "" : " ") + row.words.enhanced_code;
  if (!row.words.text.empty()) words += (words.empty() ? "" : " ") + row.words.text;
  return words;
}

std::string with_words(std::string sentence, const std::string& words) {
  return words.empty() ? sentence : fmt::format("{}: {}", sentence, words);
}

Error error_uncertain(const std::string& detail) {
  return Error(ErrorCode::Precondition, "it is not known whether the mail arrived: " + detail,
               "The former PIN stays valid until it is known. The same command sends the same mail again.");
}

Error error_arrived_invalid(const std::string& detail) {
  return Error(ErrorCode::Precondition, "the mail arrived, and its PIN is not valid: " + detail,
               "Tell the person, or welcome them again.");
}

}  // namespace

WelcomeReport WelcomeJob::report_row(const WelcomeRow& row, const Person& person) const {
  WelcomeReport report{.person = person, .id = row.id};
  report.message_id = row.message_id;
  report.sent_to = row.content.to;
  const std::string words = words_of(row);
  if (row.arrived_invalid) {
    report.mail_result = MailResult::Sent;
    report.detail = with_words(row.detail, words);
    report.error = error_arrived_invalid(report.detail);
    return report;
  }
  switch (row.state) {
    case WelcomeState::Sent:
      report.pin_result = row.replaces_pin ? PinResult::Replaced : PinResult::Set;
      report.mail_result = MailResult::Sent;
      report.detail = with_words("accepted", words);
      return report;
    case WelcomeState::Queued:
    case WelcomeState::Sending:
      report.mail_result = MailResult::Queued;
      report.detail = with_words("queued", words);
      report.error =
          Error(ErrorCode::TryAgain, "the mail was not accepted yet: " + report.detail,
                "The former PIN stays valid and nothing is lost: type the same command again, or run "
                "`dialin deliver`.");
      return report;
    case WelcomeState::Failed:
      report.mail_result = MailResult::Failed;
      report.detail = with_words(row.detail.empty() ? "refused" : row.detail, words);
      report.error =
          Error(ErrorCode::Precondition,
                fmt::format("the mail to {} was not delivered: {}", row.content.to.address(), report.detail),
                "The former PIN stays valid. Correct the address or the mail and type the command again.");
      return report;
    case WelcomeState::Uncertain:
      report.mail_result = MailResult::Uncertain;
      report.detail = with_words("the server's answer was lost, the mail may have arrived", words);
      report.error = error_uncertain(report.detail);
      return report;
    case WelcomeState::Cancelled:
    case WelcomeState::Superseded:
      report.mail_result = MailResult::NotSent;
      report.detail = row.detail.empty() ? to_text(row.state) : row.detail;
      report.error = Error(ErrorCode::Precondition, "the welcome was not sent: " + report.detail,
                           "Type the command again if the person is still to be welcomed.");
      return report;
  }
  return report;
}

WelcomeReport WelcomeJob::report_outcomes(std::vector<RowOutcome>& outcomes, const WelcomeRequest& request) {
  RowOutcome& own = outcomes.front();
  if (own.claim != ClaimResult::Outcome::Claimed) {
    WelcomeReport report = report_row(row_of(own.id, request.person), request.person);
    if (own.claim == ClaimResult::Outcome::Paused && own.claim_result.pause) {
      const Pause& pause = *own.claim_result.pause;
      report.detail = "queued: " + describe(pause);
      report.error = Error(code_of(pause), "the mail was not sent: " + describe(pause), how_to_end(pause));
    }
    return report;
  }

  // The address that was used is the one that was claimed: a recorded one may have changed since the command
  // began.
  WelcomeReport report{.person = request.person, .id = own.id};
  report.message_id = own.row->message_id;
  report.sent_to = own.row->content.to;
  const Delivery& delivery = *own.delivery;
  const std::string words = describe(delivery);
  switch (own.record->outcome) {
    case RecordResult::Outcome::Sent:
      report.pin_result = own.row->replaces_pin ? PinResult::Replaced : PinResult::Set;
      report.mail_result = MailResult::Sent;
      report.detail = words;
      report.pin = std::move(own.pin);
      break;
    case RecordResult::Outcome::AlreadyRecorded:
      report.pin_result = own.row->replaces_pin ? PinResult::Replaced : PinResult::Set;
      report.mail_result = MailResult::Sent;
      report.detail = words + "; it had been recorded as sent already";
      break;
    case RecordResult::Outcome::ArrivedInvalid:
      report.mail_result = MailResult::Sent;
      report.detail = fmt::format("{}; but the welcome was {} meanwhile: the PIN in that mail is not valid",
                                  words, to_text(own.record->state));
      report.error = error_arrived_invalid(report.detail);
      break;
    case RecordResult::Outcome::Queued: {
      report.mail_result = MailResult::Queued;
      report.detail = "queued: " + words;
      const auto pause = pause_for(delivery, own.row->way, own.row->content.from.address());
      std::string next =
          pause ? how_to_end(*pause)
                : "The former PIN stays valid and nothing is lost: type the same command again, or run "
                  "`dialin deliver`.";
      report.error = Error(pause ? code_of(*pause) : ErrorCode::TryAgain,
                           "the mail was not accepted: " + words, std::move(next));
      break;
    }
    case RecordResult::Outcome::Failed:
      report.mail_result = MailResult::Failed;
      report.detail = words;
      report.error =
          Error(ErrorCode::Precondition,
                fmt::format("the mail to {} was refused: {}", report.sent_to->address(), words),
                "The former PIN stays valid. Correct the address or the mail and type the command again.");
      break;
    case RecordResult::Outcome::Uncertain:
      report.mail_result = MailResult::Uncertain;
      report.detail = words;
      report.error = error_uncertain(words);
      break;
    case RecordResult::Outcome::Superseded:
    case RecordResult::Outcome::NotOurs:  // another process has taken it over
      return report_row(row_of(own.id, request.person), request.person);
  }
  std::size_t tried = 0;
  for (std::size_t i = 1; i < outcomes.size(); ++i) {
    const RowOutcome& copy = outcomes[i];
    ++tried;
    if (copy.error)
      report.detail += fmt::format("; a copy or notice could not be made: {}", copy.error->what());
    if (!copy.delivery || !copy.row) continue;
    const char* const kind = copy.row->kind == WelcomeKind::Notice ? "notice" : "copy";
    const std::string address = copy.row->copy_to ? copy.row->copy_to->address() : std::string("?");
    report.detail +=
        copy.delivery->result == DeliveryResult::Accepted
            ? fmt::format("; {} to {} accepted", kind, address)
            : fmt::format("; {} to {} not accepted: {}", kind, address, describe(*copy.delivery));
  }
  if (own.record->copies.size() > tried)
    report.detail += fmt::format("; {} copies or notices stay queued for dialin deliver",
                                 own.record->copies.size() - tried);
  return report;
}

}  // namespace dialin
