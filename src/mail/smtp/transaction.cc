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
                         const OutgoingMessage& message, std::function<bool()> may_write)
    : dialogue_(dialogue),
      connection_(dialogue.connection()),
      extensions_(extensions),
      history_(history),
      message_(message),
      may_write_(std::move(may_write)) {}

Task<Delivery> Transaction::run() {
  check_content(message_.content->reveal(ClearSecretAccess()));
  check_address(message_.recipient.address(), "a recipient's address");
  if (!message_.envelope_sender.empty()) check_address(message_.envelope_sender, "a sender's address");

  if (std::optional<Delivery> refusal = refused_beforehand(message_, extensions_)) {
    refusal->server = dialogue_.server_name();
    refusal->tls = connection_.tls() != nullptr;
    co_return *refusal;
  }
  if (!co_await dialogue_.in_step() || !dialogue_.usable()) co_return dialogue_.ending();
  co_await exchange_envelope();
  const std::optional<Delivery> refusal = judge_envelope();
  if (refusal) {
    if (data_ && data_->kind() == 3 && dialogue_.usable()) co_await send_lone_dot();
    co_return *refusal;
  }
  Delivery delivery = co_await send_content();
  co_return delivery;
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

Task<bool> Transaction::exchange(const std::vector<Step>& steps) {
  std::string lines;
  for (const Step& step : steps) {
    lines += step.line;
    dialogue_.expect(step.command);
  }
  begun_ = true;
  // Also after a failed write: the server may have said why it closed.
  co_await dialogue_.send(lines);
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

Task<void> Transaction::exchange_envelope() {
  std::vector<Step> steps;
  if (history_.envelope_open) steps.push_back({Command::Rset, "RSET\r\n"});
  steps.push_back({Command::Mail, mail_command(message_, extensions_)});
  steps.push_back({Command::Rcpt, rcpt_command(message_)});
  const Step data = {Command::Data, "DATA\r\n"};

  const bool grouped = extensions_.pipelining && dialogue_.server().pipelining != Pipelining::Off;
  if (grouped) {
    // RFC 2920 section 3.1: DATA may stand only at the end of a group, which is where it stands.
    const bool data_in_group = history_.errors == 0;
    if (data_in_group) steps.push_back(data);
    if (!co_await exchange(steps) || data_in_group || !rcpt_->positive()) co_return;
    const std::vector<Step> last = {data};
    co_await exchange(last);
    co_return;
  }
  steps.push_back(data);
  for (const Step& step : steps) {
    const std::vector<Step> single = {step};
    if (!co_await exchange(single) || reply_to(step.command)->kind() >= 4) co_return;
  }
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

Task<Delivery> Transaction::send_content() {
  if (!dialogue_.usable()) co_return dialogue_.ending();
  if (!may_write_()) {
    connection_.close();
    co_return dialogue_.problem(SessionProblem::LeaseLost, "DATA", "the message was withdrawn");
  }
  const std::string_view content = message_.content->reveal(ClearSecretAccess());
  dialogue_.trace(fmt::format("C: <{} octets of content>", content.size()));
  // From here until the reply nothing but the server's answer can say what became of the message.
  connection_.hold_cancellation(true);
  connection_.let_replies_interrupt(true);
  dialogue_.expect(Command::EndOfContent);
  Block block;
  // Never grown, which would leave a copy behind: a third more, for lines that are nothing but a dot.
  block.octets.reserve(std::min(content.size(), block_size) * 4 / 3 + 16);
  DotStuffer stuffer;
  bool all_handed_over = false;
  for (std::size_t at = 0; !all_handed_over;) {
    const std::string_view piece = content.substr(at, block_size);
    at += piece.size();
    const bool last = at == content.size();
    block.octets.clear();
    stuffer.stuff(piece, block.octets);
    if (last) block.octets += end_of_content;
    if (content_begun_ && last && !may_write_()) {
      connection_.abort();
      co_return dialogue_.problem(SessionProblem::LeaseLost, "content", "the message was withdrawn");
    }
    const bool written = co_await connection_.write(block.octets, dialogue_.timeouts().block);
    content_begun_ = content_begun_ || connection_.written() > 0;
    all_handed_over = written && last;
    // The server has answered before the end, for example because the message is too large for it.
    if (!written || (!last && connection_.has_reply())) break;
  }
  Delivery delivery = co_await take_outcome(all_handed_over);
  co_return delivery;
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
  co_return dialogue_.judged(Command::EndOfContent, *reply);
}

}  // namespace dialin::smtp
