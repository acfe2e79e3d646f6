// SPDX-License-Identifier: Apache-2.0
// The system's journal, which keeps lines out of the reach of whoever can only write the store.
#pragma once

#include <string>
#include <string_view>

namespace dialin {

class Journal {
 public:
  virtual ~Journal() = default;
  // One line without its end, at most 1,000 octets. False: it was not taken, try again later. Never throws,
  // waits for at most a second.
  virtual bool write(std::string_view line) = 0;
};

// A datagram a line to the socket that the system's logger reads, as syslog(3) does (RFC 3164's form:
// facility authpriv, severity notice, tag dialin); but syslog(3) does not tell whether anybody was there.
class SyslogJournal final : public Journal {
 public:
  // "/dev/log", which journald and every syslog daemon make.
  explicit SyslogJournal(std::string socket) : socket_(std::move(socket)) {}
  bool write(std::string_view line) override;

 private:
  std::string socket_;
};

}  // namespace dialin
