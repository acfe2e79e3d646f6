// SPDX-License-Identifier: Apache-2.0
// The operator's end of one connection: gives the command to the service, passes signals on, opens the files
// that the command line names, and waits for the exit code.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

#include "admin/message_channel.h"
#include "admin/named_files.h"
#include "shell/streams.h"

namespace dialin {

// Connects. Error(Unavailable) if nobody listens there; Error(Permission) if it is not `owner`, or root, that
// does: else any account that can make a socket there would be told PINs and passwords.
MessageChannel connect_to_service(const std::filesystem::path& socket, uid_t owner);

class ServiceEnd {
 public:
  // SIGINT, SIGTERM, SIGHUP and SIGQUIT are passed on while this lives: the first lets the command finish
  // what is in flight, the second ends it, and this process. One at a time.
  explicit ServiceEnd(MessageChannel channel);
  ~ServiceEnd();
  ServiceEnd(const ServiceEnd&) = delete;
  ServiceEnd& operator=(const ServiceEnd&) = delete;

  // The exit code; nothing if the command is allowed, and to be run in this process. Error(Interrupted) if a
  // signal ended it, Error(Unavailable) if the service ended without a word.
  std::optional<int> run(const CommandRequest& request, NamedFiles& files, Streams& streams);

 private:
  void send_command(const CommandRequest& request);
  void pass_signals_on();
  void answer(const ReceivedMessage& message, NamedFiles& files);

  MessageChannel channel_;
  int signals_ = 0;  // passed on
};

}  // namespace dialin
