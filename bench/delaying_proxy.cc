// SPDX-License-Identifier: Apache-2.0
#include "delaying_proxy.h"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <string>
#include <thread>

namespace dialin::bench {
namespace {

namespace net = boost::asio;
using net::ip::tcp;
using std::chrono::steady_clock;

constexpr auto as_result = net::as_tuple(net::use_awaitable);

struct Piece {
  steady_clock::time_point due;
  std::string octets;  // none: the end
};

// One direction of a connection.
struct Direction {
  Direction(net::io_context& io, tcp::socket& from, tcp::socket& to) : from(from), to(to), timer(io) {}

  tcp::socket& from;
  tcp::socket& to;
  net::steady_timer timer;  // due, or never while nothing waits
  std::deque<Piece> pieces;
};

struct Pair {
  Pair(net::io_context& io, tcp::socket client)
      : client(std::move(client)), server(io), up(io, this->client, server), down(io, server, this->client) {}

  tcp::socket client;
  tcp::socket server;
  Direction up;
  Direction down;
};

net::awaitable<void> take(std::shared_ptr<Pair> /*kept*/, Direction& way, std::chrono::milliseconds delay) {
  std::array<char, 65536> buffer;
  for (bool open = true; open;) {
    auto [error, count] = co_await way.from.async_read_some(net::buffer(buffer), as_result);
    open = !error;
    way.pieces.push_back({steady_clock::now() + delay, std::string(buffer.data(), count)});
    if (way.pieces.size() == 1) way.timer.cancel();
  }
}

net::awaitable<void> give(std::shared_ptr<Pair> /*kept*/, Direction& way) {
  for (;;) {
    while (way.pieces.empty() || way.pieces.front().due > steady_clock::now()) {
      way.timer.expires_at(way.pieces.empty() ? steady_clock::time_point::max() : way.pieces.front().due);
      co_await way.timer.async_wait(as_result);
    }
    const Piece piece = std::move(way.pieces.front());
    way.pieces.pop_front();
    boost::system::error_code ignored;
    if (piece.octets.empty()) {
      way.to.shutdown(tcp::socket::shutdown_send, ignored);
      co_return;
    }
    auto [error, count] = co_await net::async_write(way.to, net::buffer(piece.octets), as_result);
    if (error) co_return;
  }
}

}  // namespace

class DelayingProxy::Impl {
 public:
  Impl(std::uint16_t port, std::chrono::milliseconds delay)
      : target_(net::ip::address_v4::loopback(), port),
        delay_(delay),
        acceptor_(io_, tcp::endpoint(net::ip::address_v4::loopback(), 0)) {
    net::co_spawn(io_, accept(), net::detached);
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Impl() {
    io_.stop();
    thread_.join();
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  net::awaitable<void> accept() {
    for (;;) {
      auto pair = std::make_shared<Pair>(io_, co_await acceptor_.async_accept(net::use_awaitable));
      co_await pair->server.async_connect(target_, net::use_awaitable);
      for (tcp::socket* socket : {&pair->client, &pair->server}) socket->set_option(tcp::no_delay(true));
      for (Direction* way : {&pair->up, &pair->down}) {
        net::co_spawn(io_, take(pair, *way, delay_), net::detached);
        net::co_spawn(io_, give(pair, *way), net::detached);
      }
    }
  }

  net::io_context io_{1};
  const tcp::endpoint target_;
  const std::chrono::milliseconds delay_;
  tcp::acceptor acceptor_;
  std::thread thread_;
};

DelayingProxy::DelayingProxy(std::uint16_t port, std::chrono::milliseconds delay)
    : impl_(std::make_unique<Impl>(port, delay)) {}

DelayingProxy::~DelayingProxy() = default;

std::uint16_t DelayingProxy::port() const {
  return impl_->port();
}

}  // namespace dialin::bench
