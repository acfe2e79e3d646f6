// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/messages.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace dialin::smtp {

TakenMessage* Messages::take() {
  if (stopped_) return nullptr;
  if (!given_back_.empty()) {
    TakenMessage* message = given_back_.front();
    given_back_.erase(given_back_.begin());
    return message;
  }
  if (ended_ || none_now_) return nullptr;
  MessageStream::Next next = stream_.next();
  switch (next.supply) {
    case MessageStream::Supply::Message:
      ++in_a_row_;
      taken_.push_back({std::move(*next.message)});
      return &taken_.back();
    case MessageStream::Supply::NotNow:
      none_now_ = true;
      break;
    case MessageStream::Supply::Ended:
      ended_ = true;
      break;
  }
  in_a_row_ = 0;
  return nullptr;
}

void Messages::give_back(TakenMessage& message) {
  message.content_may_go = false;
  given_back_.push_back(&message);
}

bool Messages::may_write(TakenMessage& message) {
  message.content_may_go = !stopped_ && stream_.may_write(message.message.id);
  return message.content_may_go;
}

void Messages::finish(TakenMessage& message, const Delivery& delivery) {
  const std::string id = message.message.id;
  taken_.remove_if([&](const TakenMessage& each) { return &each == &message; });
  if (delivery.result == DeliveryResult::Accepted) ++accepted_;
  // An outcome may be what the stream was waiting for.
  none_now_ = false;
  stream_.finished(id, delivery);
}

void Messages::finish_all(Delivery delivery) {
  given_back_.clear();
  std::exception_ptr failure;
  while (!taken_.empty()) {
    Delivery outcome = delivery;
    if (taken_.front().content_may_go) {
      outcome.result = DeliveryResult::Unknown;
      outcome.scope = DeliveryScope::None;
    }
    try {
      finish(taken_.front(), outcome);
    } catch (...) {
      if (!failure) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace dialin::smtp
