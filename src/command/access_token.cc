// SPDX-License-Identifier: Apache-2.0
#include "command/access_token.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/text.h"
#include "command/operator_files.h"

namespace dialin {
namespace {

constexpr std::string_view FileSource = "oauth-file:";
constexpr std::string_view CommandSource = "oauth-command";
constexpr std::size_t LongestToken = 16 * 1024;

[[noreturn]] void fail(const std::string& program, const std::string& what) {
  throw Error(
      ErrorCode::Configuration,
      fmt::format("smtp.oauth_token_command: {} {}", sanitize_foreign_text(program), what),
      "Run the command by hand, as the account that Dialin runs as: it must print the access token and "
      "nothing else.");
}

std::string home_of_this_account() {
  std::array<char, 4096> buffer;
  passwd entry;
  passwd* found = nullptr;
  getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found);
  return found != nullptr ? entry.pw_dir : "/";
}

// A program in a process group of its own. However this object ends, nothing of the group is left.
class TokenProgram {
 public:
  explicit TokenProgram(const std::vector<std::string>& words) : name_(words.front()) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) fail(name_, fmt::format("cannot be started: {}", std::strerror(errno)));
    output_ = Descriptor(ends[0]);
    const Descriptor child_end(ends[1]);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, child_end.number(), 1);
    // What it says there may hold the secret that it was given.
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

    std::vector<std::string> environment = {"PATH=/usr/local/bin:/usr/bin:/bin",
                                            "HOME=" + home_of_this_account(), "LC_ALL=C.UTF-8"};
    const auto pointers = [](const std::vector<std::string>& texts) {
      std::vector<char*> list;
      for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
      list.push_back(nullptr);
      return list;
    };
    const int problem = posix_spawn(&pid_, name_.c_str(), &actions, &attributes, pointers(words).data(),
                                    pointers(environment).data());
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (problem != 0) {
      pid_ = -1;
      fail(name_, fmt::format("cannot be started: {}", std::strerror(problem)));
    }
    // glibc 2.36 declares pidfd_open() without extern "C".
    ended_ = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
    fcntl(output_.number(), F_SETFL, O_NONBLOCK);
  }
  ~TokenProgram() {
    if (pid_ > 0) wait_for_end();
  }
  TokenProgram(const TokenProgram&) = delete;
  TokenProgram& operator=(const TokenProgram&) = delete;

  // Until it has ended, or written more than `data` can take. A process that it left behind in the background
  // is not waited for.
  std::size_t read_all(char* data, std::size_t size, std::chrono::steady_clock::time_point deadline) {
    std::size_t taken = 0;
    bool ended = false;
    while (!ended) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      std::array<pollfd, 2> watched = {{{ended_.number(), POLLIN, 0}, {output_.number(), POLLIN, 0}}};
      const int ready =
          left.count() > 0 ? poll(watched.data(), closed_ ? 1 : 2, static_cast<int>(left.count())) : 0;
      if (ready == 0) fail(name_, "was not done in time, and was stopped");
      ended = watched[0].revents != 0;
      taken += read_some(data + taken, size - taken);
      if (taken == size) fail(name_, fmt::format("printed more than {} octets", LongestToken));
    }
    return taken;
  }

  // Its exit code, or 128 + the signal that ended it.
  int wait_for_end() {
    kill(-pid_, SIGKILL);
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  std::size_t read_some(char* data, std::size_t size) {
    std::size_t taken = 0;
    while (!closed_ && taken < size) {
      const ssize_t count = ::read(output_.number(), data + taken, size - taken);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) break;
      if (count == 0) closed_ = true;
      taken += static_cast<std::size_t>(count);
    }
    return taken;
  }

  const std::string name_;
  Descriptor output_;
  Descriptor ended_;
  pid_t pid_ = -1;
  bool closed_ = false;
};

}  // namespace

bool is_access_token(const WelcomeWay& way) {
  return way.password_source.starts_with(FileSource) || way.password_source == CommandSource;
}

std::function<std::shared_ptr<const Secret>()> access_token_of(const WelcomeWay& way,
                                                               const SmtpSettings& smtp) {
  if (way.password_source.starts_with(FileSource)) {
    return [path = way.password_source.substr(FileSource.size())] { return read_secret_file(path); };
  }
  return [command = smtp.oauth_token_command] {
    if (command.empty()) {
      throw Error(ErrorCode::Configuration, "smtp.oauth_token_command is not set any more",
                  "Set it again, or type the same command with -Credential.");
    }
    return token_from_command(split_command(command));
  };
}

std::vector<std::string> split_command(const std::string& command) {
  std::vector<std::string> words;
  std::optional<std::string> word;
  char quote = 0;
  for (const char c : command) {
    if (quote != 0 && c != quote) {
      *word += c;
    } else if (quote != 0) {
      quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
      if (!word) word.emplace();
    } else if (c == ' ' || c == '\t') {
      if (word) words.push_back(*std::exchange(word, std::nullopt));
    } else {
      if (!word) word.emplace();
      *word += c;
    }
  }
  if (word) words.push_back(*word);
  const char* wrong = quote != 0                        ? "has a quote that does not end"
                      : words.empty()                   ? "names no program"
                      : !words.front().starts_with('/') ? "must begin with the program's absolute path"
                                                        : nullptr;
  if (wrong != nullptr) {
    throw Error(ErrorCode::Configuration, fmt::format("smtp.oauth_token_command {}", wrong),
                "Write the program's path and its arguments, with '…' around what holds spaces.");
  }
  return words;
}

std::shared_ptr<const Secret> token_from_command(const std::vector<std::string>& words,
                                                 std::chrono::milliseconds limit) {
  TokenProgram program(words);
  // Read straight into wiped memory: the token must not stay behind in a buffer.
  Secret buffer = Secret::of_size(LongestToken + 1);
  char* data = buffer.reveal_mutable(ClearSecretAccess());
  const std::size_t size = program.read_all(data, buffer.size(), std::chrono::steady_clock::now() + limit);
  const int code = program.wait_for_end();
  if (code != 0) fail(words.front(), fmt::format("ended with code {}", code));
  const std::string_view token = trim(std::string_view(data, size));
  if (token.empty()) fail(words.front(), "printed nothing");
  return std::make_shared<const Secret>(token);
}

}  // namespace dialin
