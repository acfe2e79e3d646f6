// SPDX-License-Identifier: Apache-2.0
// Programs that a test starts: to their end with run(), or talked to, stopped and killed with ChildProcess.
//
// Every child is the leader of a session of its own; its whole process group is killed when the object ends,
// and it gets SIGKILL when the thread that started it ends. Without a terminal it has no /dev/tty at all.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dialin::test {

// Which of the child's streams are a terminal. In each but None, /dev/tty is that terminal too.
enum class Terminal {
  None,             // pipes, no /dev/tty
  ControllingOnly,  // pipes, but /dev/tty can be opened (a program in a pipeline)
  InputAndError,    // standard output is a pipe and captured apart (`dialin ... > file`)
  All,              // everything, as for somebody who types; output and error arrive together
};

struct Command {
  std::vector<std::string> arguments = {};  // the program first; without a slash it is looked up in PATH
  std::map<std::string, std::string> environment = {};  // added to, or instead of, the test's own
  std::vector<std::string> without_environment = {};    // taken out of the test's own
  bool empty_environment = false;                       // start from nothing but `environment`
  std::filesystem::path working_directory = {};
  Terminal terminal = Terminal::None;
  std::string user = {};             // run as this account (setpriv; needs root); empty: as the test itself
  std::filesystem::path log = {};    // where output and error go instead of being captured
  bool ignores_parents_end = false;  // no SIGKILL when the starting thread ends
};

struct Completed {
  int exit_code = 0;   // 128 + signal if it was killed by one
  std::string output;  // standard output
  std::string error;   // standard error
  std::string screen;  // everything that was written to the terminal, if it had one
};

class ChildProcess {
 public:
  // Throws std::runtime_error if the program cannot be started.
  explicit ChildProcess(const Command& command);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const;
  bool running();

  // To standard input, pipe or terminal ("secret\n" is a line typed). Blocks until taken.
  void write(std::string_view text);
  // To the terminal, also where standard input is a pipe (Terminal::ControllingOnly).
  void type(std::string_view text);
  void close_input();

  // Waits until `text` stands in what was written since the last find by expect() (on the terminal if there
  // is one, else on standard output); gives everything up to and with it. Throws std::runtime_error, with
  // what was seen, when the child closes its streams or `limit` is over.
  std::string expect(std::string_view text, std::chrono::milliseconds limit = std::chrono::seconds(30));

  // What has been captured so far.
  std::string output();
  std::string error();
  std::string screen();

  void signal(int number);  // to the child alone
  void signal_group(int number);
  // SIGSTOP, and waits until the kernel says that it is stopped.
  void stop();
  void resume();  // SIGCONT

  // Waits for the end. Kills the group and throws std::runtime_error after `limit`. `input` is closed first.
  Completed wait(std::chrono::milliseconds limit = std::chrono::seconds(60));
  // SIGKILL to the group, then waits.
  Completed kill();
  // SIGTERM to the child, `patience` for a decent end, then SIGKILL to the group.
  Completed terminate(std::chrono::milliseconds patience = std::chrono::seconds(5));

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Runs `command` to its end with `input` as its standard input.
Completed run(const Command& command, std::string_view input = {},
              std::chrono::milliseconds limit = std::chrono::seconds(60));
// The same, and throws std::runtime_error with its output if it does not end with 0. Gives standard output.
std::string run_successfully(const Command& command, std::string_view input = {});

// The full path of `program`, looked up in PATH and the folders for administrators (/usr/sbin, /sbin). Throws
// std::runtime_error naming the Debian `package` that has it.
std::string find_program(const std::string& program, const std::string& package);

}  // namespace dialin::test
