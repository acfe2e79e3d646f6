// SPDX-License-Identifier: Apache-2.0
// The admin socket's connection, either end: whole messages with their descriptors, in order.
//
// One thread may receive while another sends; two may not do the same at once.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "admin/message.h"
#include "base/descriptor.h"

namespace dialin {

struct ReceivedMessage {
  MessageKind kind = MessageKind::Signal;
  MessageOctets body;
  std::vector<Descriptor> descriptors;
};

class MessageChannel {
 public:
  // `socket` is a connected stream socket of the local host. `patience`: how long the other end may take for
  // a message that it has begun, or for taking one.
  explicit MessageChannel(Descriptor socket, std::chrono::milliseconds patience = std::chrono::seconds(10));

  int descriptor() const { return socket_.number(); }
  std::chrono::milliseconds patience() const { return patience_; }

  // Error(Unavailable) if the other end has closed, or does not take it.
  void send(MessageKind kind, std::string_view body, std::span<const int> descriptors = {});

  // The next message; nothing if the other end has closed. Waits `first` for its beginning, for ever if that
  // is nothing. Error(InvalidInput): malformed, or not as many descriptors as its header says.
  // Error(TryAgain): too slow.
  std::optional<ReceivedMessage> receive(std::optional<std::chrono::milliseconds> first = std::nullopt);

 private:
  Descriptor socket_;
  std::chrono::milliseconds patience_;
};

}  // namespace dialin
