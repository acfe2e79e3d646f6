// SPDX-License-Identifier: Apache-2.0
#include "mail/catcher/mail_catcher.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>
#include <vector>

#include "base/text.h"
#include "mail/catcher/smtp_dialogue.h"

namespace dialin {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;
constexpr std::chrono::minutes IdleLimit(5);  // RFC 5321 section 4.5.3.2.7
constexpr int PollMilliseconds = 100;
// A client that sends and does not read: nothing more is read from it while this much waits.
constexpr std::size_t MaximumWaiting = 64 * 1024;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

SocketAddress socket_address(const ListenAddress& address) {
  SocketAddress result;
  if (address.is_ipv6()) {
    auto* ipv6 = reinterpret_cast<sockaddr_in6*>(&result.storage);
    ipv6->sin6_family = AF_INET6;
    ipv6->sin6_port = htons(address.port());
    ipv6->sin6_addr = in6addr_loopback;
    result.size = sizeof *ipv6;
  } else {
    auto* ipv4 = reinterpret_cast<sockaddr_in*>(&result.storage);
    ipv4->sin_family = AF_INET;
    ipv4->sin_port = htons(address.port());
    ::inet_pton(AF_INET, address.host().c_str(), &ipv4->sin_addr);
    result.size = sizeof *ipv4;
  }
  return result;
}

[[noreturn]] void fail_to_listen(const ListenAddress& address, int reason) {
  const ErrorCode code = reason == EADDRINUSE ? ErrorCode::Precondition
                         : reason == EACCES   ? ErrorCode::Permission
                                              : ErrorCode::Unavailable;
  throw Error(
      code,
      fmt::format("Cannot listen on {} port {}: {}.", address.host(), address.port(), std::strerror(reason)),
      "Name another port with --listen, for example 127.0.0.1:0 for a free one.");
}

}  // namespace

class MailCatcher::Connection {
 public:
  Connection(int socket, SmtpDialogue dialogue)
      : socket_(socket), dialogue_(std::move(dialogue)), waiting_(dialogue_.greeting()), last_(now()) {}
  ~Connection() {
    if (socket_ >= 0) ::close(socket_);
  }
  Connection(Connection&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)),
        dialogue_(std::move(other.dialogue_)),
        waiting_(std::move(other.waiting_)),
        last_(other.last_) {}
  Connection& operator=(Connection&& other) noexcept {
    std::swap(socket_, other.socket_);
    std::swap(dialogue_, other.dialogue_);
    std::swap(waiting_, other.waiting_);
    std::swap(last_, other.last_);
    return *this;
  }

  pollfd interest() const {
    const bool reads = !dialogue_.ended() && waiting_.size() < MaximumWaiting;
    return {socket_, static_cast<short>((reads ? POLLIN : 0) | (waiting_.empty() ? 0 : POLLOUT)), 0};
  }

  // Reads and writes what `events` allows. False when the connection is to be closed.
  bool serve(short events) {
    if (events != 0) last_ = now();
    if (now() - last_ > IdleLimit) return false;
    if ((events & POLLIN) != 0 && !read()) return false;
    // Most answers fit into the socket at once; what does not waits for POLLOUT.
    if (!waiting_.empty() && !write()) return false;
    if ((events & (POLLERR | POLLNVAL)) != 0) return false;
    if ((events & POLLHUP) != 0 && (events & POLLIN) == 0) return false;
    return !(dialogue_.ended() && waiting_.empty());
  }

 private:
  static SteadyTime now() { return std::chrono::steady_clock::now(); }

  bool read() {
    std::array<char, 65536> buffer;
    const ssize_t count = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    if (count == 0) return false;
    waiting_ += dialogue_.receive({buffer.data(), static_cast<std::size_t>(count)});
    return true;
  }

  bool write() {
    const ssize_t count = ::send(socket_, waiting_.data(), waiting_.size(), MSG_NOSIGNAL);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    waiting_.erase(0, static_cast<std::size_t>(count));
    return true;
  }

  int socket_;
  SmtpDialogue dialogue_;
  std::string waiting_;  // to be sent
  SteadyTime last_;      // when the client was last seen
};

MailCatcher::MailCatcher(const ListenAddress& address, const std::filesystem::path& directory, OnMail on_mail,
                         OnProblem on_problem)
    : keeper_(directory), on_mail_(std::move(on_mail)), on_problem_(std::move(on_problem)) {
  SocketAddress wanted = socket_address(address);
  listener_ = ::socket(wanted.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener_ < 0) fail_to_listen(address, errno);
  const int on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  SocketAddress actual;
  if (::bind(listener_, wanted.get(), wanted.size) != 0 || ::listen(listener_, SOMAXCONN) != 0 ||
      ::getsockname(listener_, actual.get(), &actual.size) != 0) {
    const int reason = errno;
    ::close(listener_);
    fail_to_listen(address, reason);
  }
  port_ = ntohs(address.is_ipv6() ? reinterpret_cast<sockaddr_in6*>(&actual.storage)->sin6_port
                                  : reinterpret_cast<sockaddr_in*>(&actual.storage)->sin_port);
}

MailCatcher::~MailCatcher() {
  ::close(listener_);
}

bool MailCatcher::keep(const CaughtEnvelope& envelope, const std::string& message) {
  try {
    on_mail_(keeper_.keep(envelope, message));
    return true;
  } catch (const Error& error) {
    on_problem_(error);
    return false;
  }
}

void MailCatcher::accept_connection(std::vector<Connection>& connections) {
  const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (socket < 0) return;  // the client has gone again
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  connections.emplace_back(socket,
                           SmtpDialogue([this](const CaughtEnvelope& envelope, const std::string& message) {
                             return keep(envelope, message);
                           }));
}

void MailCatcher::run(const std::atomic<bool>& stop) {
  std::vector<Connection> connections;
  std::vector<pollfd> polled;
  while (!stop) {
    polled.clear();
    for (const Connection& connection : connections) polled.push_back(connection.interest());
    // Connections above the limit wait in the kernel until one has ended.
    if (connections.size() < MaximumConnections) polled.push_back({listener_, POLLIN, 0});
    if (::poll(polled.data(), polled.size(), PollMilliseconds) < 0) continue;  // a signal
    std::vector<Connection> kept;
    kept.reserve(connections.size() + 1);
    for (std::size_t i = 0; i < connections.size(); ++i) {
      if (connections[i].serve(polled[i].revents)) kept.push_back(std::move(connections[i]));
    }
    if (polled.size() > connections.size() && polled.back().revents != 0) accept_connection(kept);
    connections = std::move(kept);
  }
}

std::string summary(const CaughtMail& mail) {
  std::string files = mail.message_file.filename().string();
  if (mail.html_file) files += " " + mail.html_file->filename().string();
  if (mail.text_file) files += " " + mail.text_file->filename().string();
  std::vector<std::string> recipients;
  for (const std::string& recipient : mail.envelope.recipients) recipients.push_back("<" + recipient + ">");
  return sanitize_foreign_text(fmt::format("{}  from <{}> to {}: {}", files, mail.envelope.mail_from,
                                           join(recipients, ", "), mail.subject),
                               2000);
}

}  // namespace dialin
