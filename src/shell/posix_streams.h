// SPDX-License-Identifier: Apache-2.0
// Streams over file descriptors: the process's own, or those that a client handed over.
#pragma once

#include <string>

#include "shell/streams.h"

namespace dialin {

class PosixStreams final : public Streams {
 public:
  // The descriptors stay the caller's. SIGPIPE must be ignored by the process: a reader that went away is an
  // error here, not a sudden death. `width`: columns of the operator's terminal; 0 asks the descriptors.
  PosixStreams(int input, int output, int error, OperatorEnvironment environment, std::size_t width = 0);
  // Writes what is left, as far as it can; whoever must know calls flush().
  ~PosixStreams() override;
  PosixStreams(const PosixStreams&) = delete;
  PosixStreams& operator=(const PosixStreams&) = delete;

  std::size_t read_input(char* buffer, std::size_t size) override;
  void write_output(std::string_view text) override;
  void flush() override;
  void write_error(std::string_view text) override;
  bool is_terminal(Stream stream) const override;
  std::size_t width() const override;
  const OperatorEnvironment& environment() const override { return environment_; }

 private:
  int descriptor(Stream stream) const;
  // Writes what was kept back; errno or 0.
  int drain();

  int input_;
  int output_;
  int error_;
  OperatorEnvironment environment_;
  std::size_t width_;
  bool output_is_terminal_;
  bool failed_ = false;  // said once; from then on output is dropped
  std::string pending_;
};

}  // namespace dialin
