// SPDX-License-Identifier: Apache-2.0
#include "base/journal.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <cstring>

namespace dialin {
namespace {

// "<85>Mar  1 10:14:07 dialin[4711]: ", the time as loggers expect it: local, whatever the locale.
std::string header() {
  static const char* const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const time_t now = ::time(nullptr);
  tm parts{};
  localtime_r(&now, &parts);
  return fmt::format("<{}>{} {:2} {:02}:{:02}:{:02} dialin[{}]: ", LOG_AUTHPRIV | LOG_NOTICE,
                     months[parts.tm_mon], parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     getpid());
}

}  // namespace

bool SyslogJournal::write(std::string_view line) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  const int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return false;
  const timeval patience{.tv_sec = 1, .tv_usec = 0};
  const std::string datagram = header() + std::string(line);
  const bool taken = setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0 &&
                     connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                     send(descriptor, datagram.data(), datagram.size(), MSG_NOSIGNAL) ==
                         static_cast<ssize_t>(datagram.size());
  close(descriptor);
  return taken;
}

}  // namespace dialin
