// SPDX-License-Identifier: Apache-2.0
#include "admin/operator_end.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace dialin {
namespace {

// A standard stream or terminal must be one that this process can do nothing else with than read and write.
void check_stream(const Descriptor& stream, int unusable_mode, const char* name) {
  const int flags = fcntl(stream.number(), F_GETFL);
  if (flags < 0 || (flags & O_PATH) != 0 || (flags & O_ACCMODE) == unusable_mode)
    throw Error(ErrorCode::InvalidInput, fmt::format("the {} that the client sent cannot be used", name));
}

}  // namespace

OperatorEnd::OperatorEnd(Descriptor socket, std::chrono::milliseconds patience)
    : channel_(std::move(socket), patience) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    throw Error(ErrorCode::Unavailable, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  stopped_ = Descriptor(ends[0]);
  stop_ = Descriptor(ends[1]);
}

OperatorEnd::~OperatorEnd() {
  stop_.reset();
  if (thread_.joinable()) thread_.join();
}

Peer OperatorEnd::peer() const {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (getsockopt(channel_.descriptor(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0 ||
      size != sizeof credentials || credentials.pid == 0) {
    throw Error(ErrorCode::Configuration,
                "whoever connected is not known to the kernel: this is no connection of a local socket",
                "dialin-admin.socket and [admin] listen are the ways to start this.");
  }
  return {credentials.uid, credentials.pid};
}

std::optional<OperatorEnd::Command> OperatorEnd::receive_command() {
  std::optional<ReceivedMessage> message = channel_.receive(channel_.patience());
  if (!message) return std::nullopt;
  if (message->kind != MessageKind::Request)
    throw Error(ErrorCode::InvalidInput, "the first message of the admin socket must be a command");
  Command command;
  command.request = parse_request({message->body.data(), message->body.size()});
  std::vector<Descriptor>& descriptors = message->descriptors;
  command.input = std::move(descriptors[0]);
  command.output = std::move(descriptors[1]);
  command.error = std::move(descriptors[2]);
  check_stream(command.input, O_WRONLY, "standard input");
  check_stream(command.output, O_RDONLY, "standard output");
  check_stream(command.error, O_RDONLY, "standard error");
  if (descriptors.size() == 4) {
    command.terminal = std::move(descriptors[3]);
    if (isatty(command.terminal.number()) != 1)
      throw Error(ErrorCode::InvalidInput, "the terminal that the client sent is none");
  }
  return command;
}

void OperatorEnd::relay() {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  // The thread inherits the mask: signals go to the threads that work.
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { take_messages(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void OperatorEnd::take_messages() {
  int signalled = 0;
  try {
    for (;;) {
      std::array<pollfd, 2> waiting = {pollfd{stopped_.number(), POLLIN, 0},
                                       pollfd{channel_.descriptor(), POLLIN, 0}};
      if (poll(waiting.data(), waiting.size(), -1) < 0) continue;
      if (waiting[0].revents != 0) return;
      std::optional<ReceivedMessage> message = channel_.receive(channel_.patience());
      if (!message) break;
      const std::string_view body(message->body.data(), message->body.size());
      if (message->kind == MessageKind::Signal) {
        int signal = parse_signal(body).signal;
        // Two of the same would be one while the first is pending.
        if (signal == signalled) signal = signal == SIGTERM ? SIGINT : SIGTERM;
        signalled = signal;
        kill(getpid(), signal);
      } else if (message->kind == MessageKind::FileAnswer) {
        OpenedFile opened;
        opened.answer = parse_file_answer(body);
        if (!message->descriptors.empty()) opened.file = std::move(message->descriptors.front());
        const std::lock_guard guard(mutex_);
        if (!waiting_) throw Error(ErrorCode::InvalidInput, "the client answers what was not asked");
        answer_ = std::move(opened);
        changed_.notify_all();
      } else {
        throw Error(ErrorCode::InvalidInput, "the client sends what is not its to send");
      }
    }
  } catch (const Error&) {
    // Whoever sends such things has gone, as far as the command is concerned.
  }
  const std::lock_guard guard(mutex_);
  gone_ = true;
  changed_.notify_all();
  if (signalled == 0 && !finished_) kill(getpid(), SIGHUP);
}

OperatorEnd::OpenedFile OperatorEnd::ask(const FileRequest& request) {
  const std::lock_guard one_at_a_time(asking_);
  {
    const std::lock_guard guard(mutex_);
    waiting_ = true;
    answer_.reset();
  }
  const MessageOctets body = compose_file_request(request);
  send(MessageKind::FileRequest, {body.data(), body.size()});
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return answer_ || gone_; });
  waiting_ = false;
  if (!answer_)
    throw Error(ErrorCode::Unavailable, "the operator's dialin has gone, and with it their files");
  OpenedFile opened = std::move(*answer_);
  answer_.reset();
  return opened;
}

void OperatorEnd::send(MessageKind kind, std::string_view body) {
  const std::lock_guard one_at_a_time(sending_);
  channel_.send(kind, body);
}

void OperatorEnd::run_here() {
  {
    const std::lock_guard guard(mutex_);
    finished_ = true;
  }
  send(MessageKind::RunHere, {});
}

void OperatorEnd::finish(int exit_code, const std::string& text) {
  {
    const std::lock_guard guard(mutex_);
    finished_ = true;
  }
  const MessageOctets body = compose_finished({exit_code, text});
  try {
    send(MessageKind::CommandFinished, {body.data(), body.size()});
  } catch (const Error&) {
    // The client ends with a code of its own.
  }
}

}  // namespace dialin
