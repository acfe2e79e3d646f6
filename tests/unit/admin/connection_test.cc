// SPDX-License-Identifier: Apache-2.0
// The service's end of a connection against clients that mean well, and others.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <future>

#include "admin/message_channel.h"
#include "admin/operator_end.h"
#include "admin/remote_files.h"
#include "base/error.h"
#include "support/fake_streams.h"
#include "support/temporary_directory.h"

namespace dialin {
namespace {

using testing::HasSubstr;

std::string_view view(const MessageOctets& octets) {
  return {octets.data(), octets.size()};
}

struct Pair {
  Pair() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) std::abort();
    service = Descriptor(ends[0]);
    client = Descriptor(ends[1]);
  }
  Descriptor service, client;
};

// Octets and descriptors as they are, whatever a MessageChannel would say about them.
void send_raw(int socket, std::string_view octets, const std::vector<int>& descriptors = {}) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(16 * sizeof(int))> control{};
  iovec piece{const_cast<char*>(octets.data()), octets.size()};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    const std::size_t size = descriptors.size() * sizeof(int);
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(size);
    cmsghdr* part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(size);
    std::memcpy(CMSG_DATA(part), descriptors.data(), size);
  }
  ASSERT_EQ(sendmsg(socket, &message, MSG_NOSIGNAL), static_cast<ssize_t>(octets.size()));
}

MessageOctets simple_request() {
  CommandRequest request;
  request.program = "dialin";
  request.words = {"status"};
  return compose_request(request);
}

ErrorCode code_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::Internal;
}

constexpr std::chrono::milliseconds Short{50};

TEST(AdminConnection, ACommandComesWithItsStreams) {
  Pair pair;
  OperatorEnd end(std::move(pair.service));
  MessageChannel client(std::move(pair.client));
  int pipe_ends[2];
  ASSERT_EQ(pipe2(pipe_ends, O_CLOEXEC), 0);
  const Descriptor reading(pipe_ends[0]), writing(pipe_ends[1]);
  const std::array<int, 3> streams = {reading.number(), writing.number(), writing.number()};
  client.send(MessageKind::Request, view(simple_request()), streams);
  std::optional<OperatorEnd::Command> command = end.receive_command();
  ASSERT_TRUE(command);
  EXPECT_EQ(command->request.words.front(), "status");
  EXPECT_FALSE(command->terminal.is_open());
  ASSERT_EQ(write(command->output.number(), "x", 1), 1);
  char octet = 0;
  ASSERT_EQ(read(reading.number(), &octet, 1), 1);
  EXPECT_EQ(octet, 'x');
  EXPECT_EQ(end.peer().account, geteuid());
  EXPECT_EQ(end.peer().process, getpid());
}

TEST(AdminConnection, WhoeverSaysNothingIsNotWaitedFor) {
  Pair pair;
  OperatorEnd end(std::move(pair.service), Short);
  EXPECT_EQ(code_of([&] { end.receive_command(); }), ErrorCode::TryAgain);
}

TEST(AdminConnection, WhoeverBeginsAndStopsIsNotWaitedFor) {
  Pair pair;
  OperatorEnd end(std::move(pair.service), Short);
  const MessageOctets octets = compose_message(MessageKind::Request, 3, view(simple_request()));
  send_raw(pair.client.number(), view(octets).substr(0, 20), {0, 1, 2});
  EXPECT_EQ(code_of([&] { end.receive_command(); }), ErrorCode::TryAgain);
}

TEST(AdminConnection, WhoeverGoesAtOnceIsNoError) {
  Pair pair;
  OperatorEnd end(std::move(pair.service));
  pair.client.reset();
  EXPECT_FALSE(end.receive_command());
}

TEST(AdminConnection, MalformedMessagesAreRefused) {
  const MessageOctets good = compose_message(MessageKind::Request, 3, view(simple_request()));
  const Descriptor folder(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const Descriptor path(open("/etc/passwd", O_PATH | O_CLOEXEC));
  struct Case {
    const char* name;
    std::string octets;
    std::vector<int> descriptors;
  };
  const std::vector<Case> cases = {
      {"octets of something else", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", {}},
      {"too few descriptors", std::string(view(good)), {0, 1}},
      {"no descriptors", std::string(view(good)), {}},
      {"more than it says", std::string(view(good)), {0, 1, 2, 0}},
      {"far too many", std::string(view(good)), std::vector<int>(16, 0)},
      {"too large",
       std::string(view(compose_message(MessageKind::Request, 3, std::string(LargestRequest + 1, 'x'))))
           .substr(0, 100),
       {0, 1, 2}},
      {"another kind first",
       std::string(view(compose_message(MessageKind::Signal, 0, view(compose_signal({SIGINT}))))),
       {}},
      {"cut off", std::string(view(good).substr(0, good.size() - 1)), {0, 1, 2}},
      {"a stream that cannot be read or written", std::string(view(good)), {0, path.number(), 2}},
      {"a terminal that is none",
       std::string(view(compose_message(MessageKind::Request, 4, view(simple_request())))),
       {folder.number(), 1, 2, folder.number()}},
  };
  const Descriptor null(open("/dev/null", O_RDWR | O_CLOEXEC));
  for (const Case& one : cases) {
    Pair pair;
    OperatorEnd end(std::move(pair.service));
    std::vector<int> descriptors = one.descriptors;
    for (int& number : descriptors) {
      if (number <= 2) number = null.number();
    }
    send_raw(pair.client.number(), one.octets, descriptors);
    pair.client.reset();
    EXPECT_EQ(code_of([&] { end.receive_command(); }), ErrorCode::InvalidInput) << one.name;
  }
}

std::array<std::atomic<int>, 65> raised{};

class Relayed : public testing::Test {
 protected:
  Relayed() : client_(std::move(pair_.client)), end_(std::move(pair_.service)) {
    for (std::atomic<int>& count : raised) count = 0;
    struct sigaction note {};
    note.sa_handler = [](int number) { ++raised[static_cast<std::size_t>(number)]; };
    for (int signal : {SIGINT, SIGHUP}) sigaction(signal, &note, &before_[signal == SIGHUP]);
    end_.relay();
  }
  ~Relayed() override {
    for (int signal : {SIGINT, SIGHUP}) sigaction(signal, &before_[signal == SIGHUP], nullptr);
  }
  static void wait_for(int signal) {
    while (raised[static_cast<std::size_t>(signal)] == 0) std::this_thread::yield();
  }

  Pair pair_;
  std::optional<MessageChannel> client_;
  OperatorEnd end_;  // ends first: a client that goes before it hangs up, and nobody handles that any more
  std::array<struct sigaction, 2> before_{};
};

TEST_F(Relayed, ASignalIsRaisedHere) {
  client_->send(MessageKind::Signal, view(compose_signal({SIGINT})));
  wait_for(SIGINT);
  // Its client going away later is no second one.
  client_.reset();
  EXPECT_THROW(end_.ask({FileOperation::Read, "x"}), Error);
  EXPECT_EQ(raised[SIGHUP], 0);
}

TEST_F(Relayed, AClientThatGoesAwayHangsUp) {
  client_.reset();
  wait_for(SIGHUP);
}

TEST_F(Relayed, OrSendsWhatIsNotItsToSend) {
  client_->send(MessageKind::CommandFinished, view(compose_finished({0, {}})));
  wait_for(SIGHUP);
}

TEST_F(Relayed, FilesAreOpenedByTheClient) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.write("people.csv", "UserUri\nbob\n");
  std::thread client([&] {
    std::optional<ReceivedMessage> asked = client_->receive();
    ASSERT_TRUE(asked);
    const FileRequest request = parse_file_request(view(asked->body));
    EXPECT_EQ(request.path, "named.csv");
    const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    const int number = file.number();
    client_->send(MessageKind::FileAnswer, view(compose_file_answer({})), {&number, 1});
    client_->receive();
    client_->send(MessageKind::FileAnswer, view(compose_file_answer({EACCES, {}})));
  });
  FakeStreams streams;
  RemoteOperatorFiles files(end_, streams);
  EXPECT_EQ(files.read("named.csv", 1000), "UserUri\nbob\n");
  EXPECT_EQ(code_of([&] { files.read("named.csv", 1000); }), ErrorCode::Permission);
  client.join();
}

TEST_F(Relayed, AQuestionToAClientThatIsGoneIsAnError) {
  std::future<ErrorCode> asked = std::async(std::launch::async, [&] {
    return code_of([&] { end_.ask({FileOperation::Create, "report.csv"}); });
  });
  client_->receive();
  client_.reset();
  EXPECT_EQ(asked.get(), ErrorCode::Unavailable);
  wait_for(SIGHUP);
}

}  // namespace
}  // namespace dialin
