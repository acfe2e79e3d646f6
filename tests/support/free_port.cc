// SPDX-License-Identifier: Apache-2.0
#include "support/free_port.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace dialin::test {
namespace {

constexpr int FirstPort = 20000;
constexpr int PortCount = 12000;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool can_bind(std::uint16_t port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) return false;
  // As servers do it: a connection of a former test in TIME_WAIT is no reason against a port.
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = loopback(port);
  const bool bound = ::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                     ::listen(listener, 1) == 0;
  ::close(listener);
  return bound;
}

}  // namespace

std::uint16_t free_port() {
  // A folder for each account: a file of another account could not be locked in a sticky directory.
  const std::string folder = "/tmp/dialin-test-ports-" + std::to_string(::geteuid());
  ::mkdir(folder.c_str(), 0700);
  static thread_local std::mt19937 generator{std::random_device{}()};
  const int start = std::uniform_int_distribution<int>(0, PortCount - 1)(generator);
  for (int step = 0; step < PortCount; ++step) {
    const int port = FirstPort + (start + step) % PortCount;
    const std::string name = folder + "/" + std::to_string(port);
    const int lock = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) throw std::runtime_error("cannot open " + name);
    if (::flock(lock, LOCK_EX | LOCK_NB) == 0 && can_bind(static_cast<std::uint16_t>(port))) {
      return static_cast<std::uint16_t>(port);  // the lock stays open, and held, until the process ends
    }
    ::close(lock);
  }
  throw std::runtime_error("no free port on 127.0.0.1");
}

std::pair<int, std::uint16_t> listen_on_any_port() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener, generic, size) != 0 || ::listen(listener, 256) != 0 ||
      ::getsockname(listener, generic, &size) != 0) {
    throw std::runtime_error("a test's server cannot listen on 127.0.0.1");
  }
  return {listener, ntohs(address.sin_port)};
}

bool is_listening(std::uint16_t port) {
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (client < 0) return false;
  const sockaddr_in address = loopback(port);
  const bool connected = ::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(client);
  return connected;
}

bool has_listener(std::uint16_t port) {
  // "sl local_address rem_address st ...", addresses as 0100007F:4E20, state 0A = LISTEN.
  std::ifstream sockets("/proc/net/tcp");
  for (std::string line; std::getline(sockets, line);) {
    std::istringstream words(line);
    std::string number, local, remote, state;
    words >> number >> local >> remote >> state;
    const std::size_t colon = local.find(':');
    if (state == "0A" && colon != std::string::npos &&
        std::strtoul(local.c_str() + colon + 1, nullptr, 16) == port) {
      return true;
    }
  }
  return false;
}

bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (true) {
    if (condition()) return true;
    if (std::chrono::steady_clock::now() >= end) return condition();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace dialin::test
