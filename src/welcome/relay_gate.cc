// SPDX-License-Identifier: Apache-2.0
#include "welcome/relay_gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/process_identity.h"

namespace dialin {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// How old what is known of the relay may be: another process may have been told to slow down, or may wait for
// a connection.
constexpr seconds StateAge{1};
// A connection is not handed on before it was of some use: opening one takes several round trips.
constexpr seconds ShortestTurn{2};
constexpr seconds SpeedUpInterval{10};
// Between two looks for a free connection.
constexpr milliseconds LeaseRetry{250};
// Permits are fetched so long before the last one's time, so that the stream of messages does not halt.
constexpr milliseconds PermitsAhead{200};

}  // namespace

RelayGate::RelayGate(const WelcomeEnvironment& environment, const WelcomeSettings& settings,
                     const WelcomeWay& way, int wanted, Holds holds, LeaseKeeper& leases)
    : environment_(environment),
      settings_(settings),
      relay_{way.server, way.port, way.user},
      wanted_(wanted),
      holds_(holds),
      keeper_(leases),
      place_(new_identifier(environment.random)) {
  const RelayLimit stated = settings.limit_of(way);
  if (stated != RelayLimit()) environment_.store.relays().set_limit(relay_, stated, environment_.by);
  read_state(environment_.clock.steady_now());
  if (state_ && state_->limit.daily && state_->sent_today >= *state_->limit.daily)
    used_up_until_ = state_->day_ends;
}

RelayGate::~RelayGate() {
  if (in_queue_) connections_.push_back(place_);
  if (connections_.empty()) return;
  keeper_.hold_connections({});
  try {
    environment_.store.relays().release_connections(connections_);
  } catch (const Error&) {
    // They run out by themselves.
  }
}

bool RelayGate::is_paced() const {
  return state_ && (state_->limit.messages || state_->limit.daily || state_->rate_now);
}

bool RelayGate::counts_connections() const {
  return state_ && (state_->limit.connections || state_->connections_now);
}

void RelayGate::read_state(SteadyTime now) {
  auto state = environment_.store.relays().state(relay_);
  std::lock_guard lock(mutex_);
  state_ = std::move(state);
  state_read_ = now;
}

bool RelayGate::is_limited() const {
  std::lock_guard lock(mutex_);
  return is_paced() || counts_connections();
}

void RelayGate::refresh(std::size_t messages) {
  const SteadyTime now = environment_.clock.steady_now();
  if (now - state_read_ >= StateAge) read_state(now);
  if (state_ && state_->slowed && used_since_speed_up_ && now >= next_speed_up_) {
    RelayState state = environment_.store.relays().speed_up(relay_);
    std::lock_guard lock(mutex_);
    state_ = std::move(state);
    used_since_speed_up_ = false;
    next_speed_up_ = now + SpeedUpInterval;
  }
  refresh_connections(now);
  refresh_permits(now, messages);
}

std::size_t RelayGate::connections_due(SteadyTime now) const {
  if (!counts_connections()) return 0;
  const int limit = state_->connections_now.value_or(state_->limit.connections.value_or(wanted_));
  const auto most = static_cast<std::size_t>(std::max(std::min(wanted_, limit), 0));
  if (holds_ == Holds::UntilDone) return most;
  const bool others_lack_one = state_->waiting > std::max(0, limit - state_->connections_open);
  const bool has_most = !connections_.empty() && std::cmp_equal(connections_.size(), state_->most_of_one);
  if (!others_lack_one || !has_most || now - leased_at_ < ShortestTurn) return most;
  return std::min(most, connections_.size() - 1);
}

void RelayGate::refresh_connections(SteadyTime now) {
  std::vector<std::string> surplus;
  std::size_t missing = 0;
  {
    std::lock_guard lock(mutex_);
    const std::size_t due = connections_due(now);
    // Only what is not open can be given back.
    while (connections_.size() > std::max(due, static_cast<std::size_t>(open_))) {
      surplus.push_back(std::move(connections_.back()));
      connections_.pop_back();
    }
    usable_ = std::min(due, connections_.size());
    if (connections_.size() < due && surplus.empty() && now >= next_lease_try_)
      missing = due - connections_.size();
  }
  if (!surplus.empty()) {
    environment_.store.relays().release_connections(surplus);
    // Nothing more is given back before it is known what became of this.
    read_state(now);
  }
  const bool changes = !surplus.empty() || missing > 0;
  for (; missing > 0; --missing) {
    const bool has_none = connections_.empty();
    auto lease = environment_.store.relays().lease_connection(
        relay_, this_process(), settings_.lease, has_none ? std::optional(place_) : std::nullopt);
    std::lock_guard lock(mutex_);
    if (has_none) in_queue_ = !lease;
    if (!lease) {
      next_lease_try_ = now + LeaseRetry;
      break;
    }
    connections_.push_back(std::move(*lease));
    usable_ = connections_.size();
    leased_at_ = now;
  }
  if (changes) keeper_.hold_connections(connections_);
}

void RelayGate::drop_late_permits(SteadyTime now) {
  while (!permits_.empty() && permits_.front().until < now) permits_.pop_front();
}

void RelayGate::refresh_permits(SteadyTime now, std::size_t messages) {
  std::size_t missing = 0;
  {
    std::lock_guard lock(mutex_);
    if (!is_paced()) {
      permits_.clear();
      return;
    }
    drop_late_permits(now);
    const bool low = permits_.empty() || permits_.back().from <= now + PermitsAhead;
    if (!permit_wanted_ || !low) return;
    permit_wanted_ = false;
    if (messages <= permits_.size()) return;
    missing = messages - permits_.size();
  }
  const RelayPermits granted = environment_.store.relays().take_permits(relay_, missing);
  // Counted from before the question, they would be a moment too early.
  const SteadyTime from = environment_.clock.steady_now();
  std::lock_guard lock(mutex_);
  used_up_until_ = granted.used_up_until;
  for (const auto after : granted.after) permits_.push_back({from + after, from + after + granted.lateness});
}

SteadyTime RelayGate::next_refresh() const {
  std::lock_guard lock(mutex_);
  const SteadyTime now = environment_.clock.steady_now();
  SteadyTime next = state_read_ + StateAge;
  if (permit_wanted_ && (permits_.empty() || permits_.back().from <= now + PermitsAhead)) return now;
  if (!permits_.empty()) next = std::min(next, std::max(permits_.back().from - PermitsAhead, now));
  if (counts_connections()) {
    const std::size_t due = connections_due(now);
    if (connections_.size() < due) next = std::min(next, std::max(next_lease_try_, now));
    if (connections_.size() > std::max(due, static_cast<std::size_t>(open_))) return now;
  }
  return next;
}

void RelayGate::too_busy(double reached) {
  RelayState state = environment_.store.relays().slow_down(relay_, reached);
  const SteadyTime now = environment_.clock.steady_now();
  std::lock_guard lock(mutex_);
  state_ = std::move(state);
  state_read_ = now;
  next_speed_up_ = now + SpeedUpInterval;
  permits_.clear();
}

void RelayGate::accepted() {
  used_since_speed_up_ = true;
}

std::string RelayGate::notice() const {
  std::lock_guard lock(mutex_);
  if (!state_ || !state_->slowed || !state_->rate_now) return {};
  const double a_minute = *state_->rate_now * 60;
  return fmt::format("the mail server slows us down: {}/min", std::max(1L, std::lround(a_minute)));
}

bool RelayGate::take_permit() {
  const SteadyTime now = environment_.clock.steady_now();
  std::lock_guard lock(mutex_);
  if (!is_paced()) return true;
  drop_late_permits(now);
  permit_wanted_ = true;
  refused_ = permits_.empty() || permits_.front().from > now;
  if (refused_) return false;
  permits_.pop_front();
  return true;
}

std::optional<SteadyTime> RelayGate::next_permit() const {
  std::lock_guard lock(mutex_);
  if (permits_.empty()) return std::nullopt;
  return permits_.front().from;
}

int RelayGate::connections() const {
  std::lock_guard lock(mutex_);
  if (!counts_connections()) return wanted_;
  return static_cast<int>(usable_);
}

bool RelayGate::is_slow() const {
  std::lock_guard lock(mutex_);
  if (!state_) return false;
  if (state_->rate_now) return *state_->rate_now < 4;
  return state_->limit.messages && static_cast<double>(*state_->limit.messages) <
                                       4.0 * static_cast<double>(state_->limit.period.count());
}

void RelayGate::connections_open(int count) {
  std::lock_guard lock(mutex_);
  open_ = count;
}

std::optional<Timestamp> RelayGate::used_up_until() const {
  std::lock_guard lock(mutex_);
  // Permits are asked for ahead of need: that there are no further ones concerns nobody before one is
  // missing.
  if (!refused_ || !permits_.empty()) return std::nullopt;
  return used_up_until_;
}

}  // namespace dialin
