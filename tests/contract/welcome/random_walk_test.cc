// SPDX-License-Identifier: Apache-2.0
// Random sequences of commands, servers, faults and kills, also in the middle of each other, held against
// what delivery.md says always holds. A failure prints the seed and what was done; the seed repeats it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "base/error.h"
#include "contract/welcome/welcome_test.h"
#include "pin/pin_verifier.h"

namespace dialin::test {
namespace {

using std::chrono::seconds;

class RandomWalk : public WelcomeTest {
 protected:
  // What the administrator knows and decided, and what lies in the mailbox.
  struct World {
    explicit World(Person person) : person(std::move(person)) {}
    Person person;
    bool force = true;  // the same command all the time
    std::map<std::string, std::string> pin_of_message;
    std::set<std::string> set_tried;  // PINs of Set-CsClientPin, also of killed ones
    std::set<std::string> in_mailbox;
    std::set<std::string> shown;  // Message-IDs of welcomes that a report called Sent, with a valid PIN
    std::string last_pin_in_mailbox;
    // Something after the last mail that allows another PIN: how it ended was shown and that was noted, or
    // somebody decided.
    bool another_pin_allowed = true;
    std::size_t mails_seen = 0;
  };

  void start(std::uint64_t seed) {
    dice_.seed(seed);
    said_.clear();
    server_.forget_script();
    server_.arrived.clear();
    server_.always([this](const OutgoingMessage&) { return random_answer(); });
    world_.emplace(person(fmt::format("bob{}", seed)));
    world_->force = !one_in(4);
  }

  std::size_t choose(std::size_t count) { return dice_() % count; }
  bool one_in(std::size_t count) { return choose(count) == 0; }
  void note(std::string what) { said_ += std::move(what) + "\n"; }

  ServerAnswer random_answer() {
    switch (choose(12)) {
      case 0:
        return reply_lost(true);
      case 1:
        return reply_lost(false);
      case 2:
        return deferred_recipient();
      case 3:
        return refused_recipient();
      case 4:
        return refused_content();
      case 5:
        return refused_sender();
      case 6:
        return connection_lost();
      default:
        return accepted();
    }
  }

  // The verifier that is valid now, to tell whether it changed.
  std::string verifier() {
    const PinRecord record = pins().pin_of(world_->person.id);
    return record.verifier ? std::string(record.verifier->reveal(ClearSecretAccess())) : std::string();
  }
  bool verifies(const std::set<std::string>& digits) {
    return std::any_of(digits.begin(), digits.end(),
                       [&](const std::string& each) { return is_valid(world_->person, each); });
  }

  void look_into_the_mailbox() {
    for (; world_->mails_seen < server_.arrived.size(); ++world_->mails_seen) {
      const ArrivedMail& mail = server_.arrived[world_->mails_seen];
      const std::string digits = pin_in(mail);
      world_->in_mailbox.insert(digits);
      world_->pin_of_message[message_id_in(mail)] = digits;
      EXPECT_FALSE(world_->shown.contains(message_id_in(mail))) << "a mail came after it was called sent";
      if (digits == world_->last_pin_in_mailbox) continue;
      EXPECT_TRUE(world_->another_pin_allowed) << "another PIN arrived and nobody had asked for one";
      world_->last_pin_in_mailbox = digits;
      world_->another_pin_allowed = false;
    }
  }

  // What holds after every step.
  void check() {
    look_into_the_mailbox();
    std::set<std::string> may_be_valid = world_->in_mailbox;
    may_be_valid.insert(world_->set_tried.begin(), world_->set_tried.end());
    if (has_pin(world_->person)) {
      EXPECT_TRUE(verifies(may_be_valid)) << "a PIN is valid that nobody got";
    }
    EXPECT_LE(
        number("SELECT COUNT(*) FROM welcomes WHERE kind = 'welcome' AND person = :p AND state IN ('queued', "
               "'sending', 'uncertain')",
               {{"p", world_->person.id}}),
        1);
    EXPECT_EQ(number("SELECT COUNT(*) FROM welcomes WHERE person = :p AND seal IS NOT NULL AND state NOT IN "
                     "('queued', 'sending', 'uncertain')",
                     {{"p", world_->person.id}}),
              0);
  }

  void decided() { world_->another_pin_allowed = true; }

  void sometimes_break(Process& process) {
    switch (choose(6)) {
      case 0:
        process.checkpoints.at_count = 1 + static_cast<int>(choose(20));
        note(fmt::format("  to be killed at checkpoint {}", process.checkpoints.at_count));
        break;
      case 1: {
        const int at = 1 + static_cast<int>(choose(14));
        const Fault fault = one_in(2) ? Fault::NotDone : Fault::AnswerLost;
        const int times = one_in(2) ? 1 : 1000;
        process.plan->fail_at(at, fault, times);
        note(fmt::format("  store: {} at call {}, {} times",
                         fault == Fault::NotDone ? "not done" : "answer lost", at, times));
        break;
      }
      default:
        break;
    }
    if (one_in(10)) server_.refuse_session(no_session(SessionProblem::Unreachable));
  }

  // Now and then something happens while a mail is being sent.
  void something_meanwhile(int depth) {
    if (depth > 0 || !one_in(3)) return;
    const auto when = one_in(2) ? &FakeMailTransport::content_written : &FakeMailTransport::taken;
    server_.*when = [this, when, depth](const OutgoingMessage&) {
      server_.*when = nullptr;  // once
      look_into_the_mailbox();
      if (one_in(2)) let_pass(seconds(61));
      note("  meanwhile:");
      act(depth + 1);
      note("  and on:");
    };
  }

  void type_welcome(int depth) {
    note(fmt::format("welcome{}", world_->force ? " -Force" : ""));
    const std::string before = verifier();
    const std::size_t decisions = decisions_;
    Process process(*this);
    sometimes_break(process);
    something_meanwhile(depth);
    bool finished = false;
    process.checkpoints.also = [&](std::string_view name) {
      if (finished && name == "after-commit-reported") decided();
    };
    try {
      WelcomeRequest typed = request(world_->person);
      typed.force = world_->force;
      typed.from_was_typed = true;
      rehash(typed);
      WelcomeJob job(process.environment, settings_);
      const WelcomeReport report = job.run(std::move(typed));
      look_into_the_mailbox();
      note(
          fmt::format("  {} {}: {}", to_text(report.pin_result), to_text(report.mail_result), report.detail));
      if (!report.error && report.mail_result == MailResult::Sent) {
        const bool replaced_since = report.detail.find("changed again since") != std::string::npos;
        EXPECT_TRUE(replaced_since || decisions != decisions_ ||
                    is_valid(world_->person, world_->pin_of_message.at(report.message_id)))
            << "called sent, and its PIN is not valid";
        world_->shown.insert(report.message_id);
      }
      if (report.mail_result != MailResult::Sent && decisions == decisions_) {
        EXPECT_EQ(verifier(), before) << "not sent, and the former PIN is not valid any more";
      }
      finished = report.mail_result != MailResult::Queued && report.mail_result != MailResult::Uncertain;
      process.checkpoints.reach("printed");
      job.reported(report);
    } catch (const Error& error) {
      note(fmt::format("  error: {}", error.what()));
    } catch (const Killed&) {
      note("  killed");
    }
    server_.content_written = server_.taken = nullptr;
  }

  void type_deliver(int depth) {
    note("deliver");
    Process process(*this);
    sometimes_break(process);
    something_meanwhile(depth);
    try {
      process.deliver();
    } catch (const Error& error) {
      note(fmt::format("  error: {}", error.what()));
    } catch (const Killed&) {
      note("  killed");
    }
    server_.content_written = server_.taken = nullptr;
  }

  void type_set() {
    const std::string digits = fmt::format("{}", 700000000 + choose(100000000));
    note(fmt::format("set {}", digits));
    Process process(*this);
    sometimes_break(process);
    world_->set_tried.insert(digits);
    try {
      const Pin wanted = pin(digits);
      process.set_pin(world_->person, &wanted);
      EXPECT_TRUE(is_valid(world_->person, digits));
      world_->in_mailbox.clear();  // what has been mailed until now must not become valid again
    } catch (const Error& error) {
      note(fmt::format("  error: {}", error.what()));
      if (error.code() == ErrorCode::TryAgain || error.code() == ErrorCode::Precondition)
        world_->set_tried.erase(digits);
    } catch (const Killed&) {
      note("  killed");
    }
    ++decisions_;
    decided();
  }

  void act(int depth) {
    let_pass(seconds(1));
    switch (choose(12)) {
      case 0:
      case 1:
        type_deliver(depth);
        break;
      case 2:
        type_set();
        break;
      case 3:
        note("lock");
        pins().lock(world_->person.id, "lost", marco_);
        ++decisions_;
        decided();
        break;
      case 4:
        note("unlock");
        pins().unlock(world_->person.id, marco_);
        break;
      case 5:
        note("cancel");
        outbox().cancel(world_->person.id, marco_);
        ++decisions_;
        decided();
        break;
      case 6:
        note("an hour passes");
        let_pass(seconds(3600));
        break;
      default:
        type_welcome(depth);
        break;
    }
  }

  // A server that takes everything, and the same command: everybody ends with the PIN of the last mail.
  void end_well() {
    note("and now all is well:");
    server_.forget_script();
    pins().unlock(world_->person.id, marco_);
    for (const Pause& pause : outbox().pauses()) outbox().end_pause(pause.id, marco_);
    for (int i = 0; i < 4; ++i) {
      const WelcomeReport report = welcome(world_->person, [](WelcomeRequest& r) { r.force = true; });
      look_into_the_mailbox();
      note(
          fmt::format("  {} {}: {}", to_text(report.pin_result), to_text(report.mail_result), report.detail));
      decided();
      if (!report.error && report.detail.find("not shown then") == std::string::npos) {
        EXPECT_EQ(report.mail_result, MailResult::Sent);
        EXPECT_TRUE(is_valid(world_->person, world_->last_pin_in_mailbox));
        return;
      }
    }
    FAIL() << "it does not end";
  }

  void walk(std::uint64_t seed) {
    start(seed);
    for (int step = 0; step < 14; ++step) {
      act(0);
      check();
      if (HasFailure()) break;
    }
    if (!HasFailure()) end_well();
    if (HasFailure()) ADD_FAILURE() << "seed " << seed << ":\n" << said_;
  }

  std::mt19937_64 dice_;
  std::optional<World> world_;
  std::size_t decisions_ = 0;
  std::string said_;
};
DIALIN_ON_BOTH_STORES(RandomWalk);

TEST_P(RandomWalk, WhatAlwaysHoldsHolds) {
  // DIALIN_SEEDS=first-last walks others.
  std::uint64_t first = 1, last = on_postgresql() ? 20 : 80;
  if (const char* seeds = std::getenv("DIALIN_SEEDS")) {
    char* dash = nullptr;
    first = std::strtoull(seeds, &dash, 10);
    last = *dash == '-' ? std::strtoull(dash + 1, nullptr, 10) : first;
  }
  for (std::uint64_t seed = first; seed <= last && !HasFailure(); ++seed) walk(seed);
}

}  // namespace
}  // namespace dialin::test
