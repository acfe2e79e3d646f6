// SPDX-License-Identifier: Apache-2.0
#include "support/scripted_smtp_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <tuple>
#include <utility>

#include "support/free_port.h"

namespace dialin::test {
namespace {

constexpr std::chrono::milliseconds patience = std::chrono::seconds(20);

bool readable(int socket, std::chrono::milliseconds limit) {
  pollfd waited{.fd = socket, .events = POLLIN, .revents = 0};
  return poll(&waited, 1, static_cast<int>(limit.count())) == 1;
}

}  // namespace

ScriptedPeer::ScriptedPeer(int socket) : socket_(socket) {
  // Replies in several small packets would each wait for the client's delayed acknowledgement.
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

ScriptedPeer::~ScriptedPeer() {
  if (tls_ != nullptr) SSL_free(tls_);
  if (context_ != nullptr) SSL_CTX_free(context_);
  if (socket_ >= 0) close(socket_);
}

void ScriptedPeer::send(std::string_view lines) {
  while (!lines.empty()) {
    const long count = tls_ != nullptr ? SSL_write(tls_, lines.data(), static_cast<int>(lines.size()))
                                       : ::send(socket_, lines.data(), lines.size(), MSG_NOSIGNAL);
    if (count <= 0) throw Closed();
    lines.remove_prefix(static_cast<std::size_t>(count));
  }
}

void ScriptedPeer::send_octets_apart(std::string_view lines) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    send(lines.substr(i, 1));
    // Gives the client the time to read this octet alone; nothing fails if it does not.
    std::this_thread::yield();
  }
}

bool ScriptedPeer::receive(std::chrono::milliseconds limit) {
  std::array<char, 4096> octets;
  if ((tls_ == nullptr || SSL_pending(tls_) == 0) && !readable(socket_, limit)) return false;
  const long count = tls_ != nullptr ? SSL_read(tls_, octets.data(), static_cast<int>(octets.size()))
                                     : recv(socket_, octets.data(), octets.size(), 0);
  if (count <= 0) throw Closed();
  buffer_.append(octets.data(), static_cast<std::size_t>(count));
  return true;
}

std::string ScriptedPeer::read_line() {
  for (;;) {
    const std::size_t end = buffer_.find("\r\n");
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 2);
      return line;
    }
    if (!receive(patience)) throw std::runtime_error("the client sent no line; so far: " + buffer_);
  }
}

std::string ScriptedPeer::expect(std::string_view start) {
  std::string line = read_line();
  if (line.rfind(start, 0) != 0) throw std::runtime_error("expected " + std::string(start) + ", got " + line);
  return line;
}

std::string ScriptedPeer::read_content() {
  for (;;) {
    const std::size_t end = buffer_.find("\r\n.\r\n");
    if (end != std::string::npos) {
      std::string content = buffer_.substr(0, end + 5);
      buffer_.erase(0, end + 5);
      return content;
    }
    if (!receive(patience)) throw std::runtime_error("the client sent no final dot");
  }
}

void ScriptedPeer::greet(const std::vector<std::string>& extensions, const std::string& greeting) {
  send(greeting);
  answer_hello(extensions);
}

void ScriptedPeer::answer_hello(const std::vector<std::string>& extensions) {
  expect("EHLO ");
  std::string reply;
  for (const std::string& extension : extensions) reply += "250-" + extension + "\r\n";
  send("250-scripted.example.org\r\n" + reply + "250 HELP\r\n");
}

void ScriptedPeer::take_envelope() {
  expect("MAIL FROM:");
  send("250 2.1.0 ok\r\n");
  expect("RCPT TO:");
  send("250 2.1.5 ok\r\n");
  expect("DATA");
  send("354 go on\r\n");
}

bool ScriptedPeer::start_tls(const Certificate& certificate) {
  context_ = SSL_CTX_new(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(context_, certificate.certificate_file.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context_, certificate.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    throw std::runtime_error("the certificate cannot be used");
  }
  tls_ = SSL_new(context_);
  SSL_set_fd(tls_, socket_);
  return SSL_accept(tls_) == 1;
}

void ScriptedPeer::reset() {
  const linger hard{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  close(socket_);
  socket_ = -1;
}

std::string ScriptedPeer::read_rest(std::chrono::milliseconds limit) {
  try {
    while (receive(limit)) continue;
  } catch (const Closed&) {
  }
  return std::exchange(buffer_, {});
}

void ScriptedPeer::shrink_receive_buffer() {
  const int size = 4096;
  setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

ScriptedSmtpServer::ScriptedSmtpServer(std::vector<Script> scripts, Playing playing)
    : how_(playing), scripts_(std::move(scripts)) {
  // SSL_write knows no MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN);
  std::tie(listener_, port_) = listen_on_any_port();
  thread_ = std::thread([this] { serve(); });
}

ScriptedSmtpServer::~ScriptedSmtpServer() {
  stopping_ = true;
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  for (std::thread& player : players_) player.join();
  close(listener_);
}

void ScriptedSmtpServer::play(int socket) {
  const std::size_t index = connections_++;
  ScriptedPeer peer(socket);
  try {
    scripts_[std::min(index, scripts_.size() - 1)](peer);
  } catch (const ScriptedPeer::Closed&) {
    // The client may always go; what it did until then is what the test looks at.
  } catch (const std::exception& error) {
    const std::lock_guard<std::mutex> lock(noting_);
    failures_.push_back("connection " + std::to_string(index + 1) + ": " + error.what());
  }
}

void ScriptedSmtpServer::serve() {
  while (!stopping_) {
    // Taken before accept(): a client that is done knows that failures() then waits for its script.
    if (!readable(listener_, std::chrono::milliseconds(50))) continue;
    const std::lock_guard<std::mutex> lock(playing_);
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    if (how_ == Playing::OneByOne) {
      play(socket);
    } else {
      players_.emplace_back([this, socket] { play(socket); });
    }
  }
}

std::vector<std::string> ScriptedSmtpServer::failures() {
  const std::lock_guard<std::mutex> lock(playing_);
  for (std::thread& player : players_) player.join();
  players_.clear();
  return failures_;
}

}  // namespace dialin::test
