// SPDX-License-Identifier: Apache-2.0
// The main job, for one person: issue -> deliver -> activate (doc/delivery.md).
//
// A request finds one of four situations and does what "Typed again" says of it: a finished welcome of the
// same command that was never shown; an unfinished one, to be gone on with; a PIN that is set already; or
// none of these, and then a PIN is chosen, the welcome written into the outbox and sent.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "welcome/choose_pin.h"
#include "welcome/outbox_session.h"
#include "welcome/welcome_settings.h"

namespace dialin {

enum class PinResult { Set, Replaced, AlreadySet, Kept };
enum class MailResult { Sent, Queued, Failed, Uncertain, NotSent };
const char* to_text(PinResult result);
const char* to_text(MailResult result);

struct WelcomeRequest {
  Person person;
  std::optional<Pin> pin;                    // -Pin
  bool force = false;                        // -Force: replaces an existing PIN
  HistoryRule history = HistoryRule::Binds;  // -IgnoreHistory
  WelcomeContent content;
  std::string template_text;  // serialize(TemplateSource) of content.template_hash
  WelcomeWay way;
  std::string command_hash;         // of the content as it was typed
  std::string audit_note;           // what the operator confirmed: addresses outside of the allowed domains
  bool password_was_typed = false;  // -Credential asked for it: ends the pause of a refused password
  bool from_was_typed = false;      // -From stands on the command line: ends the pause of a refused sender
};

struct WelcomeReport {
  Person person;
  WelcomeId id;  // of the outbox row; empty if there is none
  PinResult pin_result = PinResult::Kept;
  MailResult mail_result = MailResult::NotSent;
  std::optional<Mailbox> sent_to;
  std::string message_id;
  std::string detail;          // one or more sentences
  std::optional<Pin> pin;      // of a mail that was accepted just now
  std::optional<Error> error;  // what went wrong and what to do; decides the exit code. None: 0
};

class WelcomeJob {
 public:
  // Both outlive the job.
  WelcomeJob(const WelcomeEnvironment& environment, const WelcomeSettings& settings)
      : environment_(environment), settings_(settings) {}

  // Refusals by a rule (locked, disabled, PIN not allowed) and a store that cannot be asked are thrown; what
  // became of a mail is reported. The caller prints the report and then calls reported(), which throws no
  // Error.
  WelcomeReport run(WelcomeRequest request);
  void reported(const WelcomeReport& report);

 private:
  std::optional<WelcomeReport> not_shown_before(const WelcomeRequest& request);
  WelcomeReport go_on_with(const WelcomeRow& row, WelcomeRequest& request);
  void change_content(const WelcomeRow& row, const WelcomeRequest& request);
  void change_way(const WelcomeRow& row, const WelcomeRequest& request);
  void end_pauses(const WelcomeRequest& request, bool typed_again);
  WelcomeReport deliver(const WelcomeId& id, const WelcomeRequest& request);
  WelcomeReport report_untouched(const WelcomeId& id, const SessionReport& session, const Person& person);
  WelcomeRow row_of(const WelcomeId& id, const Person& person) const;
  WelcomeReport wait_for_other(const WelcomeId& id, const ClaimResult& claim, const WelcomeRequest& request);
  WelcomeReport report_row(const WelcomeRow& row, const Person& person) const;
  WelcomeReport report_outcomes(std::vector<RowOutcome>& outcomes, const WelcomeRequest& request);
  void note_problem(const WelcomeId& id, const Delivery& problem);

  const WelcomeEnvironment& environment_;
  const WelcomeSettings& settings_;
};

}  // namespace dialin
