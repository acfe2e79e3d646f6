// SPDX-License-Identifier: Apache-2.0
#include "shell/posix_streams.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/error.h"

namespace dialin {

namespace {

constexpr std::size_t KeptBack = 64 * 1024;
constexpr std::size_t UnknownWidth = 80;

void wait_until(int descriptor, short events) {
  pollfd waiting{descriptor, events, 0};
  poll(&waiting, 1, -1);
}

// Writes all of `text`, which keeps what could not be written; the errno of what went wrong, else 0.
int write_all(int descriptor, std::string_view& text) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      wait_until(descriptor, POLLOUT);  // whoever shares the terminal may have made it non-blocking
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

std::string explanation(int error) {
  return std::generic_category().message(error);
}

}  // namespace

PosixStreams::PosixStreams(int input, int output, int error, OperatorEnvironment environment,
                           std::size_t width)
    : input_(input),
      output_(output),
      error_(error),
      environment_(std::move(environment)),
      width_(width),
      output_is_terminal_(isatty(output) == 1) {}

PosixStreams::~PosixStreams() {
  drain();
}

int PosixStreams::drain() {
  if (failed_) return 0;
  std::string_view left = pending_;
  const int error = write_all(output_, left);
  pending_.erase(0, pending_.size() - left.size());
  return error;
}

std::size_t PosixStreams::read_input(char* buffer, std::size_t size) {
  for (;;) {
    const ssize_t count = read(input_, buffer, size);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EAGAIN) {
      wait_until(input_, POLLIN);
    } else if (errno != EINTR) {
      throw Error(ErrorCode::Unavailable,
                  fmt::format("Standard input cannot be read: {}.", explanation(errno)));
    }
  }
}

void PosixStreams::write_output(std::string_view text) {
  if (failed_) return;
  pending_ += text;
  if (output_is_terminal_ || pending_.size() >= KeptBack) flush();
}

void PosixStreams::flush() {
  const int error = drain();
  if (error == 0) return;
  failed_ = true;
  throw Error(ErrorCode::Unavailable,
              fmt::format("Standard output cannot be written: {}.", explanation(error)),
              error == ENOSPC ? "Make room, or write the result elsewhere." : "");
}

void PosixStreams::write_error(std::string_view text) {
  drain();  // what it could not write stays, and flush() says why
  write_all(error_, text);
}

bool PosixStreams::is_terminal(Stream stream) const {
  return isatty(descriptor(stream)) == 1;
}

std::size_t PosixStreams::width() const {
  if (width_ > 0) return width_;
  for (Stream stream : {Stream::Output, Stream::Error, Stream::Input}) {
    winsize size{};
    if (ioctl(descriptor(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  }
  return UnknownWidth;
}

int PosixStreams::descriptor(Stream stream) const {
  switch (stream) {
    case Stream::Input:
      return input_;
    case Stream::Output:
      return output_;
    case Stream::Error:
      return error_;
  }
  return error_;
}

}  // namespace dialin
