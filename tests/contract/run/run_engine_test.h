// SPDX-License-Identifier: Apache-2.0
// What the tests of the engine of runs stand on: a run that is checked and staged from the text of a CSV
// file, and workers, each with a store of its own, that work it off against a scripted mail server.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "contract/welcome/welcome_test.h"
#include "run/run_check.h"
#include "run/run_report.h"
#include "run/run_work.h"

namespace dialin::test {

// Time goes on by itself, because the threads of a pipeline wait for it, and a test can let more of it pass.
class RunClock final : public Clock {
 public:
  RunClock(bool real_wall, const FakeClock& fake) : real_wall_(real_wall), fake_(fake) {}
  Timestamp now() const override {
    return real_wall_ ? system_.now()
                      : fake_.now() + std::chrono::duration_cast<std::chrono::microseconds>(elapsed());
  }
  SteadyTime steady_now() const override { return fake_.steady_now() + elapsed(); }

 private:
  std::chrono::steady_clock::duration elapsed() const { return std::chrono::steady_clock::now() - began_; }

  const bool real_wall_;
  const FakeClock& fake_;
  SystemClock system_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

class RunEngineTest : public WelcomeTest {
 protected:
  RunEngineTest();

  // A process that works on runs.
  class Worker final : public WelcomeObserver {
   public:
    explicit Worker(RunEngineTest& test);
    Worker(RunEngineTest& test, FakeMailTransport& transport);

    RunOutcome work(const RunId& run, RunPatience patience = RunPatience::UntilDone);
    void resume(const RunId& run);

    void say(const std::string& sentence) override { said.push_back(sentence); }
    void trace(const std::string&) override {}
    bool wants_trace() const override { return false; }

    Checkpoints checkpoints;
    std::unique_ptr<FaultInjectingStore> store;
    std::vector<std::string> said;
    std::vector<RunProgress> seen;
    std::atomic<bool> interrupted = false;
    std::function<void()> waiting;                    // each time that it waits
    std::function<void(const RunProgress&)> watched;  // besides keeping it in `seen`
    Operator by;
    WelcomeEnvironment environment;

   private:
    RunEngineTest& test_;
  };

  RunStore& runs() { return store().runs(); }

  // person00@contoso.com and so on, and the file that names them.
  void add_people(int count);
  static std::string name(int number);
  std::string everybody() const;
  const Person& one(int number) const { return added_.at(static_cast<std::size_t>(number)); }
  // Checked, staged and ready. `adjust` changes what the command would have planned.
  RunId staged(const std::string& csv, RunCheckOptions options = {});
  RunId staged() { return staged(everybody()); }
  // Worked off by a process of its own.
  RunOutcome work(const RunId& run, RunPatience patience = RunPatience::UntilDone);
  void resume(const RunId& run);

  // The report, by line; the person on line `number` of everybody() is one(number).
  std::map<std::int64_t, RunReportLine> report(const RunId& run);
  RunReportLine report_of(const RunId& run, int number);
  // How many lines have each MailResult.
  std::map<std::string, int> results(const RunId& run);
  // A recipient got more than one mail, or two different PINs.
  std::set<std::string> twice() const;
  // Everybody who got a mail has the PIN in it, nobody else has one.
  void expect_pins_as_mailed();

  // Nobody answers: connections are refused while `away`.
  void server_may_be_away();

  RunClock run_clock_;
  std::atomic<bool> away_ = false;
  std::function<void(PlannedWelcome&, const Person&)> planned_;
  RunSummary summary_;

 private:
  friend class Worker;
  std::vector<Person> added_;
  int runs_made_ = 0;
};

}  // namespace dialin::test
