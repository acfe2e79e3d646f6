// SPDX-License-Identifier: Apache-2.0
#include "shell/streams.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"

namespace dialin {

namespace {

constexpr std::size_t LongestSecret = 1024;  // octets

}  // namespace

OperatorEnvironment operator_environment(const char* const* environ) {
  OperatorEnvironment kept;
  for (; environ != nullptr && *environ != nullptr; ++environ) {
    const std::string_view entry = *environ;
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = entry.substr(0, equals);
    const std::string_view value = entry.substr(equals + 1);
    if (equal_ignoring_case(name, "PSEmailServer")) {
      // The exact spelling wins over others, whatever the order.
      if (value.empty() || (name != "PSEmailServer" && kept.count("PSEmailServer") != 0)) continue;
      kept["PSEmailServer"] = value;
    } else if (name == "LANG" || name.starts_with("LC_") || name == "TZ" || name == "TERM" ||
               name == "NO_COLOR") {
      kept[std::string(name)] = value;
    }
  }
  return kept;
}

std::optional<std::string> Streams::environment_value(std::string_view name) const {
  const auto found = environment().find(std::string(name));
  if (found == environment().end()) return std::nullopt;
  return found->second;
}

bool Streams::may_colour(Stream stream) const {
  return is_terminal(stream) && environment_value("NO_COLOR").value_or("").empty() &&
         environment_value("TERM").value_or("dumb") != "dumb";
}

std::string Streams::locale_name(std::string_view category) const {
  for (std::string_view name : {std::string_view("LC_ALL"), category, std::string_view("LANG")}) {
    const auto value = environment_value(name);
    if (value && !value->empty()) return *value;
  }
  return "C";
}

std::optional<std::string> Streams::language() const {
  std::string name = locale_name("LC_MESSAGES");
  name.resize(std::min(name.find_first_of(".@"), name.size()));
  if (name.empty() || name == "C" || name == "POSIX") return std::nullopt;
  for (char& c : name) {
    if (c == '_') c = '-';
  }
  return name;
}

std::optional<std::string> Streams::read_line(std::size_t limit) {
  std::string line;
  char c = 0;
  while (read_input(&c, 1) == 1) {
    if (c == '\n') {
      if (line.ends_with('\r')) line.pop_back();
      return line;
    }
    if (line.size() == limit) {
      throw Error(ErrorCode::InvalidInput,
                  fmt::format("A line of standard input is longer than {} octets.", limit));
    }
    line += c;
  }
  if (line.empty()) return std::nullopt;
  return line;
}

Secret Streams::read_secret_line() {
  struct WipedBuffer {
    std::array<char, LongestSecret> octets{};
    ~WipedBuffer() { wipe(octets.data(), octets.size()); }
  } buffer;
  std::size_t size = 0;
  char c = 0;
  while (read_input(&c, 1) == 1 && c != '\n') {
    if (size == LongestSecret) {
      throw Error(ErrorCode::InvalidInput,
                  fmt::format("The secret on standard input is longer than {} octets.", LongestSecret));
    }
    buffer.octets[size++] = c;
  }
  if (size > 0 && buffer.octets[size - 1] == '\r') --size;
  if (size == 0) {
    throw Error(ErrorCode::InvalidInput,
                "A secret was to be read from standard input, and its line is empty.",
                "Give it in the first line: printf '%s\\n' \"$SECRET\" | dialin ...");
  }
  return Secret(std::string_view(buffer.octets.data(), size));
}

}  // namespace dialin
