// SPDX-License-Identifier: Apache-2.0
#include "run/run_watch.h"

namespace dialin {
namespace {

constexpr std::chrono::milliseconds ReadInterval{1000};
constexpr std::chrono::milliseconds ShowInterval{100};
constexpr std::chrono::seconds RateSpan{30};

}  // namespace

void RunWatch::look(const std::string& notice) {
  const SteadyTime now = clock_.steady_now();
  if (!read_at_ || now - *read_at_ >= ReadInterval) {
    read(notice);
  } else if (!shown_at_ || now - *shown_at_ >= ShowInterval) {
    show(now, notice);
  }
}

const RunCounts& RunWatch::read(const std::string& notice) {
  counts_ = store_.runs().counts(run_);
  const auto record = store_.runs().get(run_);
  may_go_on_ = record && record->state == RunState::Ready && !record->pause;
  const SteadyTime now = clock_.steady_now();
  read_at_ = now;
  samples_.push_back({now, counts_.sent});
  while (samples_.size() > 2 && now - samples_.front().at > RateSpan) samples_.pop_front();
  show(now, notice);
  return counts_;
}

double RunWatch::rate(SteadyTime now) const {
  if (samples_.empty()) return 0;
  const std::chrono::duration<double> span = now - samples_.front().at;
  if (span.count() < 0.5) return 0;
  return static_cast<double>(counts_.sent - samples_.front().sent) / span.count();
}

void RunWatch::show(SteadyTime now, const std::string& notice) {
  shown_at_ = now;
  if (!watcher_) return;
  RunProgress progress{.counts = counts_, .rate = rate(now), .left = std::nullopt, .notice = notice};
  const std::int64_t open = counts_.waiting + counts_.queued - counts_.held;
  if (progress.rate > 0 && open > 0)
    progress.left =
        std::chrono::seconds(static_cast<std::int64_t>(static_cast<double>(open) / progress.rate));
  watcher_(progress);
}

void RunWatch::issued(std::int64_t rows) {
  counts_.waiting -= rows;
  counts_.queued += rows;
}

void RunWatch::settled(std::int64_t rows) {
  counts_.waiting -= rows;
}

void RunWatch::ended(RecordResult::Outcome outcome) {
  switch (outcome) {
    case RecordResult::Outcome::Sent:
      --counts_.queued;
      ++counts_.sent;
      return;
    case RecordResult::Outcome::Failed:
      --counts_.queued;
      ++counts_.failed;
      return;
    case RecordResult::Outcome::Uncertain:
      --counts_.queued;
      ++counts_.uncertain;
      return;
    case RecordResult::Outcome::ArrivedInvalid:
    case RecordResult::Outcome::Superseded:
      --counts_.queued;
      ++counts_.not_sent;
      return;
    case RecordResult::Outcome::Queued:
    case RecordResult::Outcome::AlreadyRecorded:
    case RecordResult::Outcome::NotOurs:
      return;
  }
}

}  // namespace dialin
