// SPDX-License-Identifier: Apache-2.0
// A stream of messages for a MailTransport that keeps what was asked and what became of each.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "mail/mail_transport.h"

namespace dialin::test {

inline OutgoingMessage message_to(const std::string& recipient, const std::string& content,
                                  const std::string& sender = "marco@contoso.com") {
  const std::optional<Mailbox> mailbox = Mailbox::parse(recipient);
  if (!mailbox) throw std::runtime_error("not a mailbox: " + recipient);
  return {.id = "id-of-" + recipient,
          .envelope_sender = sender,
          .recipient = *mailbox,
          .content = std::make_shared<const Secret>(content)};
}

inline const std::string sample_content = "Subject: hello\r\n\r\n.A line that begins with a dot.\r\n";

class MessageList final : public MessageStream {
 public:
  MessageList() = default;
  explicit MessageList(std::vector<OutgoingMessage> messages) : messages_(std::move(messages)) {}
  // One message of sample_content to each of `recipients`.
  static MessageList to(const std::vector<std::string>& recipients) {
    std::vector<OutgoingMessage> messages;
    for (const std::string& recipient : recipients) messages.push_back(message_to(recipient, sample_content));
    return MessageList(std::move(messages));
  }

  Next next() override {
    if (before_next) before_next(taken_);
    if (taken_ == messages_.size()) return {Supply::Ended};
    return {Supply::Message, messages_[taken_++]};
  }
  bool may_write(const std::string& id) override {
    asked.push_back(id);
    return !refuse_at || asked.size() < *refuse_at;
  }
  void finished(const std::string& id, const Delivery& delivery) override {
    if (!deliveries_.emplace(id, delivery).second) throw std::runtime_error("finished twice: " + id);
    order.push_back(delivery);
  }

  std::size_t taken() const { return taken_; }
  std::size_t finished_count() const { return order.size(); }
  // Of the message to `recipient`; throws std::out_of_range if it has none.
  const Delivery& delivery(const std::string& recipient) const {
    return deliveries_.at("id-of-" + recipient);
  }

  std::vector<std::string> asked;        // ids of may_write(), in order
  std::optional<std::size_t> refuse_at;  // the question (1 is the first) from which may_write() says no
  std::vector<Delivery> order;           // outcomes as they came
  std::function<void(std::size_t)> before_next;  // gets the number of messages taken so far

 private:
  std::vector<OutgoingMessage> messages_;
  std::size_t taken_ = 0;
  std::map<std::string, Delivery> deliveries_;
};

}  // namespace dialin::test
