// SPDX-License-Identifier: Apache-2.0
#include "contract/store/answer_dropping_proxy.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <tuple>

#include "support/free_port.h"

namespace dialin::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool send_all(int socket, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t sent = send(socket, data, size, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    data += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

}  // namespace

AnswerDroppingProxy::AnswerDroppingProxy(std::uint16_t server_port) : server_port_(server_port) {
  std::tie(listener_, port_) = listen_on_any_port();
  threads_.emplace_back([this] { accept_all(); });
}

AnswerDroppingProxy::~AnswerDroppingProxy() {
  shutdown(listener_, SHUT_RDWR);
  {
    const std::lock_guard lock(mutex_);
    for (int socket : sockets_) shutdown(socket, SHUT_RDWR);
  }
  // The first thread adds others until it ends.
  threads_.front().join();
  for (std::size_t i = 1; i < threads_.size(); ++i) threads_[i].join();
  close(listener_);
  for (int socket : sockets_) close(socket);
}

void AnswerDroppingProxy::accept_all() {
  for (;;) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    const std::lock_guard lock(mutex_);
    sockets_.push_back(client);
    threads_.emplace_back([this, client] { serve(client); });
  }
}

void AnswerDroppingProxy::serve(int client) {
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  {
    const std::lock_guard lock(mutex_);
    sockets_.push_back(server);
  }
  sockaddr_in address = loopback(server_port_);
  bool open = connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  bool dropping = false;
  pollfd both[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
  const std::string commit("COMMIT\0", 7);
  while (open && poll(both, 2, -1) > 0) {
    char buffer[65536];
    if (both[0].revents != 0) {
      const ssize_t size = recv(client, buffer, sizeof buffer, 0);
      if (size <= 0) break;
      if (std::string(buffer, static_cast<std::size_t>(size)).find(commit) != std::string::npos &&
          armed_.exchange(false))
        dropping = true;
      open = send_all(server, buffer, static_cast<std::size_t>(size));
    }
    if (open && both[1].revents != 0) {
      const ssize_t size = recv(server, buffer, sizeof buffer, 0);
      if (size <= 0) break;
      if (dropping) {
        dropped_ = true;
        break;
      }
      open = send_all(client, buffer, static_cast<std::size_t>(size));
    }
  }
  shutdown(client, SHUT_RDWR);
  shutdown(server, SHUT_RDWR);
}

}  // namespace dialin::test
