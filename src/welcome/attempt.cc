// SPDX-License-Identifier: Apache-2.0
#include "welcome/attempt.h"

#include "pin/policy_change.h"
#include "welcome/failure_policy.h"
#include "welcome/mail_preparation.h"
#include "welcome/pin_notice.h"

namespace dialin {

AttemptRecord attempt_record(const ClaimedWelcome& claimed, const Secret* verifier, const Delivery& delivery,
                             const WelcomeSettings& settings) {
  AttemptRecord record;
  record.id = claimed.row.id;
  record.claim_id = claimed.claim_id;
  record.end = recorded_end(delivery);
  record.counts_as_attempt = counts_as_attempt(delivery);
  record.retry_after =
      record.counts_as_attempt ? recipient_retry_after(claimed.row.attempts + 1) : SessionRetryAfter;
  record.words = {delivery.reply_code, delivery.enhanced_code, delivery.text};
  record.server = delivery.server;
  record.sent_to = recipient_of(claimed.row).address();
  record.verifier = verifier;
  record.pin = claimed.pin ? &*claimed.pin : nullptr;
  const PinPolicy policy = settings.policy_of(claimed.person);
  record.lifetime = pin_lifetime(policy);
  record.history_count = policy.history_count;
  if (record.end == AttemptRecord::End::Accepted && claimed.row.kind == WelcomeKind::Welcome)
    record.notice = notice_of_welcome(claimed, settings);
  return record;
}

AttemptRecord given_back(const ClaimedWelcome& claimed, std::string why, std::chrono::seconds retry_after) {
  AttemptRecord record;
  record.id = claimed.row.id;
  record.claim_id = claimed.claim_id;
  record.end = AttemptRecord::End::Deferred;
  record.retry_after = retry_after;
  record.words.text = std::move(why);
  record.sent_to = recipient_of(claimed.row).address();
  return record;
}

}  // namespace dialin
