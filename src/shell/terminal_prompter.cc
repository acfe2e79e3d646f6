// SPDX-License-Identifier: Apache-2.0
#include "shell/terminal_prompter.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <optional>
#include <system_error>

#include "base/error.h"
#include "base/text.h"

namespace dialin {

namespace {

constexpr std::size_t LongestSecret = 1024;  // octets

// Signals that would leave the terminal without echo if they did what they do at once.
constexpr std::array<int, 5> Watched = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};

// The writing end of the pipe that wakes the one prompt that is open. A handler can reach nothing else, and
// the signal may be delivered to any thread, so an interrupted read alone would not do.
std::atomic<int> wake_descriptor{-1};

void note_signal(int number) {
  const int saved = errno;
  const unsigned char octet = static_cast<unsigned char>(number);
  const int descriptor = wake_descriptor.load();
  if (descriptor >= 0 && write(descriptor, &octet, 1) < 0) {
    // The pipe is full of signals already: the prompt wakes anyway.
  }
  errno = saved;
}

class OpenDescriptor {
 public:
  explicit OpenDescriptor(int descriptor) : descriptor_(descriptor) {}
  ~OpenDescriptor() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  OpenDescriptor(const OpenDescriptor&) = delete;
  OpenDescriptor& operator=(const OpenDescriptor&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

// While it lives the watched signals go into a pipe, in this thread they are not blocked, and the terminal is
// silent; its end puts all of that back.
class SilentTerminal {
 public:
  explicit SilentTerminal(int terminal) : terminal_(terminal) {
    int ends[2];
    if (tcgetattr(terminal, &before_) != 0 || pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
      throw Error(ErrorCode::Configuration, fmt::format("The terminal cannot be made silent: {}.",
                                                        std::generic_category().message(errno)));
    }
    read_end_ = ends[0];
    write_end_ = ends[1];
    wake_descriptor = write_end_;
    struct sigaction note {};
    note.sa_handler = note_signal;
    sigemptyset(&note.sa_mask);
    sigset_t watched;
    sigemptyset(&watched);
    for (std::size_t i = 0; i < Watched.size(); ++i) {
      sigaction(Watched[i], nullptr, &actions_[i]);
      if (actions_[i].sa_handler == SIG_IGN) continue;  // nohup stays nohup
      sigaction(Watched[i], &note, nullptr);
      sigaddset(&watched, Watched[i]);
    }
    pthread_sigmask(SIG_UNBLOCK, &watched, &mask_);
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL);
    silent.c_lflag |= ICANON | ISIG;
    // What was typed ahead was typed with echo, for another question: thrown away.
    tcsetattr(terminal, TCSAFLUSH, &silent);
  }

  ~SilentTerminal() {
    tcsetattr(terminal_, TCSAFLUSH, &before_);
    pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
    for (std::size_t i = 0; i < Watched.size(); ++i) sigaction(Watched[i], &actions_[i], nullptr);
    wake_descriptor = -1;
    close(read_end_);
    close(write_end_);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

  // One octet from the terminal; nothing at its end. A signal that arrived is put into `signal` instead.
  std::optional<char> read_octet(int& signal) {
    for (;;) {
      std::array<pollfd, 2> waiting = {pollfd{read_end_, POLLIN, 0}, pollfd{terminal_, POLLIN, 0}};
      if (poll(waiting.data(), waiting.size(), -1) < 0) continue;  // EINTR: the pipe knows why
      if (waiting[0].revents != 0) {
        unsigned char number = 0;
        if (read(read_end_, &number, 1) == 1) {
          signal = number;
          return std::nullopt;
        }
      }
      if (waiting[1].revents == 0) continue;
      char octet = 0;
      const ssize_t count = read(terminal_, &octet, 1);
      if (count == 1) return octet;
      if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      return std::nullopt;
    }
  }

 private:
  int terminal_;
  termios before_{};
  int read_end_ = -1;
  int write_end_ = -1;
  std::array<struct sigaction, Watched.size()> actions_{};
  sigset_t mask_{};
};

void say(int terminal, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(terminal, text.data(), text.size());
    if (count < 0 && errno != EINTR) return;
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
  }
}

// Asks once. `signal` becomes the number of the signal that ended it, if one did.
std::optional<Secret> ask_once(int terminal, const std::string& question, int& signal) {
  struct WipedBuffer {
    std::array<char, LongestSecret> octets{};
    ~WipedBuffer() { wipe(octets.data(), octets.size()); }
  } buffer;
  std::size_t size = 0;
  bool too_long = false;
  bool ended = false;
  {
    SilentTerminal silent(terminal);
    say(terminal, question + ": ");
    for (;;) {
      const auto octet = silent.read_octet(signal);
      if (!octet) {
        ended = true;
        break;
      }
      if (*octet == '\n' || *octet == '\r') break;
      if (size == LongestSecret) {
        too_long = true;
      } else {
        buffer.octets[size++] = *octet;
      }
    }
    say(terminal, "\n");
  }
  if (signal != 0) return std::nullopt;
  if (too_long) {
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{}: more than {} octets were typed.", question, LongestSecret));
  }
  if (size == 0) {
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{}: nothing was typed{}.", question, ended ? " (end of input)" : ""));
  }
  return Secret(std::string_view(buffer.octets.data(), size));
}

std::mutex one_prompt;

Secret ask_on(int terminal, const std::string& question) {
  const std::lock_guard<std::mutex> lock(one_prompt);
  for (;;) {
    int signal = 0;
    if (auto secret = ask_once(terminal, question, signal)) return std::move(*secret);
    // With the echo back, the signal does what it did before we asked: as a rule it ends the process here.
    kill(getpid(), signal);
    if (signal != SIGTSTP) {
      throw Error(ErrorCode::Interrupted, fmt::format("Interrupted while asking: {}", question));
    }
  }
}

}  // namespace

bool TerminalPrompter::can_ask() const {
  return streams_.is_terminal(Streams::Stream::Input) && streams_.is_terminal(Streams::Stream::Error);
}

bool TerminalPrompter::ask_yes_no(const std::string& question) {
  if (!can_ask()) {
    throw Error(ErrorCode::InvalidInput, fmt::format("A question needs an answer: {}", question),
                "Answer yes beforehand with --yes or -Confirm:false.");
  }
  streams_.write_error(question + " [y/N] ");
  const auto line = streams_.read_line();
  if (!line) streams_.write_error("\n");
  const std::string_view answer = line ? trim(*line) : std::string_view();
  return equal_ignoring_case(answer, "y") || equal_ignoring_case(answer, "yes");
}

std::string TerminalPrompter::ask_text(const std::string& question) {
  if (!can_ask()) {
    throw Error(ErrorCode::InvalidInput, fmt::format("A question needs an answer: {}", question),
                "Questions are asked only where standard input and standard error are both a terminal.");
  }
  streams_.write_error(question + ": ");
  const auto line = streams_.read_line();
  if (!line) streams_.write_error("\n");
  const std::string answer(line ? trim(*line) : std::string_view());
  if (answer.empty()) throw Error(ErrorCode::InvalidInput, fmt::format("{}: no answer was given.", question));
  return answer;
}

Secret TerminalPrompter::ask_secret(const std::string& question, const std::string& how_else) {
  if (terminal_ >= 0) return ask_on(terminal_, question);
  const OpenDescriptor terminal(open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (terminal.get() < 0) {
    throw Error(ErrorCode::Configuration,
                fmt::format("{} cannot be asked for: there is no terminal ({})", question,
                            std::generic_category().message(errno)),
                how_else);
  }
  return ask_on(terminal.get(), question);
}

}  // namespace dialin
