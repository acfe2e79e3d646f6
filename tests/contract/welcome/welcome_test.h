// SPDX-License-Identifier: Apache-2.0
// What the tests of the main job stand on: a real store, a scripted mail server, and commands as processes of
// their own, which can be killed at any instant.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "contract/store/store_test.h"
#include "support/fake_mail_transport.h"
#include "support/fault_injecting_store.h"
#include "welcome/deliver_due.h"
#include "welcome/set_pin.h"
#include "welcome/welcome_job.h"

namespace dialin::test {

// The wall time of the store that is tested, and steady time that goes on only when a test lets it.
class WelcomeClock final : public Clock {
 public:
  WelcomeClock(bool real_wall, const FakeClock& fake) : real_wall_(real_wall), fake_(fake) {}
  Timestamp now() const override { return real_wall_ ? system_.now() : fake_.now(); }
  SteadyTime steady_now() const override { return fake_.steady_now(); }

 private:
  bool real_wall_;
  const FakeClock& fake_;
  SystemClock system_;
};

// Kills the process at a checkpoint: the n-th one that it reaches, or one by name.
class KillingCheckpoints final : public Checkpoints {
 public:
  explicit KillingCheckpoints(FaultPlan*& plan) : plan_(plan) {}
  void reach(std::string_view name) override;

  int at_count = 0;     // 0: never
  std::string at_name;  // empty: none
  std::vector<std::string> reached;
  std::function<void(std::string_view)> also;

 private:
  FaultPlan*& plan_;
};

class WelcomeTest : public StoreTest {
 protected:
  WelcomeTest();

  // One command on its own connection to the store. Killed, it does nothing any more, and its claim is that
  // of a process that no longer exists.
  class Process final : public WelcomeObserver {
   public:
    explicit Process(WelcomeTest& test);
    ~Process() override;

    WelcomeReport run(WelcomeRequest request);  // and prints, and notes that it was reported
    WelcomeReport run_unreported(WelcomeRequest request);
    DueReport deliver();
    PinSet set_pin(const Person& person, const Pin* wanted);
    // Ends like a process that ended or was killed: what it had claimed belongs to nobody living.
    void end();

    void say(const std::string& sentence) override { said.push_back(sentence); }
    void trace(const std::string& line) override { traced.push_back(line); }
    bool wants_trace() const override { return true; }

    std::string all_said() const;

    FaultPlan* plan = nullptr;
    KillingCheckpoints checkpoints;
    std::unique_ptr<FaultInjectingStore> store;
    std::vector<std::string> said;
    std::vector<std::string> traced;
    bool interrupted = false;
    bool time_passes = true;                                 // while this one waits
    std::function<void(std::chrono::milliseconds)> waiting;  // besides letting the time pass
    Operator by;
    WelcomeEnvironment environment;

   private:
    WelcomeTest& test_;
  };

  Person person(const std::string& name, const std::string& line = {});
  Person again(const Person& person) { return people().get(person.id).value(); }
  WelcomeRequest request(const Person& person) const;
  // With the hash that the command computes for it.
  static void rehash(WelcomeRequest& request);
  // The whole command in a process of its own.
  WelcomeReport welcome(const Person& person, const std::function<void(WelcomeRequest&)>& adjust = nullptr);
  DueReport deliver();
  void set_pin_to(const Person& person, const std::string& digits);
  void set_lock(const Person& person) { pins().lock(person.id, "lost telephone", marco_); }

  // The PIN in a mail; empty in a masked copy.
  static std::string pin_in(const ArrivedMail& mail);
  static std::string message_id_in(const ArrivedMail& mail);
  const ArrivedMail& last_mail() const { return server_.arrived.back(); }
  std::vector<ArrivedMail> mails_to(const std::string& address) const;
  bool is_valid(const Person& person, const std::string& digits);
  bool has_pin(const Person& person) { return pins().pin_of(person.id).verifier.has_value(); }
  WelcomeRow latest(const Person& person) { return outbox().latest_of(person.id).value(); }
  // Every text that the tables hold, and every audit line.
  std::string everything_in_the_store();

  WelcomeClock welcome_clock_;
  FakeMailTransport server_;
  WelcomeSettings settings_;
  std::string password_ = "correct horse";  // what comes from the password's source; empty: cannot be had

 private:
  friend class Process;
  void make_claims_gone(const ProcessIdentity& owner);
  int processes_made_ = 0;
};

}  // namespace dialin::test
