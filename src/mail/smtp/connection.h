// SPDX-License-Identifier: Apache-2.0
// One TCP connection to a server, clear or in TLS, that always reads while it is open: replies are taken as
// they come, also while something is being written, so that a server which stops reading until its replies
// are taken never stands against a client that does the same.
//
// Everything runs on the thread that runs the io_context. One coroutine at a time awaits an operation.
// Operations never throw for what a server or network does; they say false or nothing, and end() tells why.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "mail/smtp/reply_parser.h"
#include "mail/smtp/task.h"

struct ssl_ctx_st;
struct ssl_st;

namespace dialin::smtp {

enum class ConnectionEnd {
  None,            // open, or not yet opened
  Unreachable,     // no address, or none that could be connected to
  ClosedByServer,  // closed or reset, also by the network
  TimedOut,
  Cancelled,
  BadReply,  // bytes that are no SMTP, or plain text where TLS has to begin
  HandshakeFailed,
  ClosedByUs,
};

class Connection {
 public:
  // Deadlines and `cancelled` (may be null) are looked at every `poll`.
  Connection(boost::asio::io_context& io, std::chrono::milliseconds poll, std::function<bool()> cancelled);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Tries every address of `host`, each for at most `limit`. TCP_NODELAY is on.
  Task<bool> connect(const std::string& host, std::uint16_t port, std::chrono::milliseconds limit);
  // The TLS handshake. After STARTTLS: false and BadReply if octets came after the reply to it.
  Task<bool> encrypt(ssl_ctx_st* context, const std::string& host, std::chrono::milliseconds limit);
  // Begins to read; after connect(), or after encrypt() where TLS comes first.
  void start_reading();
  // To be called before STARTTLS is written: what follows its reply belongs to TLS and must not be read here.
  void stop_reading_after_reply();

  // False: not all was handed to the socket; written() says how much was.
  Task<bool> write(std::string_view bytes, std::chrono::milliseconds limit);
  std::size_t written() const;
  // From now on a reply interrupts what is being written. For content: a server that answers before its end
  // has decided, and some do not read on. The connection can only be closed after that.
  void let_replies_interrupt(bool interrupt);

  // The next reply, or nothing: the connection has ended. Replies that came before the end are still given.
  Task<std::optional<Reply>> read_reply(std::chrono::milliseconds limit);
  bool has_reply() const;
  // What read_reply() will give next; null if nothing has come.
  const Reply* peek_reply() const;
  // Lets what has arrived be read. To be asked before a step that must not be confused by a reply too many.
  Task<void> catch_up();

  // While held, `cancelled` does not end the connection: content is on its way.
  void hold_cancellation(bool held);
  void close();
  // Closes and throws away what the system has not yet sent: the rest of a content that is not to be
  // completed.
  void abort();
  // For what the caller found out itself; the first reason stays.
  void fail(ConnectionEnd end, std::string text);

  ConnectionEnd end() const;
  const std::string& end_text() const;  // "the server closed the connection"
  ssl_st* tls() const;                  // null: clear text
  bool peer_is_loopback() const;
  std::string local_address_literal() const;  // "[192.0.2.1]", "[IPv6:2001:db8::1]" (RFC 5321 section 4.1.3)

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace dialin::smtp
