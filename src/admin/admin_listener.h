// SPDX-License-Identifier: Apache-2.0
// The admin socket where there is no systemd: `dialin serve` listens, and starts a process for each
// connection, so that nothing that befalls a command befalls another one or a check.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/descriptor.h"

namespace dialin {

// What this program is started with to answer one connection of the admin socket, which is its standard
// input: by systemd (StandardInput=socket), and by AdminListener. A configuration file may follow.
inline constexpr const char* AdminConnectionOption = "--admin-connection";

struct AdminListenerSettings {
  std::size_t commands = 64;             // at a time
  std::size_t commands_of_account = 16;  // of those; root is not counted
};

class AdminListener {
 public:
  // Listens from here on; everybody may connect, for what they may do is decided by who they are.
  // Error(AlreadyExists): another process listens there. `arguments`: of the program that is started, this
  // very one; its standard input is the connection.
  AdminListener(std::filesystem::path path, std::vector<std::string> arguments,
                AdminListenerSettings settings = {});
  ~AdminListener();
  AdminListener(const AdminListener&) = delete;
  AdminListener& operator=(const AdminListener&) = delete;

  // Until `stop`, which is looked at several times a second; then the commands that run get SIGTERM, and end
  // when what they have in flight has. `say` gets a sentence about what went wrong.
  void run(const std::function<bool()>& stop, const std::function<void(const std::string&)>& say);

 private:
  struct Child {
    pid_t process = -1;
    uid_t account = 0;
    Descriptor end;  // readable when it has ended
  };
  void accept_one(const std::function<void(const std::string&)>& say);
  void start(Descriptor connection, uid_t account);
  // Waits a moment for somebody to connect, or a child to end.
  void wait(bool for_connections, const std::function<void(const std::string&)>& say);

  std::filesystem::path path_;
  std::vector<std::string> arguments_;
  AdminListenerSettings settings_;
  Descriptor listener_;
  std::vector<Child> children_;
};

}  // namespace dialin
