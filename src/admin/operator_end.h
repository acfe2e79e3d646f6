// SPDX-License-Identifier: Apache-2.0
// The service's end of one connection: the command that its operator sent, and while that runs, their
// signals and their files.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "admin/message_channel.h"
#include "base/descriptor.h"

namespace dialin {

// Who is at the other end: the kernel's word, of when they connected.
struct Peer {
  uid_t account = 0;
  pid_t process = 0;
};

class OperatorEnd {
 public:
  // `socket`: the connection, as the service manager or `dialin serve` hands it over.
  explicit OperatorEnd(Descriptor socket, std::chrono::milliseconds patience = std::chrono::seconds(10));
  ~OperatorEnd();
  OperatorEnd(const OperatorEnd&) = delete;
  OperatorEnd& operator=(const OperatorEnd&) = delete;

  Peer peer() const;

  struct Command {
    CommandRequest request;
    Descriptor input, output, error;
    Descriptor terminal;  // not open: the operator has none
  };
  // Error(TryAgain) if it does not come soon, Error(InvalidInput) if it is malformed; nothing if the client
  // has gone.
  std::optional<Command> receive_command();

  // From here on a thread takes what the client sends. A signal is raised in this process as if it had been
  // typed here; so is SIGHUP when the client goes away without one. SIGINT, SIGTERM, SIGHUP and SIGQUIT must
  // not be blocked in the thread that calls this.
  void relay();

  struct OpenedFile {
    FileAnswer answer;
    Descriptor file;  // open if one was asked for and there was no problem
  };
  // Has the client open, make or list something. Blocks until it has; Error(Unavailable) if it has gone.
  // Several threads may ask.
  OpenedFile ask(const FileRequest& request);

  void run_here();
  // The last message. Fails silently: there is nobody left to tell.
  void finish(int exit_code, const std::string& text = {});

 private:
  void take_messages();
  void send(MessageKind kind, std::string_view body);

  MessageChannel channel_;
  std::mutex asking_;   // one question at a time
  std::mutex sending_;  // one message at a time
  std::mutex mutex_;    // of what follows
  std::condition_variable changed_;
  bool gone_ = false;
  bool finished_ = false;  // from here on the client may go
  bool waiting_ = false;
  std::optional<OpenedFile> answer_;
  Descriptor stop_;  // closed to end the thread
  Descriptor stopped_;
  std::thread thread_;
};

}  // namespace dialin
