// SPDX-License-Identifier: Apache-2.0
#include "welcome/mail_exchange.h"

#include <algorithm>
#include <utility>

#include "welcome/pin_blotter.h"
#include "welcome/recording.h"

namespace dialin {

MailExchange::MailExchange(const WelcomeEnvironment& environment, RelayGate& gate, LeaseKeeper& leases,
                           std::size_t most_unrecorded)
    : environment_(environment), gate_(gate), leases_(leases), most_unrecorded_(most_unrecorded) {}

void MailExchange::put(std::unique_ptr<RowInFlight> row) {
  {
    std::lock_guard lock(mutex_);
    if (row->claimed.pin) pins_.push_back(row->claimed.pin->duplicate());
    unprepared_.push_back(std::move(row));
  }
  for_preparation_.notify_one();
}

void MailExchange::no_more() {
  {
    std::lock_guard lock(mutex_);
    no_more_ = true;
  }
  for_preparation_.notify_all();
  wake_sessions();
}

void MailExchange::stop() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    for (auto* waiting : {&unprepared_, &ready_}) {
      for (auto& row : *waiting) add_end({.row = std::move(row)});
      waiting->clear();
    }
  }
  for_preparation_.notify_all();
  wake_sessions();
}

bool MailExchange::session_is_ready() const {
  std::lock_guard lock(mutex_);
  return session_ready_;
}

std::size_t MailExchange::in_flight() const {
  std::lock_guard lock(mutex_);
  return unprepared_.size() + being_prepared_ + ready_.size() + on_the_wire_.size() + ends_.size();
}

std::size_t MailExchange::unsent() const {
  std::lock_guard lock(mutex_);
  return unprepared_.size() + being_prepared_ + ready_.size();
}

void MailExchange::wake_sessions() {
  std::function<void()> wake;
  {
    std::lock_guard lock(mutex_);
    wake = wake_;
  }
  if (wake) wake();
}

bool MailExchange::ends_are_due(std::size_t group, std::chrono::milliseconds oldest, SteadyTime now) const {
  if (ends_.empty()) return false;
  const bool nothing_follows =
      unprepared_.empty() && being_prepared_ == 0 && ready_.empty() && on_the_wire_.empty();
  return nothing_follows || ends_.size() >= group || ends_.front().at + oldest <= now;
}

void MailExchange::wait(SteadyTime until, std::size_t group, std::chrono::milliseconds oldest) {
  std::unique_lock lock(mutex_);
  while (!attention_ && !submit_ended_) {
    const SteadyTime now = std::chrono::steady_clock::now();
    if (ends_are_due(group, oldest, now)) break;
    SteadyTime next = until;
    if (!ends_.empty()) next = std::min(next, ends_.front().at + oldest);
    if (next <= now) break;
    for_store_.wait_for(lock, next - now);
    if (std::chrono::steady_clock::now() >= until) break;
  }
  attention_ = false;
}

std::vector<EndOfRow> MailExchange::take_ends(std::size_t group, std::chrono::milliseconds oldest, bool all) {
  std::lock_guard lock(mutex_);
  std::vector<EndOfRow> taken;
  if (!all && !ends_are_due(group, oldest, std::chrono::steady_clock::now())) return taken;
  while (!ends_.empty() && taken.size() < MostTogether) {
    taken.push_back(std::move(ends_.front().end));
    ends_.pop_front();
  }
  being_recorded_ += taken.size();
  for (const EndOfRow& end : taken) {
    if (!end.row->claimed.pin) continue;
    const auto pin =
        std::ranges::find_if(pins_, [&](const Pin& kept) { return kept.same_as(*end.row->claimed.pin); });
    if (pin == pins_.end()) continue;
    std::swap(*pin, pins_.back());
    pins_.pop_back();
  }
  return taken;
}

void MailExchange::recorded() {
  {
    std::lock_guard lock(mutex_);
    being_recorded_ = 0;
  }
  wake_sessions();
}

std::vector<Delivery> MailExchange::take_problems() {
  std::lock_guard lock(mutex_);
  return std::exchange(problems_, {});
}

std::vector<std::string> MailExchange::take_trace() {
  std::lock_guard lock(mutex_);
  return std::exchange(trace_, {});
}

std::string MailExchange::blot(std::string words) const {
  std::lock_guard lock(mutex_);
  for (const Pin& pin : pins_) words = without_pin(std::move(words), pin);
  return words;
}

std::unique_ptr<RowInFlight> MailExchange::take_unprepared() {
  std::unique_lock lock(mutex_);
  for_preparation_.wait(lock, [&] { return !unprepared_.empty() || no_more_ || stopped_; });
  if (unprepared_.empty()) return nullptr;
  std::unique_ptr<RowInFlight> row = std::move(unprepared_.front());
  unprepared_.pop_front();
  ++being_prepared_;
  return row;
}

void MailExchange::prepared(std::unique_ptr<RowInFlight> row) {
  {
    std::lock_guard lock(mutex_);
    --being_prepared_;
    if (stopped_) {
      add_end({.row = std::move(row)});
    } else {
      ready_.push_back(std::move(row));
    }
  }
  wake_sessions();
}

void MailExchange::failed(std::unique_ptr<RowInFlight> row, const Error& error) {
  std::lock_guard lock(mutex_);
  --being_prepared_;
  add_end({.row = std::move(row), .delivery = std::nullopt, .error = error});
}

void MailExchange::add_end(EndOfRow end) {
  ends_.push_back({std::move(end), std::chrono::steady_clock::now()});
  for_store_.notify_one();
}

void MailExchange::submit_ended() {
  std::lock_guard lock(mutex_);
  submit_ended_ = true;
  wake_ = nullptr;
  for_store_.notify_one();
}

ProtocolTrace MailExchange::trace() {
  if (!environment_.observer.wants_trace()) return nullptr;
  // The observer belongs to the store's thread.
  return [this](const std::string& line) {
    std::string clean = blot(line);
    std::lock_guard lock(mutex_);
    trace_.push_back(std::move(clean));
  };
}

void MailExchange::set_wake(std::function<void()> wake) {
  std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

MessageStream::Next MailExchange::next() {
  std::lock_guard lock(mutex_);
  if (!session_ready_) {
    session_ready_ = true;
    attention_ = true;
    for_store_.notify_one();
  }
  if (stopped_) return {Supply::Ended};
  if (ready_.empty()) {
    const bool nothing_comes = no_more_ && unprepared_.empty() && being_prepared_ == 0;
    return {nothing_comes ? Supply::Ended : Supply::NotNow};
  }
  if (being_recorded_ + ends_.size() + on_the_wire_.size() >= most_unrecorded_) return {Supply::NotNow};
  if (!gate_.take_permit()) {
    attention_ = true;
    for_store_.notify_one();
    return {Supply::NotNow};
  }
  std::unique_ptr<RowInFlight> row = std::move(ready_.front());
  ready_.pop_front();
  OutgoingMessage message = *row->message;
  on_the_wire_.emplace(message.id, std::move(row));
  return {Supply::Message, std::move(message)};
}

bool MailExchange::may_write(const std::string& id) {
  environment_.checkpoints.reach("before-content");
  return leases_.enough_left(id);
}

void MailExchange::finished(const std::string& id, const Delivery& delivery) {
  std::lock_guard lock(mutex_);
  const auto found = on_the_wire_.find(id);
  if (found == on_the_wire_.end()) {
    throw Error(ErrorCode::Internal, "the mail session reported a message that it had not been given");
  }
  reach_answered(environment_.checkpoints, found->second->claimed.row.kind);
  add_end({.row = std::move(found->second), .delivery = delivery});
  on_the_wire_.erase(found);
}

int MailExchange::connection_limit() {
  return gate_.connections();
}

void MailExchange::connections_open(int count) {
  gate_.connections_open(count);
  std::lock_guard lock(mutex_);
  attention_ = true;
  for_store_.notify_one();
}

void MailExchange::session_problem(const Delivery& problem) {
  std::lock_guard lock(mutex_);
  problems_.push_back(problem);
  attention_ = true;
  for_store_.notify_one();
}

}  // namespace dialin
