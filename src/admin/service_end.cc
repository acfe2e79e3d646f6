// SPDX-License-Identifier: Apache-2.0
#include "admin/service_end.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace dialin {
namespace {

constexpr std::array<int, 4> PassedOn = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

// The writing end of the pipe that wakes the one ServiceEnd there is.
std::atomic<int> wake_descriptor{-1};
std::array<struct sigaction, PassedOn.size() + 1> actions_before{};
Descriptor wake_read_end;
Descriptor wake_write_end;

void note_signal(int number) {
  const int saved = errno;
  const unsigned char octet = static_cast<unsigned char>(number);
  if (write(wake_descriptor.load(), &octet, 1) < 0) {
    // The pipe is full of signals already.
  }
  errno = saved;
}

// A standard stream that is closed would give its number to the next file that is opened.
Descriptor null_device() {
  return Descriptor(open("/dev/null", O_RDWR | O_CLOEXEC));
}

}  // namespace

MessageChannel connect_to_service(const std::filesystem::path& path, uid_t owner) {
  const std::string next =
      "See: systemctl status dialin-admin.socket, or where there is no systemd: dialin serve with [admin] "
      "listen.";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.string().size() >= sizeof address.sun_path)
    throw Error(ErrorCode::Configuration, fmt::format("the path of a socket is too long: {}", path.string()));
  std::memcpy(address.sun_path, path.c_str(), path.string().size());
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  int problem = socket.is_open() ? 0 : errno;
  while (problem == 0 &&
         connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno != EINTR) problem = errno;
  }
  if (problem != 0) {
    throw Error(
        problem == EACCES || problem == EPERM ? ErrorCode::Permission : ErrorCode::Unavailable,
        fmt::format("Dialin's service cannot be reached at {}: {}", path.string(), std::strerror(problem)),
        next);
  }
  ucred listener{};
  socklen_t size = sizeof listener;
  if (getsockopt(socket.number(), SOL_SOCKET, SO_PEERCRED, &listener, &size) != 0 ||
      (listener.uid != owner && listener.uid != 0)) {
    throw Error(
        ErrorCode::Permission,
        fmt::format("{} does not belong to Dialin's service: the account with the number {} listens there",
                    path.string(), listener.uid));
  }
  return MessageChannel(std::move(socket));
}

ServiceEnd::ServiceEnd(MessageChannel channel) : channel_(std::move(channel)) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
    throw Error(ErrorCode::Unavailable, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  wake_read_end = Descriptor(ends[0]);
  wake_write_end = Descriptor(ends[1]);
  wake_descriptor = ends[1];
  struct sigaction note {};
  note.sa_handler = note_signal;  // without SA_RESTART: it ends the wait for a named pipe's writer
  sigemptyset(&note.sa_mask);
  for (std::size_t i = 0; i < PassedOn.size(); ++i) {
    sigaction(PassedOn[i], nullptr, &actions_before[i]);
    if (actions_before[i].sa_handler != SIG_IGN) sigaction(PassedOn[i], &note, nullptr);  // nohup stays nohup
  }
  // Stopped, this process would leave the service reading from the terminal, against the shell.
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGTSTP, &ignore, &actions_before.back());
}

ServiceEnd::~ServiceEnd() {
  for (std::size_t i = 0; i < PassedOn.size(); ++i) sigaction(PassedOn[i], &actions_before[i], nullptr);
  sigaction(SIGTSTP, &actions_before.back(), nullptr);
  wake_descriptor = -1;
  wake_read_end.reset();
  wake_write_end.reset();
}

void ServiceEnd::send_command(const CommandRequest& request) {
  std::vector<Descriptor> opened;
  std::vector<int> descriptors;
  for (int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) >= 0) {
      descriptors.push_back(stream);
    } else {
      opened.push_back(null_device());
      descriptors.push_back(opened.back().number());
    }
  }
  Descriptor terminal(open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (terminal.is_open()) descriptors.push_back(terminal.number());
  const MessageOctets body = compose_request(request);
  channel_.send(MessageKind::Request, {body.data(), body.size()}, descriptors);
}

void ServiceEnd::pass_signals_on() {
  unsigned char number = 0;
  while (read(wake_read_end.number(), &number, 1) == 1) {
    const MessageOctets body = compose_signal({number});
    try {
      channel_.send(MessageKind::Signal, {body.data(), body.size()});
    } catch (const Error&) {
      // It has ended, or ends by itself now.
    }
    if (++signals_ > 1)
      throw Error(ErrorCode::Interrupted, "interrupted twice: the command was ended at once");
  }
}

void ServiceEnd::answer(const ReceivedMessage& message, NamedFiles& files) {
  const NamedFiles::Done done = files.answer(parse_file_request({message.body.data(), message.body.size()}));
  const MessageOctets body = compose_file_answer(done.answer);
  const int file = done.file.number();
  const std::span<const int> descriptors =
      done.file.is_open() ? std::span<const int>(&file, 1) : std::span<const int>();
  channel_.send(MessageKind::FileAnswer, {body.data(), body.size()}, descriptors);
}

std::optional<int> ServiceEnd::run(const CommandRequest& request, NamedFiles& files, Streams& streams) {
  send_command(request);
  for (;;) {
    std::array<pollfd, 2> waiting = {pollfd{wake_read_end.number(), POLLIN, 0},
                                     pollfd{channel_.descriptor(), POLLIN, 0}};
    if (poll(waiting.data(), waiting.size(), -1) < 0) continue;
    if (waiting[0].revents != 0) pass_signals_on();
    if (waiting[1].revents == 0) continue;
    const std::optional<ReceivedMessage> message = channel_.receive(channel_.patience());
    if (!message) break;
    const std::string_view body(message->body.data(), message->body.size());
    if (message->kind == MessageKind::FileRequest) {
      answer(*message, files);
    } else if (message->kind == MessageKind::RunHere) {
      return std::nullopt;
    } else if (message->kind == MessageKind::CommandFinished) {
      const FinishedMessage finished = parse_finished(body);
      if (!finished.text.empty())
        streams.write_error(sanitize_foreign_text(finished.text, finished.text.size()) + "\n");
      return finished.exit_code;
    } else {
      throw Error(ErrorCode::Internal, "Dialin's service sends what is not its to send");
    }
  }
  if (signals_ > 0) throw Error(ErrorCode::Interrupted, "interrupted: the command was ended");
  throw Error(
      ErrorCode::Unavailable, "Dialin's service ended before the command was done",
      "See its journal (journalctl -u 'dialin-admin@*'), and whether the command had an effect; what was "
      "sent is in the store.");
}

}  // namespace dialin
