// SPDX-License-Identifier: Apache-2.0
// One message over an open connection (RFC 5321 section 3.3): its envelope, its content, its outcome.
//
//   exchange_envelope -> send_content
//
// Where PIPELINING is offered the envelope is one write (RFC 2920), and with Pipelining::Across it is the
// tail of the write that ends the content of the message before. So there are two transactions at a time: the
// one whose outcome is awaited, and the following one, of which nothing but the envelope has gone. Whatever
// becomes of the connection then, only the first one may have arrived.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/smtp/dialogue.h"
#include "mail/smtp/extensions.h"
#include "mail/smtp/messages.h"
#include "mail/smtp/task.h"

namespace dialin::smtp {

// What a transaction leaves behind for the next one on the same connection.
struct TransactionHistory {
  // The server still holds an envelope: RSET comes before the next MAIL, in the same write.
  bool envelope_open = false;
  // 4yz and 5yz replies since the last accepted message. Servers count them too, and slow down or close after
  // some (Postfix: 10 and 20). While there are any, DATA is not sent before RCPT was accepted: a refused
  // recipient then costs one of them instead of two.
  int errors = 0;
};

class Transaction {
 public:
  // All outlive this object. `grouped`: the envelope goes in one write. Error(Internal) if an octet of
  // address or content must not be sent.
  Transaction(Dialogue& dialogue, const Extensions& extensions, TransactionHistory& history,
              TakenMessage& message, bool grouped);

  // The outcome of a message that this server can never take, known without asking it.
  std::optional<Delivery> refused_beforehand() const;

  // Writes the envelope, unless it has gone already, and takes the replies: the outcome, or nothing: the
  // server waits for the content.
  Task<std::optional<Delivery>> exchange_envelope();

  // Writes the content, and the envelope of `following` (may be null) behind it, and takes the outcome.
  // `may_write` as in MessageStream.
  Task<Delivery> send_content(Transaction* following, const std::function<bool()>& may_write);

  TakenMessage& message() const { return message_; }
  // Something was written for this message.
  bool begun() const { return begun_; }
  // Its envelope went behind the content of the message before.
  bool went_along() const { return !gone_.empty(); }
  // An octet of the content was handed to the socket.
  bool content_begun() const { return content_begun_; }

 private:
  struct Step {
    Command command;
    std::string line;
  };

  // The steps of the envelope, without DATA where it has to wait.
  std::vector<Step> first_group() const;
  // All lines of `steps`; their replies are expected from now on.
  std::string begin(const std::vector<Step>& steps);
  // Takes the replies to `steps`; false: the connection has ended or is going.
  Task<bool> take_replies(const std::vector<Step>& steps);
  // Both for steps that have not gone.
  Task<bool> exchange(const std::vector<Step>& steps);
  Task<void> exchange_steps();
  // What the replies to the envelope say; nothing: the server waits for the content.
  std::optional<Delivery> judge_envelope() const;
  std::optional<Reply>& reply_to(Command command);
  // After an envelope that was refused and a DATA that was not.
  Task<void> send_lone_dot();
  // True: all of the content and its final dot were handed over; nothing: withdrawn.
  Task<std::optional<bool>> write_content(Transaction* following, const std::function<bool()>& may_write);
  Task<Delivery> take_outcome(bool all_handed_over);
  void count_error(const Reply& reply);

  Dialogue& dialogue_;
  Connection& connection_;
  const Extensions& extensions_;
  TransactionHistory& history_;
  TakenMessage& message_;
  const bool grouped_;
  std::vector<Step> gone_;  // steps of the first group, when it went behind the content before
  std::optional<Reply> rset_;
  std::optional<Reply> mail_;
  std::optional<Reply> rcpt_;
  std::optional<Reply> data_;
  bool begun_ = false;
  bool content_begun_ = false;
  bool tail_cut_ = false;  // the content was handed over, and not all of the envelope behind it
};

}  // namespace dialin::smtp
