// SPDX-License-Identifier: Apache-2.0
#include "welcome/welcome_job.h"

#include <fmt/format.h>

#include "mail/message.h"
#include "pin/pin_verifier.h"
#include "welcome/choose_pin.h"
#include "welcome/failure_policy.h"
#include "welcome/same_command.h"
#include "welcome/set_pin.h"

namespace dialin {
namespace {

// Decisions about the person by others in between are rare; a store that reports them for ever is broken.
constexpr int MaximumBeginnings = 20;
constexpr int SessionTries = 3;
constexpr std::chrono::hours UnreportedAge{24};
constexpr std::chrono::milliseconds OtherPollInterval{200};

}  // namespace

const char* to_text(PinResult result) {
  switch (result) {
    case PinResult::Set:
      return "Set";
    case PinResult::Replaced:
      return "Replaced";
    case PinResult::AlreadySet:
      return "AlreadySet";
    case PinResult::Kept:
      return "Kept";
  }
  return "";
}

const char* to_text(MailResult result) {
  switch (result) {
    case MailResult::Sent:
      return "Sent";
    case MailResult::Queued:
      return "Queued";
    case MailResult::Failed:
      return "Failed";
    case MailResult::Uncertain:
      return "Uncertain";
    case MailResult::NotSent:
      return "NotSent";
  }
  return "";
}

WelcomeReport WelcomeJob::run(WelcomeRequest request) {
  if (auto report = not_shown_before(request)) return std::move(*report);

  for (int beginning = 0; beginning < MaximumBeginnings; ++beginning) {
    if (auto row = environment_.store.outbox().unfinished_of(request.person.id)) {
      return go_on_with(*row, request);
    }
    const PinRecord record = environment_.store.pins().pin_of(request.person.id);
    if (record.verifier && !request.force) {
      if (request.pin) {
        throw Error(ErrorCode::Precondition,
                    fmt::format("PinAlreadySet: {} has a PIN, which was left as it is",
                                request.person.sip_address.uri()),
                    "-Force replaces it.");
      }
      WelcomeReport report{.person = request.person, .pin_result = PinResult::AlreadySet};
      report.detail = "PinAlreadySet: the person has a PIN; nothing was changed or sent. -Force replaces it.";
      return report;
    }
    refuse_locked_or_disabled(request.person, record);

    ChosenPin chosen = choose_pin(environment_.store, request.person, request.pin ? &*request.pin : nullptr,
                                  settings_, environment_.random, request.history);
    if (chosen.record.version != record.version) continue;
    NewWelcome welcome{
        .person = request.person.id,
        .expected_version = record.version,
        .sharers = chosen.sharers,
        .pin = &chosen.pin,
        .content = request.content,
        .template_text = request.template_text,
        .way = request.way,
        .message_id = new_message_id(new_identifier(environment_.random), request.content.from),
        .replaces_pin = record.verifier.has_value(),
        .ignores_history = request.history == HistoryRule::Ignored,
        .command_hash = request.command_hash,
        .audit_note = request.audit_note,
    };
    environment_.checkpoints.reach("before-issue");
    IssueResult issued = environment_.store.outbox().issue(welcome, environment_.by);
    if (issued.outcome != IssueResult::Outcome::Issued) continue;  // look again at what there is now
    environment_.checkpoints.reach("issued");
    end_pauses(request, false);
    return deliver(issued.id, request);
  }
  throw Error(ErrorCode::TryAgain,
              fmt::format("the PIN of {} is being changed again and again by others",
                          request.person.sip_address.uri()),
              "Nothing was sent. Try again in a moment.");
}

void WelcomeJob::reported(const WelcomeReport& report) {
  // A queued row is not finished: it becomes unreported when it ends, and the same command then shows it.
  if (report.id.empty() || report.mail_result == MailResult::Queued) return;
  try {
    environment_.store.outbox().mark_reported(report.id);
  } catch (const Error& error) {
    // What was printed stands. An exit code that says "could not be done" would have the command typed again.
    environment_.observer.say(
        fmt::format("It could not be noted that this was shown ({}): the same command may show it once more.",
                    error.what()));
  }
}

std::optional<WelcomeReport> WelcomeJob::not_shown_before(const WelcomeRequest& request) {
  auto row = environment_.store.outbox().unreported(request.person.id, environment_.by, request.command_hash,
                                                    environment_.clock.now() - UnreportedAge);
  if (!row) return std::nullopt;
  const PinRecord record = environment_.store.pins().pin_of(request.person.id);
  const bool sent = row->state == WelcomeState::Sent;
  // The same command but for the PIN is another command.
  if (sent && request.pin && !(record.verifier && verify_pin(*request.pin, *record.verifier)))
    return std::nullopt;
  WelcomeReport report = report_row(*row, request.person);
  if (sent && (!record.verifier || record.changed_at > row->finished_at))
    report.detail += "; the PIN has been changed again since then";
  report.detail = fmt::format(
      "finished at {}, not shown then. {}",
      row->finished_at ? to_rfc3339(*row->finished_at) : std::string("an unknown time"), report.detail);
  return report;
}

WelcomeReport WelcomeJob::go_on_with(const WelcomeRow& row, WelcomeRequest& request) {
  environment_.observer.say(fmt::format("{} has an unfinished welcome of {}: going on with it.",
                                        request.person.sip_address.uri(), to_rfc3339(row.created_at)));
  const bool other_pin =
      request.pin && !environment_.store.outbox().has_pin(row.id, *request.pin).value_or(false);
  if (other_pin || !same_content(row.content, request.content)) change_content(row, request);
  if (!same_way(row.way, request.way)) change_way(row, request);
  end_pauses(request, true);
  return deliver(row.id, request);
}

void WelcomeJob::change_content(const WelcomeRow& row, const WelcomeRequest& request) {
  ContentChange change = ContentChange::VersionChanged;
  for (int beginning = 0; change == ContentChange::VersionChanged && beginning < MaximumBeginnings;
       ++beginning) {
    std::optional<ChosenPin> chosen;
    if (request.pin) {
      chosen = choose_pin(environment_.store, request.person, &*request.pin, settings_, environment_.random,
                          request.history);
    }
    change = environment_.store.outbox().change_content(
        row.id, request.content, request.template_text, chosen ? &chosen->pin : nullptr,
        chosen ? chosen->sharers : std::vector<SharerVersion>{}, request.command_hash, environment_.by);
  }
  const std::string differences = describe_differences(row.content, request.content);
  switch (change) {
    case ContentChange::Changed:
      environment_.observer.say(fmt::format("Nothing of it has been sent, so it is changed: {}.",
                                            differences.empty() ? "the PIN" : differences));
      return;
    case ContentChange::MayHaveArrived:
      throw Error(
          ErrorCode::Precondition,
          fmt::format("the unfinished welcome of {} may have arrived already and cannot be changed: {}",
                      request.person.sip_address.uri(),
                      differences.empty() ? "the PIN differs" : differences),
          fmt::format("Type it as before to go on with it, or: dialin cancel {}",
                      request.person.sip_address.address()));
    case ContentChange::InProgress:
      throw Error(ErrorCode::TryAgain,
                  fmt::format("the welcome of {} is being sent at this moment and cannot be changed: {}",
                              request.person.sip_address.uri(),
                              differences.empty() ? "the PIN differs" : differences),
                  "Try again in a moment.");
    case ContentChange::VersionChanged:
      throw Error(ErrorCode::TryAgain,
                  fmt::format("others who share the number of {} change their PINs again and again",
                              request.person.sip_address.uri()),
                  "The welcome is as it was. Try again in a moment.");
    case ContentChange::Finished:
      throw Error(ErrorCode::TryAgain,
                  fmt::format("the welcome of {} was finished at this moment by another command",
                              request.person.sip_address.uri()),
                  "Type the command again to see what became of it.");
  }
}

void WelcomeJob::change_way(const WelcomeRow& row, const WelcomeRequest& request) {
  environment_.store.outbox().change_way(row.id, request.way, environment_.by);
  // A weaker TLS was not written.
  const WelcomeWay now = row_of(row.id, request.person).way;
  if (request.way.tls == WelcomeWay::Tls::Opportunistic && now.tls != WelcomeWay::Tls::Opportunistic) {
    environment_.observer.say(fmt::format(
        "It keeps verified TLS, which it was asked to have before. To send it without: dialin cancel "
        "{}, then type this again.",
        request.person.sip_address.address()));
  }
  if (same_way(row.way, now)) return;
  if (describe(now) == describe(row.way)) {
    environment_.observer.say("Its password now comes from another source.");
    return;
  }
  environment_.observer.say(fmt::format("It now goes by {}, not by {}.", describe(now), describe(row.way)));
}

// A person who types the command again with other credentials or another sender wants it tried again.
void WelcomeJob::end_pauses(const WelcomeRequest& request, bool typed_again) {
  for (const Pause& pause : environment_.store.outbox().pauses()) {
    if (!covers(pause, request.way, request.content.from.address())) continue;
    const bool ends = pause.reason == Pause::Reason::Password ? request.password_was_typed
                      : pause.reason == Pause::Reason::SenderRefused
                          ? typed_again && (request.from_was_typed || request.password_was_typed)
                          : typed_again;
    if (ends) environment_.store.outbox().end_pause(pause.id, environment_.by);
  }
}

WelcomeReport WelcomeJob::deliver(const WelcomeId& id, const WelcomeRequest& request) {
  for (int session = 1;; ++session) {
    // The row's way and not the command's: TLS never becomes weaker than the welcome asked.
    const WelcomeWay way = row_of(id, request.person).way;
    SessionReport report = run_session(environment_, settings_, way, {id}, ClaimReason::SameCommand);

    const bool touched = !report.outcomes.empty();
    if (touched && report.outcomes.front().claim == ClaimResult::Outcome::InProgress) {
      WelcomeReport other = wait_for_other(id, report.outcomes.front().claim_result, request);
      if (other.mail_result != MailResult::NotSent || other.error) return other;
      session = 0;  // its lease ran out: the welcome is ours to send
      continue;
    }
    const Delivery* problem = report.problem ? &*report.problem : nullptr;
    if (touched && report.outcomes.front().delivery) problem = &*report.outcomes.front().delivery;
    const bool way_changed = !touched && !same_way(way, row_of(id, request.person).way);
    if (way_changed && session < SessionTries && !environment_.interrupted()) continue;
    if (problem != nullptr && worth_trying_soon(*problem) && session < SessionTries &&
        !environment_.interrupted()) {
      const auto pause = settings_.retry_pause * session;
      environment_.observer.say(fmt::format("{}. Trying again in {} s ({} of {}).", describe(*problem),
                                            std::chrono::ceil<std::chrono::seconds>(pause).count(),
                                            session + 1, SessionTries));
      environment_.wait(pause);
      if (!environment_.interrupted()) continue;
    }
    return touched ? report_outcomes(report.outcomes, request) : report_untouched(id, report, request.person);
  }
}

// The welcome was not claimed in this session: it is as it was before.
WelcomeReport WelcomeJob::report_untouched(const WelcomeId& id, const SessionReport& session,
                                           const Person& person) {
  WelcomeReport report = report_row(row_of(id, person), person);
  const bool unfinished =
      report.mail_result == MailResult::Queued || report.mail_result == MailResult::Uncertain;
  if (!unfinished) return report;
  std::string why;
  if (session.password_missing) {
    why = "its password can only be typed, and there is no terminal to ask on";
    report.error = Error(ErrorCode::Configuration, "the mail was not sent: " + why,
                         "Nothing is lost: use -Credential user:@FILE, or run the command on a terminal.");
  } else if (session.pause) {
    why = describe(*session.pause);
    report.error =
        Error(code_of(*session.pause), "the mail was not sent: " + why, how_to_end(*session.pause));
  } else if (session.problem) {
    why = describe(*session.problem);
    if (report.mail_result == MailResult::Queued) note_problem(id, *session.problem);
    const bool password = session.problem->problem == SessionProblem::PasswordRefused;
    report.error =
        Error(password ? ErrorCode::Unauthenticated : ErrorCode::TryAgain, "the mail was not sent: " + why,
              password ? "The former PIN stays valid and nothing is lost: type the same command again with "
                         "the right password."
                       : "The former PIN stays valid and nothing is lost: type the same command again, or "
                         "run `dialin deliver`.");
  } else if (session.used_up_until) {
    const WelcomeWay way = row_of(id, person).way;
    why = fmt::format("the daily limit of {}:{} is used up until {}", way.server, way.port,
                      to_rfc3339(*session.used_up_until));
    report.error = Error(ErrorCode::TryAgain, "the mail was not sent: " + why,
                         "Nothing is lost: type the same command again then, or run `dialin deliver`.");
  } else {
    why = "stopped before it was sent";
    report.error = Error(ErrorCode::Interrupted, "stopped before the mail was sent",
                         "Nothing is lost: type the same command again, or run `dialin deliver`.");
  }
  report.detail = report.mail_result == MailResult::Queued
                      ? "queued: " + why
                      : fmt::format("{}; not tried again now: {}", report.detail, why);
  return report;
}

WelcomeRow WelcomeJob::row_of(const WelcomeId& id, const Person& person) const {
  auto row = environment_.store.outbox().get(id);
  if (row) return std::move(*row);
  throw Error(ErrorCode::Precondition,
              fmt::format("{} was removed while the welcome was being sent", person.sip_address.uri()),
              "If its mail has arrived, the PIN in it is not valid.");
}

// The session failed before the row was claimed; what was said belongs to the row and to the audit trail all
// the same.
void WelcomeJob::note_problem(const WelcomeId& id, const Delivery& problem) {
  ClaimResult claim =
      environment_.store.outbox().claim(id, ClaimReason::SameCommand, this_process(), settings_.lease);
  if (claim.outcome != ClaimResult::Outcome::Claimed) return;
  AttemptRecord record;
  record.id = id;
  record.claim_id = claim.claimed->claim_id;
  record.end = AttemptRecord::End::Deferred;
  record.retry_after = SessionRetryAfter;
  record.words = {problem.reply_code, problem.enhanced_code, problem.text};
  record.server = problem.server;
  record.sent_to = claim.claimed->row.content.to.address();
  environment_.store.outbox().record({record}, environment_.by);
}

WelcomeReport WelcomeJob::wait_for_other(const WelcomeId& id, const ClaimResult& claim,
                                         const WelcomeRequest& request) {
  environment_.observer.say(
      fmt::format("Process {} on {} has been sending this welcome since {}: waiting for it.",
                  claim.owner.process_id, claim.owner.host, to_rfc3339(claim.claimed_at)));
  while (!environment_.interrupted()) {
    environment_.wait(OtherPollInterval);
    const WelcomeRow row = row_of(id, request.person);
    if (row.state != WelcomeState::Sending) return report_row(row, request.person);
    const bool run_out = (row.claim_until && *row.claim_until <= environment_.clock.now()) ||
                         (row.claim_owner && no_longer_exists(*row.claim_owner));
    if (run_out) return {.person = request.person, .mail_result = MailResult::NotSent};
  }
  WelcomeReport report{.person = request.person, .id = id, .mail_result = MailResult::Queued};
  report.error = Error(ErrorCode::Interrupted, "stopped while another process was sending the welcome",
                       "Nothing is lost: type the same command again to see what became of it.");
  return report;
}

}  // namespace dialin
