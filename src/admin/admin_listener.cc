// SPDX-License-Identifier: Apache-2.0
#include "admin/admin_listener.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

// The header of glibc 2.36 does not say it itself.
extern "C" {
#include <sys/pidfd.h>
}

#include "admin/message_channel.h"
#include "base/error.h"

extern char** environ;

namespace dialin {
namespace {

constexpr std::chrono::milliseconds Moment{200};

[[noreturn]] void cannot_listen(const std::filesystem::path& path, int problem) {
  throw Error(
      problem == EADDRINUSE                   ? ErrorCode::AlreadyExists
      : problem == EACCES || problem == EPERM ? ErrorCode::Permission
                                              : ErrorCode::Configuration,
      fmt::format("cannot listen on {} for commands: {}", path.string(), std::strerror(problem)),
      problem == EADDRINUSE
          ? "Another process listens there: systemctl stop dialin-admin.socket, or leave [admin] listen out."
          : "The folder must be there and belong to this account: see [admin] listen.");
}

Descriptor local_socket() {
  return Descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

void say_busy(Descriptor connection) {
  const MessageOctets body = compose_finished(
      {exit_code(ErrorCode::TryAgain), "dialin: too many commands run at the moment: try again"});
  try {
    MessageChannel(std::move(connection)).send(MessageKind::CommandFinished, {body.data(), body.size()});
  } catch (const Error&) {
    // It has gone.
  }
}

}  // namespace

AdminListener::AdminListener(std::filesystem::path path, std::vector<std::string> arguments,
                             AdminListenerSettings settings)
    : path_(std::move(path)), arguments_(std::move(arguments)), settings_(settings) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path_.string().size() >= sizeof address.sun_path) cannot_listen(path_, ENAMETOOLONG);
  std::memcpy(address.sun_path, path_.c_str(), path_.string().size());
  const auto* where = reinterpret_cast<const sockaddr*>(&address);
  // A socket that nobody listens on any more is of a process that was killed.
  const Descriptor probe = local_socket();
  if (connect(probe.number(), where, sizeof address) == 0) cannot_listen(path_, EADDRINUSE);
  if (errno == ECONNREFUSED) unlink(path_.c_str());
  Descriptor listener = local_socket();
  if (!listener.is_open() || bind(listener.number(), where, sizeof address) != 0) cannot_listen(path_, errno);
  if (chmod(path_.c_str(), 0666) != 0 || listen(listener.number(), SOMAXCONN) != 0)
    cannot_listen(path_, errno);
  listener_ = std::move(listener);
}

AdminListener::~AdminListener() {
  if (listener_.is_open()) unlink(path_.c_str());
}

void AdminListener::run(const std::function<bool()>& stop,
                        const std::function<void(const std::string&)>& say) {
  while (!stop()) wait(true, say);
  unlink(path_.c_str());
  listener_.reset();
  for (const Child& child : children_) kill(child.process, SIGTERM);
  while (!children_.empty()) wait(false, say);
}

void AdminListener::wait(bool for_connections, const std::function<void(const std::string&)>& say) {
  std::vector<pollfd> waiting;
  for (const Child& child : children_) waiting.push_back({child.end.number(), POLLIN, 0});
  const bool room = children_.size() < settings_.commands;
  if (for_connections && room) waiting.push_back({listener_.number(), POLLIN, 0});
  if (poll(waiting.data(), waiting.size(), static_cast<int>(Moment.count())) <= 0) return;
  std::erase_if(children_, [](const Child& child) { return waitpid(child.process, nullptr, WNOHANG) != 0; });
  if (for_connections && room && waiting.back().revents != 0) accept_one(say);
}

void AdminListener::accept_one(const std::function<void(const std::string&)>& say) {
  Descriptor connection(accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!connection.is_open()) return;
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(connection.number(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return;
  const auto of_account = static_cast<std::size_t>(std::count_if(
      children_.begin(), children_.end(), [&](const Child& child) { return child.account == peer.uid; }));
  // Nobody keeps the others out by holding all of them.
  if (peer.uid != 0 && of_account >= settings_.commands_of_account) return say_busy(std::move(connection));
  try {
    start(std::move(connection), peer.uid);
  } catch (const Error& error) {
    say(error.what());
  }
}

void AdminListener::start(Descriptor connection, uid_t account) {
  std::vector<char*> arguments;
  for (std::string& argument : arguments_) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&actions, connection.number(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  // A session of its own, without a terminal; signals as after a login.
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  sigset_t all;
  sigset_t none;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  Child child;
  child.account = account;
  // The file that this process was started from, even if another has taken its name since.
  const int problem =
      posix_spawn(&child.process, "/proc/self/exe", &actions, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (problem != 0) {
    throw Error(ErrorCode::Unavailable,
                fmt::format("cannot start a process for a command: {}", std::strerror(problem)));
  }
  child.end = Descriptor(pidfd_open(child.process, 0));
  if (!child.end.is_open()) {
    const int why = errno;
    kill(child.process, SIGKILL);
    waitpid(child.process, nullptr, 0);
    throw Error(ErrorCode::Unavailable, fmt::format("cannot watch a command: {}", std::strerror(why)));
  }
  children_.push_back(std::move(child));
}

}  // namespace dialin
