// SPDX-License-Identifier: Apache-2.0
#include "admin/message_channel.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace dialin {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t MostDescriptors = 4;

[[noreturn]] void too_slow() {
  throw Error(ErrorCode::TryAgain, "the other end of the admin socket is too slow");
}

[[noreturn]] void gone(int problem) {
  throw Error(ErrorCode::Unavailable,
              fmt::format("the other end of the admin socket is gone: {}", std::strerror(problem)));
}

void wait_for(int socket, short event, Clock::time_point until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    if (left.count() <= 0) too_slow();
    pollfd waiting{socket, event, 0};
    if (poll(&waiting, 1, static_cast<int>(left.count())) > 0) return;
  }
}

void collect(msghdr& message, std::vector<Descriptor>& descriptors) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(part) + i * sizeof(int), sizeof number);
      descriptors.emplace_back(number);
    }
  }
}

// Octets received, 0 at the end; nothing if there are none yet. What descriptors come with them are appended.
std::optional<std::size_t> receive_some(int socket, char* buffer, std::size_t size,
                                        std::vector<Descriptor>& descriptors) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(MostDescriptors * sizeof(int))> control{};
  iovec piece{buffer, size};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (count < 0) {
    if (errno == ECONNRESET) return 0;
    if (errno == EINTR || errno == EAGAIN) return std::nullopt;
    gone(errno);
  }
  collect(message, descriptors);
  if ((message.msg_flags & MSG_CTRUNC) != 0)
    throw Error(ErrorCode::InvalidInput, "a message of the admin socket has too many descriptors");
  return static_cast<std::size_t>(count);
}

}  // namespace

MessageChannel::MessageChannel(Descriptor socket, std::chrono::milliseconds patience)
    : socket_(std::move(socket)), patience_(patience) {}

void MessageChannel::send(MessageKind kind, std::string_view body, std::span<const int> descriptors) {
  const MessageOctets octets = compose_message(kind, static_cast<std::uint8_t>(descriptors.size()), body);
  alignas(cmsghdr) std::array<char, CMSG_SPACE(MostDescriptors * sizeof(int))> control{};
  const auto until = Clock::now() + patience_;
  for (std::size_t sent = 0; sent < octets.size();) {
    iovec piece{const_cast<char*>(octets.data()) + sent, octets.size() - sent};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    if (sent == 0 && !descriptors.empty()) {
      message.msg_control = control.data();
      message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
      cmsghdr* part = CMSG_FIRSTHDR(&message);
      part->cmsg_level = SOL_SOCKET;
      part->cmsg_type = SCM_RIGHTS;
      part->cmsg_len = CMSG_LEN(descriptors.size_bytes());
      std::memcpy(CMSG_DATA(part), descriptors.data(), descriptors.size_bytes());
    }
    const ssize_t count = sendmsg(socket_.number(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count >= 0) {
      sent += static_cast<std::size_t>(count);
    } else if (errno == EAGAIN) {
      wait_for(socket_.number(), POLLOUT, until);
    } else if (errno != EINTR) {
      gone(errno);
    }
  }
}

std::optional<ReceivedMessage> MessageChannel::receive(std::optional<std::chrono::milliseconds> first) {
  ReceivedMessage message;
  std::optional<Clock::time_point> until;
  if (first) until = Clock::now() + *first;
  bool begun = false;
  // False: the end, before the first octet.
  const auto fill = [&](char* buffer, std::size_t size) {
    for (std::size_t filled = 0; filled < size;) {
      if (until) {
        wait_for(socket_.number(), POLLIN, *until);
      } else {
        pollfd waiting{socket_.number(), POLLIN, 0};
        if (poll(&waiting, 1, -1) < 0) continue;
      }
      const auto count = receive_some(socket_.number(), buffer + filled, size - filled, message.descriptors);
      if (!count) continue;
      if (*count == 0) {
        if (!begun) return false;
        throw Error(ErrorCode::InvalidInput, "a message of the admin socket is cut off");
      }
      if (!begun) until = Clock::now() + patience_;
      begun = true;
      filled += *count;
    }
    return true;
  };
  std::array<char, MessageHeaderSize> header_octets{};
  if (!fill(header_octets.data(), header_octets.size())) return std::nullopt;
  const MessageHeader header = parse_message_header({header_octets.data(), header_octets.size()});
  message.kind = header.kind;
  message.body.resize(header.size);
  fill(message.body.data(), header.size);
  if (message.descriptors.size() != header.descriptors)
    throw Error(ErrorCode::InvalidInput,
                "a message of the admin socket has not the descriptors that it names");
  return message;
}

}  // namespace dialin
