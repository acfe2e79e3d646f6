// SPDX-License-Identifier: Apache-2.0
#include "support/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <pwd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "support/free_port.h"

extern char** environ;

namespace dialin::test {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

void close_fd(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

struct Pipe {
  int read = -1;
  int write = -1;
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("cannot make a pipe");
    read = ends[0];
    write = ends[1];
  }
};

std::vector<std::string> environment_of(const Command& command) {
  std::map<std::string, std::string> values;
  if (!command.empty_environment) {
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::string_view text = *entry;
      const std::size_t equals = text.find('=');
      if (equals != std::string_view::npos)
        values[std::string(text.substr(0, equals))] = text.substr(equals + 1);
    }
  }
  for (const std::string& name : command.without_environment) values.erase(name);
  for (const auto& [name, value] : command.environment) values[name] = value;
  std::vector<std::string> entries;
  for (const auto& [name, value] : values) entries.push_back(name + "=" + value);
  return entries;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

// A child that has closed its input, or ended, is no error here: the test sees it by its outcome.
void write_all(int target, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(target, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace

class ChildProcess::Impl {
 public:
  explicit Impl(const Command& command);
  ~Impl();

  void read_streams();
  bool reap(bool block);
  std::string copy(const std::string& captured) {
    const std::lock_guard lock(mutex);
    return captured;
  }
  Completed completed() {
    if (reader.joinable()) reader.join();
    return {exit_code, output, error, screen};
  }

  pid_t pid = -1;
  int input = -1;     // write end of standard input, -1 if it is the terminal or closed
  int terminal = -1;  // master side
  int held_slave = -1;
  bool typed = false;  // standard input is the terminal
  int output_end = -1;
  int error_end = -1;
  Pipe wake;  // its write end closed: the reader gives up what has not ended yet

  std::mutex mutex;  // guards the captured texts and `ended`
  std::condition_variable changed;
  std::string output, error, screen;
  std::size_t expected_up_to = 0;
  bool ended = false;  // no stream is open any more
  std::thread reader;

  bool reaped = false;
  int exit_code = 0;
};

ChildProcess::Impl::Impl(const Command& command) {
  if (command.arguments.empty()) throw std::runtime_error("a command without a program");
  std::vector<std::string> words;
  if (!command.user.empty()) {
    const passwd* account = ::getpwnam(command.user.c_str());
    if (account == nullptr) throw std::runtime_error("there is no account " + command.user);
    words = {find_program("setpriv", "util-linux"),
             "--reuid=" + std::to_string(account->pw_uid),
             "--regid=" + std::to_string(account->pw_gid),
             "--clear-groups",
             "--pdeathsig=keep",
             "--"};
  }
  words.insert(words.end(), command.arguments.begin(), command.arguments.end());
  std::vector<std::string> variables = environment_of(command);
  const std::vector<char*> argv = pointers(words);
  const std::vector<char*> envp = pointers(variables);

  int slave = -1;
  if (command.terminal != Terminal::None) {
    const winsize size{24, 80, 0, 0};
    if (::openpty(&terminal, &slave, nullptr, nullptr, &size) != 0) fail("cannot make a terminal");
    ::fcntl(terminal, F_SETFD, FD_CLOEXEC);
    ::fcntl(slave, F_SETFD, FD_CLOEXEC);
  }
  typed = command.terminal == Terminal::InputAndError || command.terminal == Terminal::All;
  Pipe in, out, err, failure;
  int log = -1;
  if (!command.log.empty()) {
    log = ::open(command.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log < 0) fail("cannot open " + command.log.string());
  }
  const int child_in = typed ? slave : in.read;
  const int child_out = log >= 0 ? log : command.terminal == Terminal::All ? slave : out.write;
  const int child_err = log >= 0 ? log : typed ? slave : err.write;
  const pid_t parent = ::getpid();
  ::signal(SIGPIPE, SIG_IGN);  // for write(); the child gets the default back

  // Between fork and exec only what POSIX calls safe after a fork in a process with threads.
  pid = ::fork();
  if (pid < 0) fail("cannot fork");
  if (pid == 0) {
    ::setsid();
    if (slave >= 0) ::ioctl(slave, TIOCSCTTY, 0);
    if (!command.ignores_parents_end) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) ::_exit(127);
    }
    ::dup2(child_in, 0);
    ::dup2(child_out, 1);
    ::dup2(child_err, 2);
    ::signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (command.working_directory.empty() || ::chdir(command.working_directory.c_str()) == 0) {
      ::execvpe(argv[0], argv.data(), envp.data());
    }
    const int reason = errno;
    [[maybe_unused]] const ssize_t written = ::write(failure.write, &reason, sizeof reason);
    ::_exit(127);
  }
  // A master whose slave nobody has open reads as hung up: here the child opens it late, or never.
  if (command.terminal == Terminal::ControllingOnly) std::swap(held_slave, slave);
  close_fd(slave);
  close_fd(log);
  close_fd(in.read);
  close_fd(out.write);
  close_fd(err.write);
  close_fd(failure.write);
  if (typed) close_fd(in.write);
  input = in.write;
  output_end = out.read;
  error_end = err.read;
  // The pipe closes by itself when exec succeeds.
  int reason = 0;
  const bool started = ::read(failure.read, &reason, sizeof reason) != sizeof reason;
  close_fd(failure.read);
  if (!started) {
    ::waitpid(pid, nullptr, 0);
    for (int* end : {&input, &output_end, &error_end, &terminal, &held_slave, &wake.read, &wake.write})
      close_fd(*end);
    throw std::runtime_error("cannot start " + command.arguments[0] + ": " + std::strerror(reason));
  }
  reader = std::thread([this] { read_streams(); });
}

ChildProcess::Impl::~Impl() {
  if (!reaped) {
    ::kill(-pid, SIGKILL);
    ::kill(pid, SIGKILL);
    reap(true);
  }
  close_fd(wake.write);
  if (reader.joinable()) reader.join();
  for (int* end : {&input, &output_end, &error_end, &terminal, &held_slave, &wake.read}) close_fd(*end);
}

void ChildProcess::Impl::read_streams() {
  std::array<pollfd, 4> streams{
      {{output_end, POLLIN, 0}, {error_end, POLLIN, 0}, {terminal, POLLIN, 0}, {wake.read, POLLIN, 0}}};
  std::array<std::string*, 3> captured{&output, &error, &screen};
  std::array<char, 65536> buffer;
  while (streams[0].fd >= 0 || streams[1].fd >= 0 || streams[2].fd >= 0) {
    const bool only_held_slave = held_slave >= 0 && streams[0].fd < 0 && streams[1].fd < 0;
    const int ready = ::poll(streams.data(), streams.size(), only_held_slave ? 0 : -1);
    if (ready < 0) continue;
    if (ready == 0) break;
    bool read_something = false;
    for (std::size_t i = 0; i < captured.size(); ++i) {
      if (streams[i].fd < 0 || streams[i].revents == 0) continue;
      const ssize_t count = ::read(streams[i].fd, buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      const std::lock_guard lock(mutex);
      if (count > 0) {
        captured[i]->append(buffer.data(), static_cast<std::size_t>(count));
        read_something = true;
      } else {
        streams[i].fd = -1;  // end of file; on a terminal EIO, when nobody has it open any more
      }
      changed.notify_all();
    }
    if (streams[3].revents != 0 && !read_something) break;
  }
  const std::lock_guard lock(mutex);
  ended = true;
  changed.notify_all();
}

bool ChildProcess::Impl::reap(bool block) {
  if (reaped) return true;
  int status = 0;
  pid_t result = -1;
  do {
    result = ::waitpid(pid, &status, block ? 0 : WNOHANG);
  } while (result < 0 && errno == EINTR);
  if (result != pid) return false;
  reaped = true;
  exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return true;
}

ChildProcess::ChildProcess(const Command& command) : impl_(std::make_unique<Impl>(command)) {}
ChildProcess::~ChildProcess() = default;

pid_t ChildProcess::pid() const {
  return impl_->pid;
}
bool ChildProcess::running() {
  return !impl_->reap(false);
}

void ChildProcess::write(std::string_view text) {
  write_all(impl_->typed ? impl_->terminal : impl_->input, text);
}
void ChildProcess::type(std::string_view text) {
  write_all(impl_->terminal, text);
}
void ChildProcess::close_input() {
  close_fd(impl_->input);
}

std::string ChildProcess::expect(std::string_view text, std::chrono::milliseconds limit) {
  std::unique_lock lock(impl_->mutex);
  const std::string& seen = impl_->terminal >= 0 ? impl_->screen : impl_->output;
  const std::size_t from = impl_->expected_up_to;
  std::size_t found = std::string::npos;
  impl_->changed.wait_for(lock, limit, [&] {
    found = seen.find(text, from);
    return found != std::string::npos || impl_->ended;
  });
  if (found == std::string::npos) {
    throw std::runtime_error("expected \"" + std::string(text) + "\", but the program wrote: " +
                             seen.substr(from) + "\nand on standard error: " + impl_->error);
  }
  impl_->expected_up_to = found + text.size();
  return seen.substr(from, impl_->expected_up_to - from);
}

std::string ChildProcess::output() {
  return impl_->copy(impl_->output);
}
std::string ChildProcess::error() {
  return impl_->copy(impl_->error);
}
std::string ChildProcess::screen() {
  return impl_->copy(impl_->screen);
}

void ChildProcess::signal(int number) {
  if (!impl_->reaped) ::kill(impl_->pid, number);
}
void ChildProcess::signal_group(int number) {
  if (!impl_->reaped) ::kill(-impl_->pid, number);
}

void ChildProcess::stop() {
  signal(SIGSTOP);
  int status = 0;
  const pid_t result = ::waitpid(impl_->pid, &status, WUNTRACED);
  if (result == impl_->pid && !WIFSTOPPED(status)) {
    impl_->reaped = true;
    impl_->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    throw std::runtime_error("the program ended before it could be stopped");
  }
}
void ChildProcess::resume() {
  signal(SIGCONT);
}

Completed ChildProcess::wait(std::chrono::milliseconds limit) {
  close_input();
  if (!eventually([&] { return impl_->reap(false); }, limit)) {
    const std::string seen = output() + error() + screen();
    kill();
    throw std::runtime_error("the program did not end in time; it wrote: " + seen);
  }
  // What it left running in its group must not hold the pipes open.
  ::kill(-impl_->pid, SIGKILL);
  close_fd(impl_->wake.write);
  return impl_->completed();
}

Completed ChildProcess::kill() {
  ::kill(-impl_->pid, SIGKILL);
  signal(SIGKILL);
  impl_->reap(true);
  close_fd(impl_->wake.write);
  return impl_->completed();
}

Completed ChildProcess::terminate(std::chrono::milliseconds patience) {
  signal(SIGTERM);
  eventually([&] { return impl_->reap(false); }, patience);
  return kill();
}

Completed run(const Command& command, std::string_view input, std::chrono::milliseconds limit) {
  ChildProcess child(command);
  child.write(input);
  return child.wait(limit);
}

std::string run_successfully(const Command& command, std::string_view input) {
  const Completed completed = run(command, input);
  if (completed.exit_code != 0) {
    std::ostringstream text;
    for (const std::string& word : command.arguments) text << word << ' ';
    text << "ended with " << completed.exit_code << ": " << completed.output << completed.error;
    throw std::runtime_error(text.str());
  }
  return completed.output;
}

std::string find_program(const std::string& program, const std::string& package) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(std::string(path != nullptr ? path : "") + ":/usr/sbin:/sbin:/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string candidate = folder + "/" + program;
    if (!folder.empty() && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  throw std::runtime_error(program + " is not installed; it is in the Debian package " + package +
                           " (script/install-packages test)");
}

}  // namespace dialin::test
