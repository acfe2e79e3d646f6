// SPDX-License-Identifier: Apache-2.0
// The messages of one submit() on their way between the stream and the sessions. Whatever goes wrong, each
// one that was taken gets its outcome exactly once.
#pragma once

#include <list>
#include <optional>
#include <vector>

#include "mail/mail_transport.h"

namespace dialin::smtp {

struct TakenMessage {
  OutgoingMessage message;
  bool content_may_go = false;  // may_write() said yes
};

class Messages {
 public:
  explicit Messages(MessageStream& stream) : stream_(stream) {}

  // One that was given back, else the stream's next; null: none now (until ask_again()), or none left.
  TakenMessage* take();
  // It was not sent, and the next session that asks gets it.
  void give_back(TakenMessage& message);
  bool may_write(TakenMessage& message);
  void finish(TakenMessage& message, const Delivery& delivery);
  // After a wake, or from time to time: the stream may have one again.
  void ask_again() { none_now_ = false; }

  bool none_left() const { return ended_ && given_back_.empty(); }
  bool any_given_back() const { return !given_back_.empty(); }
  // How many the stream has given since it last had none.
  int in_a_row() const { return in_a_row_; }
  // How many have been accepted.
  std::size_t accepted() const { return accepted_; }

  // After an error of the stream: it is asked nothing more, and only told outcomes.
  void stop() { stopped_ = true; }
  // An outcome for all that are still held: `delivery`, or Unknown where content may have gone.
  void finish_all(Delivery delivery);

 private:
  MessageStream& stream_;
  std::list<TakenMessage> taken_;  // in a list: sessions keep pointers
  std::vector<TakenMessage*> given_back_;
  bool none_now_ = false;
  bool ended_ = false;
  bool stopped_ = false;
  int in_a_row_ = 0;
  std::size_t accepted_ = 0;
};

}  // namespace dialin::smtp
