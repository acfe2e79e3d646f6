// SPDX-License-Identifier: Apache-2.0
// kill -9 at every checkpoint of a run with copies, and at random instants of longer ones; then the same
// command again, or `run resume`: nobody is left out, nobody gets two PINs, and what comes twice is the same
// mail and within the bound (doc/delivery.md).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <random>
#include <set>

#include "checkpoint_list.h"
#include "run_view.h"
#include "store_case.h"
#include "support/free_port.h"
#include "support/mail_servers.h"

namespace dialin::test {
namespace {

enum class Variant {
  TypedAgain,  // copies are masked
  Resumed      // by `dialin run resume`; copies show the PIN
};

const char* name_of(Variant variant) {
  return variant == Variant::TypedAgain ? "TypedAgain" : "Resumed";
}

class KilledRun : public testing::TestWithParam<StoreCase<Variant>> {
 protected:
  bool resumes() const { return GetParam().variant == Variant::Resumed; }

  DialinProgram::Arguments command_for(const std::string& run, const std::vector<std::string>& people) const {
    DialinProgram::Arguments more = {"-Cc", fmt::format("boss-{}@contoso.com", run)};
    if (resumes()) more.emplace_back("-UnmaskedCopies");
    return run_command(program_, run, people, receiver_.port(), more);
  }

  // A run that was not ready yet was never begun: there is nothing to resume.
  Completed go_on(const std::string& run, const DialinProgram::Arguments& command) const {
    if (resumes()) {
      const Completed resumed = program_.run(resume_command(run));
      if (resumed.exit_code == 0) return resumed;
    }
    return program_.run(command);
  }

  // One copy for each person, each with a Message-ID of its own. Returns how many came a second time.
  std::size_t expect_copies(const std::string& run, const std::vector<std::string>& people,
                            const std::vector<KeptMail>& mails) const {
    const auto sorted = by_recipient(mails);
    std::set<std::string> pins;
    for (const std::string& person : people) pins.insert(sorted.at(person + "@contoso.com").front().pin());
    std::map<std::string, std::size_t> copies;
    std::set<std::string> pins_shown;
    for (const KeptMail& copy : sorted.at(fmt::format("boss-{}@contoso.com", run))) {
      ++copies[copy.message_id()];
      const std::string text = copy.text();
      for (const std::string& pin : pins) {
        if (text.find("\n" + pin + "\n") != std::string::npos) pins_shown.insert(pin);
      }
    }
    EXPECT_EQ(copies.size(), people.size());
    EXPECT_EQ(pins_shown.size(), resumes() ? pins.size() : 0U);
    std::size_t repeats = 0;
    for (const auto& [id, count] : copies) {
      EXPECT_LE(count, 2U);
      repeats += count - 1;
    }
    return repeats;
  }

  DialinProgram program_{GetParam().store};
  MailReceiver receiver_;
};

TEST_P(KilledRun, AtEveryCheckpointAndGoneOnWith) {
  constexpr std::size_t runs_at_most = 120;
  constexpr std::size_t people_a_run = 5;
  const std::vector<std::string> everybody = numbered("p", runs_at_most * people_a_run);
  program_.import_people(everybody);
  std::size_t repeats = 0, repeated_copies = 0, kills = 0;
  for (; kills < runs_at_most; ++kills) {
    SCOPED_TRACE(fmt::format("killed at checkpoint {}", kills + 1));
    const auto first = everybody.begin() + static_cast<long>(kills * people_a_run);
    const std::vector<std::string> people(first, first + people_a_run);
    const std::string run = fmt::format("run{}", kills + 1);
    const DialinProgram::Arguments command = command_for(run, people);
    const Completed died = program_.run(command, {}, kill_at(kills + 1));
    if (died.exit_code == 0) break;  // a run has no more checkpoints
    ASSERT_EQ(died.exit_code, killed) << died.error;
    const Completed again = go_on(run, command);
    ASSERT_EQ(again.exit_code, 0) << again.error;
    EXPECT_EQ(object_of(again).at("State"), "finished");
    const std::vector<KeptMail> mails = receiver_.mails();
    repeats += expect_welcomed(program_, people, mails, 1);
    repeated_copies += expect_copies(run, people, mails);
    expect_finished(program_, run, people);
    if (HasFailure()) return;
  }
  // Before the session, in it, and after it.
  EXPECT_GT(kills, 40U);
  EXPECT_LT(kills, runs_at_most);
  // This test saw both.
  EXPECT_GT(repeats, 0U);
  EXPECT_GT(repeated_copies, 0U);
  RecordProperty("kills", static_cast<int>(kills));
  RecordProperty("repeats", static_cast<int>(repeats));
  RecordProperty("repeated_copies", static_cast<int>(repeated_copies));
  // Nothing is left to be done.
  EXPECT_EQ(program_.run({"deliver"}).exit_code, 0);
  EXPECT_EQ(program_.outbox("Queued") + program_.outbox("Sending"), 0U);
}

INSTANTIATE_TEST_SUITE_P(System, KilledRun, on_both_stores(Variant::TypedAgain, Variant::Resumed),
                         name_of_case<Variant>);

// Series of 200 people, killed several times each.
class KilledAtRandom : public testing::TestWithParam<StoreKind> {
 protected:
  static constexpr std::size_t people_a_series = 200;
  static constexpr std::size_t kills_a_series = 3;

  // `port`: where the run sends; everything arrives at receiver_ in the end.
  // `accepted` counts what the run's own server has taken so far.
  std::size_t series(const std::string& name, std::uint16_t port, std::minstd_rand& random,
                     const std::function<std::size_t()>& accepted) {
    const std::vector<std::string> people = numbered(name, people_a_series);
    program_.import_people(people);
    const std::size_t before = receiver_.mail_count();
    const DialinProgram::Arguments command = run_command(program_, name, people, port);
    std::size_t happened = 0;
    for (std::size_t kill = 0; kill < kills_a_series; ++kill) {
      // Counted from where the last one was killed, so that each kill meets a run that is at work.
      const std::size_t mails = accepted() + random() % 50;
      const auto process = program_.start(kill == 1 ? resume_command(name) : command);
      EXPECT_TRUE(eventually([&] { return accepted() >= mails || !process->running(); }));
      if (process->kill().exit_code == killed) ++happened;
    }
    EXPECT_GT(happened, 0U);
    const Completed again = program_.run(command);
    EXPECT_EQ(again.exit_code, 0) << again.error;
    EXPECT_TRUE(eventually([&] {
      const auto sorted = by_recipient(receiver_.mails());
      return std::all_of(people.begin(), people.end(),
                         [&](const auto& person) { return sorted.contains(person + "@contoso.com"); });
    }));
    const std::size_t repeats = expect_welcomed(program_, people, receiver_.mails());
    EXPECT_LE(repeats, happened * most_repeats_of_a_kill);
    EXPECT_LE(receiver_.mail_count() - before, people_a_series + repeats);
    expect_finished(program_, name, people);
    return repeats;
  }

  DialinProgram program_{GetParam()};
  MailReceiver receiver_;
};

TEST_P(KilledAtRandom, SeriesOfTwoHundred) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  std::minstd_rand random(seed);
  PostfixServer postfix({.relay_port = receiver_.port(), .tls = false});
  // It relays later than it accepts.
  const auto by_postfix = [&] {
    const std::string log = postfix.log();
    std::size_t count = 0;
    for (std::size_t at = 0; (at = log.find("message-id=", at)) != std::string::npos; ++at) ++count;
    return count;
  };
  std::size_t repeats = 0;
  for (int number = 1; number <= 5 && !HasFailure(); ++number) {
    SCOPED_TRACE(fmt::format("series {}", number));
    const std::size_t more = number == 5
                                 ? series(fmt::format("s{}-", number), postfix.port(), random, by_postfix)
                                 : series(fmt::format("s{}-", number), receiver_.port(), random,
                                          [&] { return receiver_.mail_count(); });
    std::cout << fmt::format("series {}: {} repeats, at most {}\n", number, more,
                             kills_a_series * most_repeats_of_a_kill);
    repeats += more;
  }
  RecordProperty("repeats", static_cast<int>(repeats));
}

INSTANTIATE_TEST_SUITE_P(System, KilledAtRandom, testing::Values(StoreKind::Sqlite, StoreKind::Postgresql),
                         [](const auto& info) { return std::string(to_text(info.param)); });

}  // namespace
}  // namespace dialin::test
