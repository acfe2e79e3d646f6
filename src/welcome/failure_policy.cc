// SPDX-License-Identifier: Apache-2.0
#include "welcome/failure_policy.h"

namespace dialin {

std::chrono::seconds recipient_retry_after(int attempts) {
  using std::chrono::minutes;
  switch (attempts) {
    case 0:
    case 1:
      return minutes(1);
    case 2:
      return minutes(5);
    case 3:
      return minutes(15);
    default:
      return minutes(60);
  }
}

AttemptRecord::End recorded_end(const Delivery& delivery) {
  switch (delivery.result) {
    case DeliveryResult::Accepted:
      return AttemptRecord::End::Accepted;
    case DeliveryResult::Unknown:
      return AttemptRecord::End::Unknown;
    case DeliveryResult::Deferred:
      return AttemptRecord::End::Deferred;
    case DeliveryResult::Refused:
      // What belongs to session or sender never fails the person.
      return delivery.scope == DeliveryScope::Recipient || delivery.scope == DeliveryScope::Content
                 ? AttemptRecord::End::Refused
                 : AttemptRecord::End::Deferred;
  }
  return AttemptRecord::End::Deferred;
}

Delivery judged(const WelcomeRow& row, Delivery delivery) {
  if (row.kind == WelcomeKind::Notice && delivery.scope == DeliveryScope::Unclear)
    delivery.scope = DeliveryScope::Recipient;
  return delivery;
}

bool counts_as_attempt(const Delivery& delivery) {
  return delivery.scope == DeliveryScope::Recipient || delivery.scope == DeliveryScope::Content ||
         delivery.result == DeliveryResult::Unknown;
}

std::optional<Pause> pause_for(const Delivery& delivery, const WelcomeWay& way, const std::string& sender) {
  const bool refused_sender =
      delivery.scope == DeliveryScope::Sender || delivery.scope == DeliveryScope::Unclear;
  const bool refused_password = delivery.problem == SessionProblem::PasswordRefused;
  const bool quota = delivery.problem == SessionProblem::QuotaUsedUp;
  if (!refused_sender && !refused_password && !quota) return std::nullopt;
  Pause pause;
  pause.server = way.server;
  pause.port = way.port;
  pause.user = way.user;
  pause.words = describe(delivery);
  if (refused_password) {
    pause.reason = Pause::Reason::Password;
  } else if (quota) {
    pause.reason = Pause::Reason::Quota;
  } else {
    pause.reason = Pause::Reason::SenderRefused;
    pause.sender = sender;
  }
  return pause;
}

bool worth_trying_soon(const Delivery& delivery) {
  if (delivery.result != DeliveryResult::Deferred || delivery.scope != DeliveryScope::Session) return false;
  switch (delivery.problem) {
    case SessionProblem::Unreachable:
    case SessionProblem::TooBusy:
      return true;
    case SessionProblem::None:  // 4yz to MAIL or AUTH; without a reply it was us who stopped
      return delivery.reply_code >= 400 && delivery.reply_code < 500;
    case SessionProblem::TlsNotOffered:
    case SessionProblem::TlsFailed:
    case SessionProblem::CertificateRefused:
    case SessionProblem::AuthNotOffered:
    case SessionProblem::PasswordRefused:
    case SessionProblem::QuotaUsedUp:
    case SessionProblem::ProtocolBroken:
    case SessionProblem::LeaseLost:
      return false;
  }
  return false;
}

}  // namespace dialin
