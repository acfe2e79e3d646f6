// SPDX-License-Identifier: Apache-2.0
// LD_PRELOAD: connect() that sets TCP_NODELAY first. A client that writes a mail in several small pieces
// otherwise waits 40 ms for an acknowledgement that the server delays, and the measurement would be of that.
#include <dlfcn.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

extern "C" int connect(int socket, const sockaddr* address, socklen_t size) {
  using Connect = int (*)(int, const sockaddr*, socklen_t);
  static const auto real = reinterpret_cast<Connect>(dlsym(RTLD_NEXT, "connect"));
  const int yes = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);  // fails harmlessly where it is no TCP
  return real(socket, address, size);
}
