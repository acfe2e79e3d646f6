// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/session_pool.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>
#include <utility>

namespace dialin::smtp {
namespace {

namespace net = boost::asio;
using std::chrono::seconds;
using std::chrono::steady_clock;

// At 20 ms away, sixteen connections are there after two rounds of opening instead of four.
constexpr long growth = 4;

constexpr seconds first_pause{1};
constexpr seconds longest_pause{60};

// The way from `wake`, which any thread may call at any time, to the pool, which lives on one thread until
// submit() returns.
class Waker {
 public:
  Waker(net::io_context& io, std::function<void()> work) : io_(&io), work_(std::move(work)) {}

  static std::function<void()> function_of(const std::shared_ptr<Waker>& waker) {
    return [waker] { waker->wake(waker); };
  }
  void end() {
    const std::lock_guard<std::mutex> lock(mutex_);
    io_ = nullptr;
  }

 private:
  void wake(const std::shared_ptr<Waker>& self) {
    const std::lock_guard<std::mutex> lock(mutex_);
    // One on its way is enough for everything that happens until it arrives.
    if (io_ == nullptr || std::exchange(posted_, true)) return;
    net::post(*io_, [self] { self->arrive(); });
  }
  void arrive() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      posted_ = false;
    }
    work_();
  }

  std::mutex mutex_;
  net::io_context* io_;
  bool posted_ = false;
  const std::function<void()> work_;
};

Delivery stopped(const SubmissionServer& server, const char* text) {
  Delivery delivery;
  delivery.during = "between messages";
  delivery.text = text;
  delivery.server = server.host + ":" + std::to_string(server.port);
  return delivery;
}

bool only_a_person_can_mend(SessionProblem problem) {
  switch (problem) {
    case SessionProblem::TlsNotOffered:
    case SessionProblem::CertificateRefused:
    case SessionProblem::AuthNotOffered:
    case SessionProblem::PasswordRefused:
    case SessionProblem::QuotaUsedUp:
      return true;
    case SessionProblem::None:
    case SessionProblem::Unreachable:
    case SessionProblem::TlsFailed:
    case SessionProblem::TooBusy:
    case SessionProblem::ProtocolBroken:
    case SessionProblem::LeaseLost:
      return false;
  }
  return false;
}

}  // namespace

SessionPool::SessionPool(Submission& submission, MessageStream& stream)
    : submission_(submission), stream_(stream), messages_(stream), ticker_(submission.io) {}

std::optional<Delivery> SessionPool::run() {
  const auto waker = std::make_shared<Waker>(submission_.io, [this] { guarded([this] { ask_again(); }); });
  guarded([&] {
    stream_.set_wake(Waker::function_of(waker));
    look_around();
  });
  tick();
  // Returns when it is over and the handlers of closed connections have run.
  submission_.io.run();
  waker->end();
  try {
    // Left over only by an error, or by a session that was the last one and ended with a problem.
    Delivery outcome = result_ && !failure_ ? *result_ : stopped(submission_.server, "");
    if (failure_) outcome.text = "given up because of an error";
    // What was lost or used up by one message is not so for those that were not tried.
    if (outcome.problem == SessionProblem::LeaseLost) outcome.problem = SessionProblem::None;
    messages_.finish_all(outcome);
    say_connections();
  } catch (...) {
    if (!failure_) failure_ = std::current_exception();
  }
  if (failure_) std::rethrow_exception(failure_);
  return result_;
}

void SessionPool::guarded(const std::function<void()>& work) {
  if (failure_) return;
  try {
    work();
  } catch (...) {
    fail(std::current_exception());
  }
}

void SessionPool::fail(std::exception_ptr error) {
  if (!failure_) failure_ = std::move(error);
  messages_.stop();
  finish(std::nullopt);
  for (Member& member : members_) {
    member.session.close();
    member.signal.cancel();
  }
}

void SessionPool::finish(std::optional<Delivery> result) {
  if (!over_) result_ = std::move(result);
  over_ = true;
  ticker_.cancel();
}

void SessionPool::tick() {
  if (over_) return;
  ticker_.expires_after(submission_.timeouts.poll);
  ticker_.async_wait([this](const boost::system::error_code& error) {
    if (error || over_) return;
    guarded([this] { ask_again(); });
    tick();
  });
}

void SessionPool::ask_again() {
  messages_.ask_again();
  wake_idle();
  look_around();
}

void SessionPool::wake_idle() {
  for (Member& member : members_) {
    if (member.idle) member.signal.cancel();
  }
}

void SessionPool::say_connections() {
  const int count = static_cast<int>(members_.size());
  if (std::exchange(said_connections_, count) != count) stream_.connections_open(count);
}

void SessionPool::open_one() {
  begun_ = true;
  Member& member = members_.emplace_back(submission_);
  say_connections();
  net::co_spawn(submission_.io, serve(member), [this, &member](std::exception_ptr error) {
    if (failure_ && error) {
      members_.remove_if([&](const Member& each) { return &each == &member; });
    } else {
      remove(member, std::move(error));
    }
  });
}

void SessionPool::remove(Member& member, std::exception_ptr error) {
  std::optional<Delivery> problem;
  const bool stopped_by_us = member.dismissed || submission_.is_cancelled();
  if (member.session.end() == SessionEnd::Problem && !stopped_by_us) problem = member.session.problem();
  if (member.session.end() == SessionEnd::OutOfStep) submission_.bear_at_most(Pipelining::Off);
  members_.remove_if([&](const Member& each) { return &each == &member; });
  if (error) return fail(std::move(error));
  guarded([&] {
    say_connections();
    if (over_) return;
    if (problem && members_.empty()) return finish(problem);
    if (problem) back_off(*problem);
    look_around();
  });
}

void SessionPool::back_off(const Delivery& problem) {
  if (only_a_person_can_mend(problem.problem)) blocked_ = problem;
  const auto now = steady_clock::now();
  // A withdrawn message says nothing about the server; and what ends together has one cause.
  if (problem.problem != SessionProblem::LeaseLost && now >= closed_until_) {
    if (messages_.accepted() != accepted_at_pause_) pause_ = seconds(0);
    accepted_at_pause_ = messages_.accepted();
    pause_ = std::clamp(2 * pause_, first_pause, longest_pause);
    closed_until_ = now + pause_;
  }
  stream_.session_problem(problem);
}

bool SessionPool::another_is_wanted() {
  const auto count = [&](auto which) { return std::count_if(members_.begin(), members_.end(), which); };
  const auto opening = count([](const Member& member) { return member.opening; });
  const auto idle = count([](const Member& member) { return member.idle; });
  const auto leaving = count([](const Member& member) { return member.leaving; });
  const auto busy = static_cast<long>(members_.size()) - opening - idle - leaving;
  if (idle + opening == 0 && messages_.any_given_back()) return true;
  if (busy + idle + opening == 0) {
    // The first one is opened before any message is taken: no server, no claim.
    if (!begun_) return true;
    TakenMessage* message = messages_.take();
    if (message == nullptr) return false;
    messages_.give_back(*message);
    return true;
  }
  return idle == 0 && opening < growth * busy && messages_.in_a_row() >= 2;
}

void SessionPool::look_around() {
  if (over_) return;
  if (submission_.is_cancelled()) {
    if (members_.empty()) finish(stopped(submission_.server, "stopped"));
    return;
  }
  const auto closed = [&] { return blocked_ || steady_clock::now() < closed_until_; };
  while (!closed() && static_cast<int>(members_.size()) < stream_.connection_limit() && another_is_wanted()) {
    open_one();
  }
  if (messages_.any_given_back()) wake_idle();
  if (messages_.none_left()) {
    // Those that wait have nothing to wait for; those being opened would only hold up the end.
    wake_idle();
    for (Member& member : members_) {
      if (!member.opening) continue;
      member.dismissed = true;
      member.session.close();
    }
    if (members_.empty()) finish(std::nullopt);
  } else if (members_.empty() && blocked_) {
    finish(blocked_);
  }
}

TakenMessage* SessionPool::take() {
  TakenMessage* message = messages_.take();
  if (messages_.in_a_row() >= 2 || messages_.none_left()) look_around();
  return message;
}

TakenMessage* SessionPool::look_ahead(Member& member) {
  return over_ || must_leave(member) ? nullptr : take();
}

bool SessionPool::must_leave(Member& member) {
  const auto staying =
      std::count_if(members_.begin(), members_.end(), [](const Member& each) { return !each.leaving; });
  return member.session.worn_out() || submission_.is_cancelled() || staying > stream_.connection_limit();
}

Task<void> SessionPool::wait(Member& member) {
  member.idle = true;
  member.signal.expires_at(steady_clock::time_point::max());
  co_await member.signal.async_wait(net::as_tuple(net::use_awaitable));
  member.idle = false;
}

Task<void> SessionPool::serve(Member& member) {
  Session& session = member.session;
  const std::optional<Delivery> problem = co_await session.open();
  member.opening = false;
  if (problem) co_return;
  while (session.state() == SessionState::Ready && !over_) {
    if (must_leave(member)) break;
    TakenMessage* message = take();
    if (message != nullptr) {
      co_await session.submit(*message, messages_, [this, &member] { return look_ahead(member); });
    } else if (messages_.none_left()) {
      break;
    } else {
      co_await wait(member);
      co_await session.look_while_idle();
    }
  }
  member.leaving = true;
  if (session.state() == SessionState::Ready) co_await session.quit();
}

}  // namespace dialin::smtp
