// SPDX-License-Identifier: Apache-2.0
// Streams in memory: input is given, output and error are kept; terminals by flags.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>

#include "base/error.h"
#include "shell/streams.h"

namespace dialin {

class FakeStreams final : public Streams {
 public:
  std::string input;
  std::string output;
  std::string error;
  bool input_is_terminal = false;
  bool output_is_terminal = false;
  bool error_is_terminal = false;
  std::size_t columns = 80;
  OperatorEnvironment variables;
  bool output_is_broken = false;  // every write fails, as on a full disk

  std::size_t read_input(char* buffer, std::size_t size) override {
    const std::size_t count = std::min(size, input.size() - read_);
    std::memcpy(buffer, input.data() + read_, count);
    read_ += count;
    return count;
  }
  void write_output(std::string_view text) override {
    if (output_is_broken) throw Error(ErrorCode::Unavailable, "Standard output cannot be written: fake.");
    output += text;
  }
  void flush() override {}
  void write_error(std::string_view text) override { error += text; }
  bool is_terminal(Stream stream) const override {
    switch (stream) {
      case Stream::Input:
        return input_is_terminal;
      case Stream::Output:
        return output_is_terminal;
      case Stream::Error:
        return error_is_terminal;
    }
    return false;
  }
  std::size_t width() const override { return columns; }
  const OperatorEnvironment& environment() const override { return variables; }

 private:
  std::size_t read_ = 0;
};

}  // namespace dialin
