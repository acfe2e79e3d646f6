// SPDX-License-Identifier: Apache-2.0
#include "base/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "support/temporary_directory.h"

namespace dialin::test {
namespace {

// What a logger does with its socket.
class Logger {
 public:
  explicit Logger(const std::string& path) : descriptor_(socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    if (bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("bind");
  }
  ~Logger() { close(descriptor_); }
  std::string receive() const {
    char text[4096];
    const ssize_t size = recv(descriptor_, text, sizeof text, MSG_DONTWAIT);
    return size < 0 ? std::string() : std::string(text, static_cast<std::size_t>(size));
  }

 private:
  int descriptor_;
};

TEST(SyslogJournal, SendsALineAsSyslogDoes) {
  TemporaryDirectory directory;
  const std::string path = (directory / "log").string();
  const Logger logger(path);
  EXPECT_TRUE(SyslogJournal(path).write("dialin-audit-head v1 number=7"));
  EXPECT_THAT(logger.receive(),
              testing::MatchesRegex("<85>[A-Z][a-z][a-z] [ 0-9][0-9] [0-9:]{8} dialin\\[[0-9]+\\]: "
                                    "dialin-audit-head v1 number=7"));
  EXPECT_EQ(logger.receive(), "");
}

TEST(SyslogJournal, SaysWhenNobodyTakesIt) {
  TemporaryDirectory directory;
  const std::string path = (directory / "log").string();
  EXPECT_FALSE(SyslogJournal(path).write("x"));
  { const Logger logger(path); }
  EXPECT_FALSE(SyslogJournal(path).write("x"));                   // its socket is left over
  EXPECT_FALSE(SyslogJournal(std::string(200, 'x')).write("x"));  // longer than a socket's name may be
}

}  // namespace
}  // namespace dialin::test
