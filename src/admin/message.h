// SPDX-License-Identifier: Apache-2.0
// The messages of the admin socket (doc/decisions/0030-the-admin-socket.md): octets to checked types and
// back, without any I/O. One connection, one command.
//
//   header   12 octets: "DLN1", kind, descriptors, two zero octets, size of the body (big-endian)
//   body     fields, each a tag, its size in four octets (big-endian), its octets
//
// The descriptors travel with the header's first octet (SCM_RIGHTS). A parse function throws
// Error(InvalidInput), which says what is wrong, for anything that the function beside it would not have
// written: unknown tags, fields missing, twice or out of order, too large, or holding what they must not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "base/wiping_allocator.h"

namespace dialin {

inline constexpr std::size_t MessageHeaderSize = 12;
inline constexpr std::size_t LargestRequest = 4 << 20;  // what the kernel takes as arguments, and to spare
inline constexpr std::size_t LargestFolderListing = 1 << 20;
inline constexpr std::size_t LargestSmallMessage = 64 << 10;
inline constexpr std::size_t MostWords = 200'000;
inline constexpr std::size_t LargestWord = 64 << 10;
inline constexpr std::size_t LargestEnvironmentValue = 1024;

enum class MessageKind : std::uint8_t {
  // from the client
  Request = 1,     // CommandRequest; 3 descriptors (standard input, output, error) or 4 (and the terminal)
  Signal = 2,      // SignalMessage
  FileAnswer = 3,  // FileAnswer; 1 descriptor if a file was opened
  // from the service
  FileRequest = 16,      // FileRequest
  RunHere = 17,          // empty: the command is allowed, and is one that runs in the operator's own process
  CommandFinished = 18,  // FinishedMessage
};

struct MessageHeader {
  MessageKind kind = MessageKind::Signal;
  std::uint8_t descriptors = 0;
  std::uint32_t size = 0;
};

// Checks the kind, and size and descriptors against what that kind may have.
MessageHeader parse_message_header(std::string_view octets);

// A message's octets may hold a PIN, or a password.
using MessageOctets = std::basic_string<char, std::char_traits<char>, WipingAllocator<char>>;
MessageOctets compose_message(MessageKind kind, std::uint8_t descriptors, std::string_view body);

// A command line as its operator typed it, and what of their surroundings counts. Its words are wiped.
struct CommandRequest {
  CommandRequest() = default;
  CommandRequest(CommandRequest&&) = default;
  CommandRequest& operator=(CommandRequest&&) = default;
  ~CommandRequest();

  std::string program;  // the name it was called by, without folders: a cmdlet's name, or dialin
  std::vector<std::string> words;
  std::map<std::string, std::string> environment;  // what may_travel() allows
  std::uint16_t width = 0;                         // columns of the terminal; 0: not known
  std::optional<Secret> password;                  // DIALIN_SMTP_PASSWORD
};
MessageOctets compose_request(const CommandRequest& request);
CommandRequest parse_request(std::string_view body);

// PSEmailServer, LANG, LC_*, TZ, TERM, NO_COLOR with a value that cannot make the C library open a file: TZ
// and the locale's name would else be a path that the service opens for the operator.
bool may_travel(std::string_view name, std::string_view value);

struct SignalMessage {
  int signal = 0;  // SIGINT, SIGTERM, SIGHUP or SIGQUIT
};
MessageOctets compose_signal(const SignalMessage& message);
SignalMessage parse_signal(std::string_view body);

enum class FileOperation : std::uint8_t {
  Read = 1,        // open for reading
  Create = 2,      // a new file
  Keep = 3,        // a new file that is finished stays; without it the client takes it away
  List = 4,        // the names in a folder
  MakeFolder = 5,  // and those above it
};

struct FileRequest {
  FileOperation operation = FileOperation::Read;
  std::string path;  // as the parameter names it, or a file in the folder that the parameter names
};
MessageOctets compose_file_request(const FileRequest& request);
FileRequest parse_file_request(std::string_view body);

struct FileAnswer {
  int problem = 0;  // errno, or 0
  std::vector<std::string> names = {};
};
MessageOctets compose_file_answer(const FileAnswer& answer);
FileAnswer parse_file_answer(std::string_view body);

struct FinishedMessage {
  int exit_code = 0;  // 0 to 255
  std::string text;   // what the client prints to standard error, for want of a stream to the operator
};
MessageOctets compose_finished(const FinishedMessage& message);
FinishedMessage parse_finished(std::string_view body);

}  // namespace dialin
