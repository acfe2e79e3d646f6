// SPDX-License-Identifier: Apache-2.0
// One message over an open connection: its envelope in one write where PIPELINING is offered, its content,
// its outcome (RFC 5321 section 3.3, RFC 2920).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/smtp/dialogue.h"
#include "mail/smtp/extensions.h"
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
  // All outlive this object. `may_write` as in MessageStream.
  Transaction(Dialogue& dialogue, const Extensions& extensions, TransactionHistory& history,
              const OutgoingMessage& message, std::function<bool()> may_write);

  // The outcome. Error(Internal) if an octet of address or content must not be sent; nothing has been sent
  // then.
  Task<Delivery> run();

  // Something was written for this message.
  bool begun() const { return begun_; }
  // An octet of the content was handed to the socket.
  bool content_begun() const { return content_begun_; }

 private:
  struct Step {
    Command command;
    std::string line;
  };

  // Writes `steps` at once and takes their replies; false: the connection has ended or is going.
  Task<bool> exchange(const std::vector<Step>& steps);
  Task<void> exchange_envelope();
  // What the replies to the envelope say; nothing: the server waits for the content.
  std::optional<Delivery> judge_envelope() const;
  std::optional<Reply>& reply_to(Command command);
  // After an envelope that was refused and a DATA that was not.
  Task<void> send_lone_dot();
  Task<Delivery> send_content();
  Task<Delivery> take_outcome(bool all_handed_over);
  void count_error(const Reply& reply);

  Dialogue& dialogue_;
  Connection& connection_;
  const Extensions& extensions_;
  TransactionHistory& history_;
  const OutgoingMessage& message_;
  const std::function<bool()> may_write_;
  std::optional<Reply> rset_;
  std::optional<Reply> mail_;
  std::optional<Reply> rcpt_;
  std::optional<Reply> data_;
  bool begun_ = false;
  bool content_begun_ = false;
};

}  // namespace dialin::smtp
