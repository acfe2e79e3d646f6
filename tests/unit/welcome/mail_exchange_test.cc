// SPDX-License-Identifier: Apache-2.0
// The queues between the threads of a pipeline, each side played by the test.
#include "welcome/mail_exchange.h"

#include <gmock/gmock.h>

#include <atomic>
#include <set>
#include <thread>

#include "unit/welcome/workplace.h"

namespace dialin::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Supply = MessageStream::Supply;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::size_t Group = 4;
constexpr milliseconds Never{1000 * 60 * 60};

class MailExchangeTest : public Workplace {
 protected:
  MailExchange& exchange(std::size_t most_unrecorded = 100) {
    exchange_.emplace(environment_, gate_, leases_, most_unrecorded);
    exchange_->set_wake([this] { ++wakes_; });
    return *exchange_;
  }
  void put(const std::string& id, const char* pin = "73519") {
    exchange_->put(std::make_unique<RowInFlight>(RowInFlight{claimed(id, pin), {}, {}}));
  }
  static void make_message(RowInFlight& row) {
    row.message = OutgoingMessage{.id = row.claimed.row.id,
                                  .envelope_sender = "m@contoso.com",
                                  .recipient = row.claimed.row.content.to,
                                  .content = std::make_shared<const Secret>("a mail")};
  }
  void prepare_one() {
    auto row = exchange_->take_unprepared();
    make_message(*row);
    exchange_->prepared(std::move(row));
  }
  void ready(const std::vector<std::string>& ids) {
    for (const std::string& id : ids) put(id);
    for (std::size_t i = 0; i < ids.size(); ++i) prepare_one();
  }
  // What the session is given; empty if nothing.
  std::string taken() {
    auto next = exchange_->next();
    return next.message ? next.message->id : std::string();
  }
  void finish(const std::string& id) { exchange_->finished(id, accepted().delivery); }
  std::vector<std::string> ends(bool all = true) {
    std::vector<std::string> ids;
    for (const EndOfRow& end : exchange_->take_ends(Group, Never, all))
      ids.push_back(end.row->claimed.row.id);
    return ids;
  }
  // Whether wait() comes back by itself, long before the time that it was given.
  bool comes_back() {
    const auto begin = std::chrono::steady_clock::now();
    exchange_->wait(begin + seconds(20), Group, Never);
    return std::chrono::steady_clock::now() - begin < seconds(15);
  }

  LeaseKeeper leases_{environment_.open_store, clock_, seconds(60)};
  RelayGate gate_{environment_, settings_, way(), 2, RelayGate::Holds::UntilDone, leases_};
  std::atomic<int> wakes_ = 0;
  std::optional<MailExchange> exchange_;
};

TEST_F(MailExchangeTest, ARowGoesFromTheStoreThroughPreparationAndSessionAndBack) {
  exchange();
  EXPECT_FALSE(exchange_->session_is_ready());
  EXPECT_EQ(exchange_->next().supply, Supply::NotNow);
  EXPECT_TRUE(exchange_->session_is_ready());
  put("bob");
  EXPECT_EQ(exchange_->in_flight(), 1u);
  EXPECT_EQ(exchange_->unsent(), 1u);
  EXPECT_EQ(exchange_->next().supply, Supply::NotNow);  // not prepared
  prepare_one();
  EXPECT_EQ(wakes_, 1);
  EXPECT_EQ(taken(), "bob");
  EXPECT_EQ(exchange_->unsent(), 0u);
  EXPECT_EQ(exchange_->in_flight(), 1u);
  finish("bob");
  const auto end = exchange_->take_ends(Group, Never, true);
  ASSERT_EQ(end.size(), 1u);
  EXPECT_EQ(end[0].delivery->result, DeliveryResult::Accepted);
  EXPECT_FALSE(end[0].error);
  EXPECT_EQ(exchange_->in_flight(), 0u);
}

TEST_F(MailExchangeTest, TheEndComesAfterTheLastRow) {
  exchange();
  put("bob");
  exchange_->no_more();
  auto row = exchange_->take_unprepared();
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(exchange_->take_unprepared(), nullptr);     // a preparing thread ends
  EXPECT_EQ(exchange_->next().supply, Supply::NotNow);  // one is being prepared
  make_message(*row);
  exchange_->prepared(std::move(row));
  EXPECT_EQ(taken(), "bob");
  EXPECT_EQ(exchange_->next().supply, Supply::Ended);
}

TEST_F(MailExchangeTest, StoppingGivesBackWhatNoSessionHas) {
  exchange();
  ready({"sent", "ready"});
  EXPECT_EQ(taken(), "sent");
  put("hashed");
  auto row = exchange_->take_unprepared();
  put("unprepared");
  exchange_->stop();
  EXPECT_EQ(exchange_->next().supply, Supply::Ended);
  EXPECT_EQ(exchange_->take_unprepared(), nullptr);
  EXPECT_THAT(ends(), testing::UnorderedElementsAre("ready", "unprepared"));
  make_message(*row);
  exchange_->prepared(std::move(row));
  EXPECT_THAT(ends(), ElementsAre("hashed"));
  // What a session has keeps its answer.
  finish("sent");
  const auto last = exchange_->take_ends(Group, Never, true);
  ASSERT_EQ(last.size(), 1u);
  EXPECT_TRUE(last[0].delivery);
  EXPECT_EQ(exchange_->in_flight(), 0u);
}

TEST_F(MailExchangeTest, AMailThatCannotBeMadeIsAnEndOfItsOwn) {
  exchange();
  put("bob");
  exchange_->failed(exchange_->take_unprepared(), Error(ErrorCode::Internal, "no template"));
  const auto end = exchange_->take_ends(Group, Never, false);  // nothing else is in flight
  ASSERT_EQ(end.size(), 1u);
  EXPECT_STREQ(end[0].error->what(), "no template");
  EXPECT_FALSE(end[0].delivery);
}

// Invariant 2: what a kill leaves in doubt.
TEST_F(MailExchangeTest, NothingIsHandedOutWhileTooMuchIsUnrecorded) {
  exchange(2);
  ready({"a", "b", "c"});
  EXPECT_EQ(taken(), "a");
  EXPECT_EQ(taken(), "b");
  EXPECT_EQ(taken(), "");
  finish("a");
  EXPECT_EQ(taken(), "");
  EXPECT_THAT(ends(), ElementsAre("a"));
  EXPECT_EQ(taken(), "");  // being recorded
  const int before = wakes_;
  exchange_->recorded();
  EXPECT_EQ(wakes_, before + 1);
  EXPECT_EQ(taken(), "c");
}

TEST_F(MailExchangeTest, EndsAreTakenInGroups) {
  exchange();
  ready({"a", "b", "c", "d", "e"});
  for (const char* id : {"a", "b", "c"}) {
    EXPECT_EQ(taken(), id);
    finish(id);
  }
  EXPECT_THAT(ends(false), IsEmpty());
  EXPECT_EQ(taken(), "d");
  finish("d");
  EXPECT_THAT(ends(false), ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(taken(), "e");
  finish("e");
  EXPECT_THAT(ends(false), ElementsAre("e"));  // the last one: nothing follows that it could wait for
}

TEST_F(MailExchangeTest, AnEndThatIsOldEnoughWaitsForNoGroup) {
  exchange();
  ready({"a", "b"});
  EXPECT_EQ(taken(), "a");
  finish("a");
  EXPECT_THAT(ends(false), IsEmpty());
  EXPECT_EQ(exchange_->take_ends(Group, milliseconds(0), false).size(), 1u);
}

TEST_F(MailExchangeTest, NoMoreAreTakenTogetherThanOneTransactionIsMadeFor) {
  exchange();
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < MailExchange::MostTogether + 1; ++i) ids.push_back("p" + std::to_string(i));
  ready(ids);
  for (const std::string& id : ids) {
    EXPECT_EQ(taken(), id);
    finish(id);
  }
  EXPECT_EQ(ends().size(), MailExchange::MostTogether);
  EXPECT_EQ(ends().size(), 1u);
}

TEST_F(MailExchangeTest, TheStoresThreadIsWokenByWhateverConcernsIt) {
  exchange();
  {
    std::thread session([&] { exchange_->next(); });
    EXPECT_TRUE(comes_back()) << "a session became ready";
    session.join();
  }
  ready({"a", "b"});
  EXPECT_EQ(taken(), "a");
  {
    std::thread session([&] { finish("a"); });
    session.join();
    // One end of two rows is no group, and not old: nothing to do until the time that was given.
    const auto until = std::chrono::steady_clock::now() + milliseconds(1);
    exchange_->wait(until, Group, Never);
    EXPECT_GE(std::chrono::steady_clock::now(), until);
  }
  {
    EXPECT_EQ(taken(), "b");
    std::thread session([&] { finish("b"); });
    EXPECT_TRUE(comes_back()) << "nothing is in flight any more";
    session.join();
  }
  ends();
  {
    std::thread session([&] { exchange_->connections_open(1); });
    EXPECT_TRUE(comes_back()) << "a connection was opened";
    session.join();
  }
  {
    std::thread session([&] { exchange_->session_problem(no_session(SessionProblem::TooBusy)); });
    EXPECT_TRUE(comes_back()) << "a session had a problem";
    session.join();
  }
  {
    std::thread session([&] { exchange_->submit_ended(); });
    EXPECT_TRUE(comes_back()) << "submit() came back";
    session.join();
  }
}

TEST_F(MailExchangeTest, ARefusedPermitIsTheStoresBusiness) {
  store_.relays().present.emplace().limit.messages = 60;
  RelayGate paced(environment_, settings_, way(), 2, RelayGate::Holds::UntilDone, leases_);
  exchange_.emplace(environment_, paced, leases_, 100);
  ready({"a"});
  EXPECT_EQ(taken(), "");
  EXPECT_TRUE(comes_back());
  store_.relays().permits.after = {std::chrono::microseconds(0)};
  paced.refresh(exchange_->unsent());
  EXPECT_EQ(taken(), "a");
}

TEST_F(MailExchangeTest, NobodyIsWokenAfterSubmitCameBack) {
  exchange();
  exchange_->submit_ended();
  exchange_->no_more();
  EXPECT_EQ(wakes_, 0);
}

TEST_F(MailExchangeTest, AMessageThatWasNotGivenIsABug) {
  exchange();
  ready({"a"});
  EXPECT_THROW(finish("a"), Error);
  EXPECT_EQ(taken(), "a");
  finish("a");
  EXPECT_THROW(finish("a"), Error);
}

TEST_F(MailExchangeTest, ContentGoesOnlyUnderALeaseThatLasts) {
  exchange();
  EXPECT_FALSE(exchange_->may_write("a"));
  leases_.hold("a", "claim", clock_.steady_now());
  EXPECT_TRUE(exchange_->may_write("a"));
  clock_.advance(seconds(40));
  EXPECT_FALSE(exchange_->may_write("a"));
}

TEST_F(MailExchangeTest, PinsInFlightAreTakenOutOfWhatTheServerSays) {
  observer_.verbose = true;
  exchange();
  put("a", "73519");
  put("b", "82604");
  const ProtocolTrace trace = exchange_->trace();
  trace("S: 550 spam: your PIN is 73519 or 82604");
  const auto lines = exchange_->take_trace();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0], HasSubstr("spam"));
  EXPECT_THAT(lines[0], Not(HasSubstr("73519")));
  EXPECT_THAT(lines[0], Not(HasSubstr("82604")));
  EXPECT_THAT(exchange_->take_trace(), IsEmpty());
  // Digits of a row that has ended are digits again.
  prepare_one();
  EXPECT_EQ(taken(), "a");
  finish("a");
  EXPECT_THAT(ends(), ElementsAre("a"));
  EXPECT_EQ(exchange_->blot("73519"), "73519");
  EXPECT_THAT(exchange_->blot("82604"), Not(HasSubstr("82604")));
}

TEST_F(MailExchangeTest, NothingIsTracedThatNobodyReads) {
  EXPECT_EQ(exchange().trace(), nullptr);
}

TEST_F(MailExchangeTest, ProblemsOfSessionsAreTakenOnce) {
  exchange();
  exchange_->session_problem(no_session(SessionProblem::TooBusy));
  exchange_->session_problem(no_session(SessionProblem::Unreachable));
  EXPECT_EQ(exchange_->take_problems().size(), 2u);
  EXPECT_THAT(exchange_->take_problems(), IsEmpty());
}

TEST_F(MailExchangeTest, ManyThreadsLoseNoRowAndGiveNoneTwice) {
  constexpr std::size_t Rows = 400;
  exchange(40);
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (auto row = exchange_->take_unprepared()) {
        // Every seventh cannot be made.
        if (std::stoi(row->claimed.row.id) % 7 == 0) {
          exchange_->failed(std::move(row), Error(ErrorCode::Internal, "no"));
          continue;
        }
        make_message(*row);
        exchange_->prepared(std::move(row));
      }
    });
  }
  threads.emplace_back([&] {
    for (;;) {
      const auto next = exchange_->next();
      if (next.supply == Supply::Ended) break;
      if (next.message)
        finish(next.message->id);
      else
        std::this_thread::yield();
    }
    exchange_->submit_ended();
  });
  std::multiset<std::string> ended;
  const auto take = [&](bool all) {
    const auto group = exchange_->take_ends(Group, Never, all);
    for (const EndOfRow& end : group) ended.insert(end.row->claimed.row.id);
    exchange_->recorded();
    return !group.empty();
  };
  for (std::size_t i = 0; i < Rows; ++i) {
    put(std::to_string(i));
    take(false);
  }
  exchange_->no_more();
  while (exchange_->in_flight() > 0) {
    exchange_->wait(std::chrono::steady_clock::now() + milliseconds(5), Group, Never);
    take(true);
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ended.size(), Rows);
  EXPECT_EQ(std::set<std::string>(ended.begin(), ended.end()).size(), Rows);
}

}  // namespace
}  // namespace dialin::test
