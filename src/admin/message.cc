// SPDX-License-Identifier: Apache-2.0
#include "admin/message.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <limits>

#include "admin/message_fields.h"
#include "base/error.h"
#include "base/text.h"

namespace dialin {
namespace {

constexpr std::string_view Magic = "DLN1";
constexpr std::size_t LongestPath = 4096;
constexpr std::size_t LongestProgramName = 255;
constexpr std::size_t LongestFinishedText = 16 << 10;
constexpr int LargestErrno = 4095;

constexpr std::array<int, 4> Signals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

enum Tag : std::uint8_t {
  ProgramTag = 1,
  WordTag = 2,
  EnvironmentTag = 3,
  WidthTag = 4,
  PasswordTag = 5,
  SignalTag = 6,
  OperationTag = 7,
  PathTag = 8,
  ProblemTag = 9,
  NameTag = 10,
  ExitCodeTag = 11,
  TextTag = 12,
};

struct Limits {
  std::size_t size;
  std::uint8_t fewest_descriptors;
  std::uint8_t most_descriptors;
};

std::optional<Limits> limits_of(std::uint8_t kind) {
  switch (static_cast<MessageKind>(kind)) {
    case MessageKind::Request:
      return Limits{LargestRequest, 3, 4};
    case MessageKind::Signal:
      return Limits{LargestSmallMessage, 0, 0};
    case MessageKind::FileAnswer:
      return Limits{LargestFolderListing, 0, 1};
    case MessageKind::FileRequest:
    case MessageKind::CommandFinished:
      return Limits{LargestSmallMessage, 0, 0};
    case MessageKind::RunHere:
      return Limits{0, 0, 0};
  }
  return std::nullopt;
}

bool is_file_name(std::string_view name) {
  return !name.empty() && name.size() <= 255 && name != "." && name != ".." &&
         name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

bool consists_of(std::string_view text, std::string_view punctuation) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           punctuation.find(c) != std::string_view::npos;
  });
}

}  // namespace

MessageHeader parse_message_header(std::string_view octets) {
  if (octets.size() != MessageHeaderSize || octets.substr(0, Magic.size()) != Magic)
    malformed("it does not begin as one of this version does");
  MessageHeader header;
  const auto kind = static_cast<std::uint8_t>(octets[4]);
  const std::optional<Limits> limits = limits_of(kind);
  if (!limits) malformed(fmt::format("there is no kind {}", kind));
  header.kind = static_cast<MessageKind>(kind);
  header.descriptors = static_cast<std::uint8_t>(octets[5]);
  header.size = read_number(octets.substr(8, 4));
  if (octets[6] != 0 || octets[7] != 0) malformed("its header holds octets that must be zero");
  if (header.size > limits->size)
    malformed(fmt::format("{} octets are more than the {} of its kind", header.size, limits->size));
  if (header.descriptors < limits->fewest_descriptors || header.descriptors > limits->most_descriptors)
    malformed(fmt::format("{} descriptors do not belong to its kind", header.descriptors));
  return header;
}

MessageOctets compose_message(MessageKind kind, std::uint8_t descriptors, std::string_view body) {
  MessageOctets octets;
  octets.reserve(MessageHeaderSize + body.size());
  octets += Magic;
  octets += static_cast<char>(kind);
  octets += static_cast<char>(descriptors);
  octets.append(2, '\0');
  append_number(octets, body.size());
  octets += body;
  return octets;
}

CommandRequest::~CommandRequest() {
  for (std::string& word : words) wipe(word);
}

MessageOctets compose_request(const CommandRequest& request) {
  FieldWriter writer;
  writer.add(ProgramTag, request.program);
  for (const std::string& word : request.words) writer.add(WordTag, word);
  for (const auto& [name, value] : request.environment)
    writer.add(EnvironmentTag, fmt::format("{}={}", name, value));
  writer.add_number(WidthTag, request.width);
  if (request.password) writer.add(PasswordTag, request.password->reveal(ClearSecretAccess()));
  return writer.take();
}

CommandRequest parse_request(std::string_view body) {
  CommandRequest request;
  FieldReader fields(body);
  request.program = fields.text(ProgramTag, LongestProgramName);
  if (!is_file_name(request.program)) malformed("the program's name is none");
  // All room at once: a vector that grows leaves copies of short words behind.
  request.words.reserve(std::min(fields.count(WordTag), MostWords));
  while (fields.at(WordTag)) {
    if (request.words.size() == MostWords) malformed(fmt::format("more than {} words", MostWords));
    request.words.push_back(fields.text(WordTag, LargestWord));
  }
  while (fields.at(EnvironmentTag)) {
    const std::string entry = fields.text(EnvironmentTag, LargestEnvironmentValue + 64);
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos) malformed("an environment variable without value");
    const std::string name = entry.substr(0, equals);
    if (!may_travel(name, entry.substr(equals + 1)))
      malformed(fmt::format("the environment variable {} may not have this value, or not be sent",
                            sanitize_foreign_text(name, 40)));
    if (!request.environment.empty() && request.environment.rbegin()->first >= name)
      malformed("environment variables twice, or out of order");
    request.environment[name] = entry.substr(equals + 1);
  }
  request.width =
      static_cast<std::uint16_t>(fields.number(WidthTag, std::numeric_limits<std::uint16_t>::max()));
  if (fields.at(PasswordTag)) {
    request.password = fields.secret(PasswordTag, 1024);
    if (request.password->empty()) malformed("an empty password");
  }
  fields.end();
  return request;
}

bool may_travel(std::string_view name, std::string_view value) {
  if (value.size() > LargestEnvironmentValue || has_control_characters(value) || !is_utf8(value))
    return false;
  if (name == "PSEmailServer" || name == "NO_COLOR") return true;
  if (name == "TERM") return consists_of(value, "-+._") && value.size() <= 64;
  if (name == "TZ") {
    return consists_of(value, "+-_/,.:<>") && value.size() <= 128 && !value.starts_with('/') &&
           value.find(':') == std::string_view::npos && value.find("..") == std::string_view::npos;
  }
  const bool locale =
      name == "LANG" ||
      (name.starts_with("LC_") && name.size() <= 32 &&
       std::all_of(name.begin() + 3, name.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; }));
  return locale && consists_of(value, "_.@-") && value.find("..") == std::string_view::npos &&
         value.size() <= 64;
}

MessageOctets compose_signal(const SignalMessage& message) {
  FieldWriter writer;
  writer.add_number(SignalTag, static_cast<std::uint32_t>(message.signal));
  return writer.take();
}

SignalMessage parse_signal(std::string_view body) {
  FieldReader fields(body);
  const auto signal = static_cast<int>(fields.number(SignalTag, 64));
  fields.end();
  if (std::find(Signals.begin(), Signals.end(), signal) == Signals.end())
    malformed(fmt::format("signal {} may not be sent", signal));
  return {signal};
}

MessageOctets compose_file_request(const FileRequest& request) {
  FieldWriter writer;
  writer.add_number(OperationTag, static_cast<std::uint32_t>(request.operation));
  writer.add(PathTag, request.path);
  return writer.take();
}

FileRequest parse_file_request(std::string_view body) {
  FieldReader fields(body);
  FileRequest request;
  const std::uint32_t operation =
      fields.number(OperationTag, static_cast<std::uint32_t>(FileOperation::MakeFolder));
  if (operation == 0) malformed("there is no operation 0");
  request.operation = static_cast<FileOperation>(operation);
  request.path = fields.text(PathTag, LongestPath);
  if (request.path.empty()) malformed("an empty path");
  fields.end();
  return request;
}

MessageOctets compose_file_answer(const FileAnswer& answer) {
  FieldWriter writer;
  writer.add_number(ProblemTag, static_cast<std::uint32_t>(answer.problem));
  for (const std::string& name : answer.names) writer.add(NameTag, name);
  return writer.take();
}

FileAnswer parse_file_answer(std::string_view body) {
  FieldReader fields(body);
  FileAnswer answer;
  answer.problem = static_cast<int>(fields.number(ProblemTag, LargestErrno));
  while (fields.at(NameTag)) {
    answer.names.push_back(fields.text(NameTag, 255));
    if (!is_file_name(answer.names.back())) malformed("a name in a folder is none");
  }
  fields.end();
  return answer;
}

MessageOctets compose_finished(const FinishedMessage& message) {
  FieldWriter writer;
  writer.add_number(ExitCodeTag, static_cast<std::uint32_t>(message.exit_code));
  writer.add(TextTag, std::string_view(message.text).substr(0, LongestFinishedText));
  return writer.take();
}

FinishedMessage parse_finished(std::string_view body) {
  FieldReader fields(body);
  FinishedMessage message;
  message.exit_code = static_cast<int>(fields.number(ExitCodeTag, 255));
  message.text = fields.text(TextTag, LongestFinishedText);
  fields.end();
  return message;
}

}  // namespace dialin
