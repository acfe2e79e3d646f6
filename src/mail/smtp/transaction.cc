// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/transaction.h"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <utility>

#include "mail/smtp/content_check.h"
#include "mail/smtp/envelope.h"

namespace dialin::smtp {
namespace {

// Octets of content in one write. A welcome (6 to 30 KB) goes in one, and its final dot with it.
constexpr std::size_t block_size = 64 * 1024;

constexpr std::string_view end_of_content = ".\r\n";

// Octets that the final dot and an envelope take at most: two addresses, ENVID, and the words around them.
constexpr std::size_t envelope_room = 2048;

// The copy of content on its way to the socket: wiped on every way out.
class Block {
 public:
  Block() = default;
  ~Block() { wipe(octets); }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  std::string octets;
};

}  // namespace

Transaction::Transaction(Dialogue& dialogue, const Extensions& extensions, TransactionHistory& history,
                         TakenMessage& message, bool grouped)
    : dialogue_(dialogue),
      connection_(dialogue.connection()),
      extensions_(extensions),
      history_(history),
      message_(message),
      grouped_(grouped) {
  const OutgoingMessage& outgoing = message.message;
  check_content(outgoing.content->reveal(ClearSecretAccess()));
  check_address(outgoing.recipient.address(), "a recipient's address");
  if (!outgoing.envelope_sender.empty()) check_address(outgoing.envelope_sender, "a sender's address");
}

std::optional<Delivery> Transaction::refused_beforehand() const {
  std::optional<Delivery> refusal = smtp::refused_beforehand(message_.message, extensions_);
  if (!refusal) return std::nullopt;
  refusal->server = dialogue_.server_name();
  refusal->tls = connection_.tls() != nullptr;
  return refusal;
}

Task<std::optional<Delivery>> Transaction::exchange_envelope() {
  if (gone_.empty()) {
    const bool in_step = co_await dialogue_.in_step();
    if (!in_step || !dialogue_.usable()) co_return dialogue_.ending();
  }
  co_await exchange_steps();
  std::optional<Delivery> refusal = judge_envelope();
  if (refusal && data_ && data_->kind() == 3 && dialogue_.usable()) co_await send_lone_dot();
  co_return refusal;
}

std::optional<Reply>& Transaction::reply_to(Command command) {
  if (command == Command::Rset) return rset_;
  if (command == Command::Mail) return mail_;
  if (command == Command::Rcpt) return rcpt_;
  return data_;
}

void Transaction::count_error(const Reply& reply) {
  if (reply.kind() >= 4) ++history_.errors;
}

std::vector<Transaction::Step> Transaction::first_group() const {
  std::vector<Step> steps;
  if (history_.envelope_open) steps.push_back({Command::Rset, "RSET\r\n"});
  steps.push_back({Command::Mail, mail_command(message_.message, extensions_)});
  steps.push_back({Command::Rcpt, rcpt_command(message_.message)});
  // RFC 2920 section 3.1: DATA may stand only at the end of a group, which is where it stands.
  if (!grouped_ || history_.errors == 0) steps.push_back({Command::Data, "DATA\r\n"});
  return steps;
}

std::string Transaction::begin(const std::vector<Step>& steps) {
  std::string lines;
  for (const Step& step : steps) {
    lines += step.line;
    dialogue_.expect(step.command);
  }
  begun_ = true;
  return lines;
}

Task<bool> Transaction::exchange(const std::vector<Step>& steps) {
  // Also after a failed write: the server may have said why it closed.
  co_await dialogue_.send(begin(steps));
  const bool in_step = co_await take_replies(steps);
  co_return in_step;
}

Task<bool> Transaction::take_replies(const std::vector<Step>& steps) {
  for (const Step& step : steps) {
    std::optional<Reply>& reply = reply_to(step.command);
    reply = co_await dialogue_.answer();
    if (!reply) co_return false;
    count_error(*reply);
    if (dialogue_.going()) co_return false;
    if (step.command == Command::Rset && !reply->positive()) {
      // What the server thinks of the former envelope is unknown, and every further message would find it
      // there.
      connection_.fail(ConnectionEnd::BadReply, fmt::format("the server answered {} to RSET", reply->code));
      co_return false;
    }
    if (step.command == Command::Rset) history_.envelope_open = false;
    if (step.command == Command::Mail && reply->positive()) history_.envelope_open = true;
    if (step.command == Command::Data && reply->kind() == 3) history_.envelope_open = false;
  }
  const bool in_step = co_await dialogue_.in_step();
  co_return in_step;
}

Task<void> Transaction::exchange_steps() {
  const std::vector<Step> steps = gone_.empty() ? first_group() : gone_;
  if (!grouped_) {
    for (const Step& step : steps) {
      const std::vector<Step> single = {step};
      if (!co_await exchange(single) || reply_to(step.command)->kind() >= 4) co_return;
    }
    co_return;
  }
  bool in_step = false;
  if (gone_.empty()) {
    in_step = co_await exchange(steps);
  } else {
    in_step = co_await take_replies(steps);
  }
  const bool data_gone = steps.back().command == Command::Data;
  if (!in_step || data_gone || !rcpt_->positive()) co_return;
  const std::vector<Step> last = {{Command::Data, "DATA\r\n"}};
  co_await exchange(last);
}

std::optional<Delivery> Transaction::judge_envelope() const {
  // Client and server have lost step: whose the replies are is anybody's guess.
  if (connection_.end() == ConnectionEnd::BadReply) return dialogue_.ending();
  if (rset_ && !rset_->positive()) return dialogue_.judged(Command::Rset, *rset_);
  if (mail_ && !mail_->positive()) return dialogue_.judged(Command::Mail, *mail_);
  if (rcpt_ && !rcpt_->positive()) return dialogue_.judged(Command::Rcpt, *rcpt_);
  if (data_ && data_->kind() != 3) return dialogue_.judged(Command::Data, *data_);
  if (!data_) return dialogue_.ending();
  return std::nullopt;
}

Task<void> Transaction::send_lone_dot() {
  dialogue_.expect(Command::EndOfContent);
  co_await dialogue_.send_hidden(end_of_content, "<no content>", dialogue_.timeouts().block);
  const std::optional<Reply> reply = co_await dialogue_.answer();
  if (!reply) co_return;
  count_error(*reply);
  if (reply->positive()) {
    connection_.fail(ConnectionEnd::BadReply, "the server accepted a message that has no recipient");
  }
}

Task<Delivery> Transaction::send_content(Transaction* following, const std::function<bool()>& may_write) {
  if (!dialogue_.usable()) co_return dialogue_.ending();
  if (!may_write()) {
    connection_.close();
    co_return dialogue_.problem(SessionProblem::LeaseLost, "DATA", "the message was withdrawn");
  }
  // From here until the reply nothing but the server's answer can say what became of the message.
  connection_.hold_cancellation(true);
  connection_.let_replies_interrupt(true);
  const std::optional<bool> all_handed_over = co_await write_content(following, may_write);
  if (!all_handed_over) {
    connection_.abort();
    co_return dialogue_.problem(SessionProblem::LeaseLost, "content", "the message was withdrawn");
  }
  Delivery delivery = co_await take_outcome(*all_handed_over);
  co_return delivery;
}

Task<std::optional<bool>> Transaction::write_content(Transaction* following,
                                                     const std::function<bool()>& may_write) {
  const std::string_view content = message_.message.content->reveal(ClearSecretAccess());
  dialogue_.trace_content(content.size());
  dialogue_.expect(Command::EndOfContent);
  Block block;
  // Never grown by content, which would leave a copy behind: a third more, for lines that are nothing but a
  // dot, and room for the envelope that follows.
  block.octets.reserve(std::min(content.size(), block_size) * 4 / 3 + envelope_room);
  DotStuffer stuffer;
  for (std::size_t at = 0;;) {
    const std::string_view piece = content.substr(at, block_size);
    at += piece.size();
    const bool last = at == content.size();
    if (content_begun_ && last && !may_write()) co_return std::nullopt;
    block.octets.clear();
    stuffer.stuff(piece, block.octets);
    if (last) block.octets += end_of_content;
    const std::size_t of_content = block.octets.size();
    if (last && following != nullptr) {
      following->gone_ = following->first_group();
      const std::string envelope = following->begin(following->gone_);
      dialogue_.trace_lines(envelope);
      block.octets += envelope;
    }
    const bool written = co_await connection_.write(block.octets, dialogue_.timeouts().block);
    content_begun_ = content_begun_ || connection_.written() > 0;
    if (last) {
      tail_cut_ = !written && connection_.written() >= of_content;
      co_return written || tail_cut_;
    }
    // The server has answered before the end, for example because the message is too large for it.
    if (!written || connection_.has_reply()) co_return false;
  }
}

Task<Delivery> Transaction::take_outcome(bool all_handed_over) {
  // A server that answers early has answered already, or closed; nothing else is worth waiting for.
  if (!all_handed_over && !connection_.has_reply()) co_await connection_.catch_up();
  if (!all_handed_over && !connection_.has_reply()) {
    connection_.fail(ConnectionEnd::ClosedByServer, "the connection was lost");
  }
  const std::optional<Reply> reply = co_await dialogue_.answer();
  connection_.hold_cancellation(false);
  connection_.let_replies_interrupt(false);
  dialogue_.set_during("content");
  if (!all_handed_over) {
    // The final dot is never sent after this, so nothing can have arrived, whatever was answered.
    const bool about_content = reply && reply->kind() >= 4;
    Delivery delivery = about_content ? dialogue_.judged(Command::EndOfContent, *reply) : dialogue_.ending();
    if (!about_content && reply) {
      delivery =
          dialogue_.problem(SessionProblem::ProtocolBroken, "content", "the server answered before the end");
    }
    connection_.abort();
    co_return delivery;
  }
  if (!reply) {
    Delivery delivery = dialogue_.ending();
    delivery.result = DeliveryResult::Unknown;
    delivery.scope = DeliveryScope::None;
    delivery.during = name_of(Command::EndOfContent);
    co_return delivery;
  }
  if (reply->positive()) {
    history_.errors = 0;
  } else {
    count_error(*reply);
  }
  // Half of a command may be with the server.
  if (tail_cut_) connection_.close();
  co_return dialogue_.judged(Command::EndOfContent, *reply);
}

}  // namespace dialin::smtp
