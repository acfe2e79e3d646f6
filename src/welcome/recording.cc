// SPDX-License-Identifier: Apache-2.0
#include "welcome/recording.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace dialin {
namespace {

constexpr int RecordTries = 5;
constexpr std::chrono::milliseconds RecordPause{1000};

}  // namespace

std::vector<RecordResult> record_persistently(const WelcomeEnvironment& environment,
                                              const std::vector<AttemptRecord>& records) {
  for (int attempt = 1;; ++attempt) {
    try {
      return environment.store.outbox().record(records, environment.by);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::Unavailable || attempt == RecordTries) {
        const auto accepted = std::ranges::find_if(
            records, [](const AttemptRecord& record) { return record.end == AttemptRecord::End::Accepted; });
        if (accepted == records.end()) throw;
        throw Error(
            error.code(),
            fmt::format("the mail server accepted the welcome for {}, but the store could not record it: {}",
                        accepted->sent_to, error.what()),
            "Mend the store and type the same command again: it sends the same PIN with the same "
            "Message-ID.");
      }
      environment.wait(RecordPause);
    }
  }
}

void reach_answered(Checkpoints& checkpoints, WelcomeKind kind) {
  switch (kind) {
    case WelcomeKind::Welcome:
      return checkpoints.reach("answered");
    case WelcomeKind::Copy:
      return checkpoints.reach("copy-answered");
    case WelcomeKind::Notice:
      return checkpoints.reach("notice-answered");
  }
}

void reach_recorded(Checkpoints& checkpoints, WelcomeKind kind) {
  switch (kind) {
    case WelcomeKind::Welcome:
      return checkpoints.reach("recorded");
    case WelcomeKind::Copy:
      return checkpoints.reach("copy-recorded");
    case WelcomeKind::Notice:
      return checkpoints.reach("notice-recorded");
  }
}

std::vector<WelcomeId> copies_to_send(const WelcomeEnvironment& environment, const WelcomeId& id,
                                      const RecordResult& result) {
  if (result.outcome != RecordResult::Outcome::AlreadyRecorded) return result.copies;
  return environment.store.outbox().copies_of(id);
}

}  // namespace dialin
