// SPDX-License-Identifier: Apache-2.0
// The port to runs. Rules and errors as in store/store.h; checkpoints before-commit-NAME and
// after-commit-NAME with NAME one of stage, input-hash, ready, discard, run-issue, settle, run-pause,
// run-resume, run-retry, run-cancel, run-finish, run-way, run-sender.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/operator.h"
#include "base/process_identity.h"
#include "store/run_records.h"

namespace dialin {

class RunStore {
 public:
  virtual ~RunStore() = default;

  // ---- Staging ----
  // A run in state Staging that belongs to `stager`. Error(AlreadyExists) if a run has the name.
  virtual RunId begin(const NewRun& run, const ProcessIdentity& stager, const Operator& by) = 0;
  // The plan's number in the run; the same plan again has the same number. Keeps the template's text.
  virtual int add_plan(const RunId& run, const RunPlan& plan) = 0;
  struct Duplicate {
    std::int64_t line = 0;
    std::int64_t earlier_line = 0;
  };
  // At most 1,000 rows a call. A row whose person stands in the run already is staged as Invalid, without its
  // PIN, and named; one whose person was removed since it was made, as NotSent.
  virtual std::vector<Duplicate> stage(const RunId& run, const std::vector<StagedRow>& rows) = 0;
  // Of a run being staged whose input could be hashed only when it had been read to its end.
  virtual void set_input_hash(const RunId& run, const std::string& input_hash) = 0;
  // Staging -> Ready, with an audit line that holds the counts and `note`. Error(Precondition) if it is not
  // being staged.
  virtual void make_ready(const RunId& run, const std::string& note, const Operator& by) = 0;
  // Erases a run that was never made ready, with its seals.
  virtual void discard(const RunId& run) = 0;
  // Discards the stagings whose process is gone; whose host is another one after a day. Returns how many.
  virtual std::size_t sweep_abandoned() = 0;

  // ---- Looking ----
  virtual std::optional<RunRecord> get(const RunId& run) = 0;
  virtual std::optional<RunRecord> find(const std::string& name) = 0;  // without case
  // The newest of this input that was ever ready.
  virtual std::optional<RunRecord> latest_of_input(const std::string& input_hash) = 0;
  virtual std::vector<RunRecord> list() = 0;   // newest first; Staging ones too
  virtual std::vector<RunRecord> ready() = 0;  // Ready and not paused, oldest first
  virtual RunCounts counts(const RunId& run) = 0;
  virtual std::vector<RunPlan> plans(const RunId& run) = 0;  // by number, from 0
  // The ways of these plans: all of a plan that may change, for whoever asks often.
  virtual std::vector<WelcomeWay> ways(const RunId& run) = 0;
  // The numbers of the plans by which people of each site (fold_case() of its name) are or were to be
  // welcomed.
  virtual std::map<std::string, std::set<int>> plans_of_sites(const RunId& run) = 0;
  // In order of the lines.
  virtual std::vector<RunReportRow> report(const RunId& run, std::int64_t after_line, std::size_t limit) = 0;

  // ---- Working off ----
  // The next waiting rows of these plans, in order of the lines.
  virtual std::vector<WaitingRow> waiting(const RunId& run, const std::vector<int>& plans,
                                          std::int64_t after_line, std::size_t limit) = 0;
  // Issues and claims, each row under its own version check; one answer a row, in order. Made for up to 64.
  virtual std::vector<RowIssue> issue(const RunId& run, const std::vector<IssueRow>& rows,
                                      const ProcessIdentity& owner, std::chrono::seconds lease,
                                      const Operator& by) = 0;
  // Gives waiting rows their end; those that are waiting no more are left as they are.
  virtual void settle(const RunId& run, const std::vector<SettledRow>& rows, const Operator& by) = 0;
  // Rows of welcomes of this run whose way is that of one of these plans and that are due: queued ones whose
  // time has come and that are not held, and sending ones whose lease has run out; copies too; none that a
  // pause covers. In order of creation. A welcome whose way is changed to one that the run does not have
  // leaves the run's queue for Outbox::due(); its row stands for it all the same.
  virtual std::vector<WelcomeId> due(const RunId& run, const std::vector<int>& plans, std::size_t limit) = 0;
  // When the next one that is not due yet and not paused will be, or a live lease runs out; nothing: no such.
  virtual std::optional<Timestamp> next_due(const RunId& run) = 0;
  // Something of these plans is waiting, queued or being sent.
  virtual bool anything_left(const RunId& run, const std::vector<int>& plans) = 0;
  // Somebody sends welcomes of it at this moment, under a live lease.
  virtual bool worked_on(const RunId& run) = 0;

  // ---- Held rows (doc/delivery.md, scope "unclear") ----
  // Held rows of the run, all of them or of one sender's address, become failed (uncertain if they may have
  // arrived). Returns their ids.
  virtual std::vector<WelcomeId> fail_held(const RunId& run, const std::optional<std::string>& sender,
                                           const Operator& by) = 0;
  // Held rows are due again.
  virtual std::size_t release_held(const RunId& run) = 0;

  // ---- What a person decides ----
  // Its plans and unfinished welcomes that go the way `before` go the way `now` from here on; TLS never
  // becomes weaker. False, and nothing changed: somebody sends welcomes of it at this moment.
  virtual bool change_way(const RunId& run, const WelcomeWay& before, const WelcomeWay& now,
                          const Operator& by) = 0;
  // Its plans of the sender `before`, and mails of theirs that are queued and cannot have arrived, come from
  // `now` from here on. False: as above.
  virtual bool change_sender(const RunId& run, const Mailbox& before, const Mailbox& now,
                             const Operator& by) = 0;
  // A pause that stands already stays as it is: false.
  virtual bool pause(const RunId& run, const RunPause& pause, const Operator& by) = 0;
  // Ends the pause, and makes held rows and deferred ones due now. False: it was not paused.
  virtual bool resume(const RunId& run, const Operator& by) = 0;
  struct Retry {
    std::int64_t failed = 0;            // wait again, with the version of now, for a new PIN
    std::int64_t uncertain = 0;         // queued again, with their PIN and Message-ID; may_have_arrived stays
    std::vector<RunReportRow> invalid;  // for the caller to resolve again and hand to restage()
  };
  // Finished or Ready -> Ready.
  virtual Retry retry(const RunId& run, const Operator& by) = 0;
  // Replaces invalid rows by what they have become; otherwise as stage().
  virtual std::vector<Duplicate> restage(const RunId& run, const std::vector<StagedRow>& rows,
                                         const Operator& by) = 0;
  // Waiting rows become NotSent, queued and uncertain welcomes are cancelled. Rows that are being sent under
  // a live lease go on; their number is returned. Staging: discards. Queued copies are cancelled too.
  virtual std::int64_t cancel(const RunId& run, const Operator& by) = 0;
  // Ready -> Finished if nothing is waiting, queued or being sent, copies included; true if it is finished
  // now.
  virtual bool finish(const RunId& run, const Operator& by) = 0;
};

}  // namespace dialin
