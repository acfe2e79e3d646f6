// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/connection.h"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <vector>

#include "mail/smtp/tls.h"

namespace dialin::smtp {
namespace {

namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto as_result = net::as_tuple(net::use_awaitable);

// More replies than any group asks for: a server that talks without being asked costs no memory.
constexpr std::size_t max_pending_replies = 32;

// Octets of one read; a reply is rarely longer than a few hundred.
constexpr std::size_t read_size = 4096;

std::string reason(const error_code& error) {
  return error.message();
}

}  // namespace

// Shared with its own handlers, which may run once more after the Connection is gone.
class Connection::Impl : public std::enable_shared_from_this<Connection::Impl> {
 public:
  Impl(net::io_context& io, milliseconds poll, std::function<bool()> cancelled)
      : io(io), socket(io), resolver(io), tick(io), wake(io), poll(poll), cancelled(std::move(cancelled)) {
    wake.expires_at(steady_clock::time_point::max());
  }

  // One timer for all deadlines: a timer a command would cost more than the command.
  void start_ticking() {
    tick.expires_after(poll);
    tick.async_wait([self = shared_from_this()](const error_code& error) {
      if (error || self->end != ConnectionEnd::None) return;
      self->look_at_the_time();
      if (self->end == ConnectionEnd::None) self->start_ticking();
    });
  }

  void look_at_the_time() {
    if (!cancellation_held && cancelled && cancelled()) return fail(ConnectionEnd::Cancelled, "stopped");
    if (!deadline || steady_clock::now() < *deadline) return;
    if (connecting) {
      // Only this address has failed.
      deadline.reset();
      error_code ignored;
      socket.close(ignored);
    } else {
      fail(ConnectionEnd::TimedOut, "the server did not answer in time");
    }
  }

  void fail(ConnectionEnd why, std::string text) {
    if (end != ConnectionEnd::None) return;
    end = why;
    end_text = std::move(text);
    deadline.reset();
    error_code ignored;
    socket.close(ignored);
    resolver.cancel();
    tick.cancel();
    wake.cancel();
  }

  void read() {
    reading = true;
    auto handler = [self = shared_from_this()](const error_code& error, std::size_t count) {
      self->reading = false;
      self->take(error, count);
    };
    if (tls) {
      tls->async_read_some(net::buffer(buffer), std::move(handler));
    } else {
      socket.async_read_some(net::buffer(buffer), std::move(handler));
    }
  }

  void take(const error_code& error, std::size_t count) {
    if (end != ConnectionEnd::None) return;
    parser.feed(std::string_view(buffer.data(), count));
    if (!parser.error().empty()) {
      return fail(ConnectionEnd::BadReply, "the server answered with " + parser.error());
    }
    if (error == net::error::eof || error == net::ssl::error::stream_truncated) {
      return fail(ConnectionEnd::ClosedByServer, "the server closed the connection");
    }
    if (error) return fail(ConnectionEnd::ClosedByServer, "the connection was lost: " + reason(error));
    if (parser.pending() > max_pending_replies) {
      return fail(ConnectionEnd::BadReply, "the server sends replies that nobody asked for");
    }
    if (!parser.has_reply()) return read();
    wake.cancel();
    if (replies_interrupt && writing) {
      error_code ignored;
      socket.cancel(ignored);
    } else if (!stop_after_reply) {
      read();
    }
  }

  net::io_context& io;
  tcp::socket socket;
  tcp::resolver resolver;
  net::steady_timer tick;
  net::steady_timer wake;
  const milliseconds poll;
  const std::function<bool()> cancelled;
  std::optional<net::ssl::context> tls_context;
  std::optional<net::ssl::stream<tcp::socket&>> tls;
  std::array<char, read_size> buffer;
  ReplyParser parser;
  std::optional<steady_clock::time_point> deadline;
  bool connecting = false;
  bool reading = false;
  bool writing = false;
  bool stop_after_reply = false;
  bool replies_interrupt = false;
  bool cancellation_held = false;
  std::size_t written = 0;
  ConnectionEnd end = ConnectionEnd::None;
  std::string end_text;
};

Connection::Connection(net::io_context& io, milliseconds poll, std::function<bool()> cancelled)
    : impl_(std::make_shared<Impl>(io, poll, std::move(cancelled))) {}

Connection::~Connection() {
  close();
}

Task<bool> Connection::connect(const std::string& host, std::uint16_t port, milliseconds limit) {
  Impl& self = *impl_;
  self.start_ticking();
  self.look_at_the_time();
  std::vector<tcp::endpoint> endpoints;
  error_code not_an_address;
  const net::ip::address address = net::ip::make_address(host, not_an_address);
  if (!not_an_address) {
    endpoints.emplace_back(address, port);
  } else if (self.end == ConnectionEnd::None) {
    auto [error, found] = co_await self.resolver.async_resolve(host, std::to_string(port),
                                                               tcp::resolver::numeric_service, as_result);
    if (error) self.fail(ConnectionEnd::Unreachable, "its address could not be found: " + reason(error));
    for (const auto& entry : found) endpoints.push_back(entry.endpoint());
  }
  std::string failures;
  for (const tcp::endpoint& endpoint : endpoints) {
    if (self.end != ConnectionEnd::None) break;
    error_code error;
    self.socket.close(error);
    self.socket.open(endpoint.protocol(), error);
    if (!error) {
      self.connecting = true;
      self.deadline = steady_clock::now() + limit;
      std::tie(error) = co_await self.socket.async_connect(endpoint, as_result);
      self.connecting = false;
    }
    const bool late = !self.deadline;
    self.deadline.reset();
    if (self.end != ConnectionEnd::None) break;
    if (!error && self.socket.is_open()) {
      // One write a group, and it goes at once: Nagle would hold it for the server's delayed ACK, 40 ms.
      self.socket.set_option(tcp::no_delay(true), error);
      co_return true;
    }
    if (!failures.empty()) failures += "; ";
    failures +=
        fmt::format("{}: {}", endpoint.address().to_string(), late ? "no answer in time" : reason(error));
  }
  self.fail(ConnectionEnd::Unreachable, failures.empty() ? "it has no address" : failures);
  co_return false;
}

Task<bool> Connection::encrypt(ssl_ctx_st* context, const std::string& host, milliseconds limit) {
  Impl& self = *impl_;
  error_code error;
  const bool something_came = self.reading || self.parser.has_reply() || self.parser.in_reply() ||
                              (self.stop_after_reply && self.socket.available(error) > 0);
  // Octets between the reply and the handshake would be read as if they had come through TLS: somebody on the
  // way injects replies (CVE-2021-38371 and its kin).
  if (something_came) {
    self.fail(ConnectionEnd::BadReply,
              "clear text came after the reply to STARTTLS; somebody may be tampering");
  }
  if (self.end != ConnectionEnd::None) co_return false;
  SSL_CTX_up_ref(context);
  self.tls_context.emplace(context);
  self.tls.emplace(self.socket, *self.tls_context);
  prepare_tls(self.tls->native_handle(), host);
  self.deadline = steady_clock::now() + limit;
  std::tie(error) = co_await self.tls->async_handshake(net::ssl::stream_base::client, as_result);
  self.deadline.reset();
  if (error) self.fail(ConnectionEnd::HandshakeFailed, "the TLS handshake failed: " + reason(error));
  self.stop_after_reply = false;
  co_return self.end == ConnectionEnd::None;
}

void Connection::start_reading() {
  impl_->read();
}

void Connection::stop_reading_after_reply() {
  impl_->stop_after_reply = true;
}

Task<bool> Connection::write(std::string_view bytes, milliseconds limit) {
  Impl& self = *impl_;
  self.written = 0;
  if (self.end != ConnectionEnd::None) co_return false;
  self.deadline = steady_clock::now() + limit;
  self.writing = true;
  if (self.tls) {
    auto [error, count] = co_await net::async_write(*self.tls, net::buffer(bytes), as_result);
    self.written = count;
  } else {
    auto [error, count] = co_await net::async_write(self.socket, net::buffer(bytes), as_result);
    self.written = count;
  }
  self.writing = false;
  self.deadline.reset();
  // The last octet and the reply may have crossed: nothing was interrupted then, and reading goes on.
  const bool all = self.written == bytes.size();
  if (all && !self.reading && self.replies_interrupt && self.end == ConnectionEnd::None) self.read();
  // After a failed write the connection stays open for reading: the server may have said why before it
  // closed.
  co_return all;
}

void Connection::let_replies_interrupt(bool interrupt) {
  impl_->replies_interrupt = interrupt;
}

std::size_t Connection::written() const {
  return impl_->written;
}

Task<std::optional<Reply>> Connection::read_reply(milliseconds limit) {
  Impl& self = *impl_;
  self.deadline = steady_clock::now() + limit;
  while (!self.parser.has_reply() && self.end == ConnectionEnd::None)
    co_await self.wake.async_wait(as_result);
  self.deadline.reset();
  co_return self.parser.next();
}

bool Connection::has_reply() const {
  return impl_->parser.has_reply();
}

const Reply* Connection::peek_reply() const {
  return impl_->parser.peek();
}

Task<void> Connection::catch_up() {
  Impl& self = *impl_;
  // The first turn lets the reactor see what has arrived, the others the handlers of socket and TLS run.
  for (int turn = 0; turn < 3 && self.end == ConnectionEnd::None && !self.parser.has_reply(); ++turn) {
    co_await net::post(self.io, net::use_awaitable);
  }
}

void Connection::hold_cancellation(bool held) {
  impl_->cancellation_held = held;
}

void Connection::close() {
  impl_->fail(ConnectionEnd::ClosedByUs, "closed");
}

void Connection::abort() {
  error_code ignored;
  if (impl_->end == ConnectionEnd::None) impl_->socket.set_option(net::socket_base::linger(true, 0), ignored);
  close();
}

void Connection::fail(ConnectionEnd end, std::string text) {
  impl_->fail(end, std::move(text));
}

ConnectionEnd Connection::end() const {
  return impl_->end;
}

const std::string& Connection::end_text() const {
  return impl_->end_text;
}

ssl_st* Connection::tls() const {
  return impl_->tls ? impl_->tls->native_handle() : nullptr;
}

bool Connection::peer_is_loopback() const {
  error_code error;
  const tcp::endpoint peer = impl_->socket.remote_endpoint(error);
  if (error) return false;
  const net::ip::address address = peer.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return net::ip::make_address_v4(net::ip::v4_mapped, address.to_v6()).is_loopback();
  }
  return address.is_loopback();
}

std::string Connection::local_address_literal() const {
  error_code error;
  const tcp::endpoint local = impl_->socket.local_endpoint(error);
  if (error) return "[127.0.0.1]";
  net::ip::address address = local.address();
  if (address.is_v4()) return fmt::format("[{}]", address.to_string());
  net::ip::address_v6 six = address.to_v6();
  six.scope_id(0);
  return fmt::format("[IPv6:{}]", six.to_string());
}

}  // namespace dialin::smtp
