// SPDX-License-Identifier: Apache-2.0
// One message, given to a mail transport once.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "mail/mail_transport.h"

namespace dialin {

class OneMessage final : public MessageStream {
 public:
  explicit OneMessage(OutgoingMessage message) : message_(std::move(message)) {}
  Next next() override {
    if (!message_) return {Supply::Ended};
    return {Supply::Message, std::exchange(message_, std::nullopt)};
  }
  bool may_write(const std::string&) override { return true; }
  void finished(const std::string&, const Delivery& delivery) override { delivery_ = delivery; }
  // What became of it; nothing: the session ended before.
  const std::optional<Delivery>& delivery() const { return delivery_; }

 private:
  std::optional<OutgoingMessage> message_;
  std::optional<Delivery> delivery_;
};

}  // namespace dialin
