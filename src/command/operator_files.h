// SPDX-License-Identifier: Apache-2.0
// Files opened by this very process, which is the operator's own.
#pragma once

#include <memory>
#include <string>

#include "base/secret.h"
#include "command/command_context.h"

namespace dialin {

class PosixOperatorFiles final : public OperatorFiles {
 public:
  explicit PosixOperatorFiles(Streams& streams) : streams_(streams) {}
  std::string read(const std::string& path, std::size_t limit) override;
  CsvReader::Read open(const std::string& path) override;
  void write_new(const std::string& path, std::string_view content) override;
  std::unique_ptr<NewFile> create(const std::string& path) override;

 private:
  Streams& streams_;
};

// A file that holds one secret (a password, a passphrase, an access token); line ends at its end do not
// belong to it. Error(Configuration) if it cannot be read, is empty, or larger than 16 KiB, or if others may
// read or change it: nobody but its owner may, and the owner's group may read it if the owner is root, who
// gives secrets to accounts that way (root:dialin 0640). What is no file on a disk (a pipe of the shell) has
// no such readers.
std::shared_ptr<const Secret> read_secret_file(const std::string& path);

}  // namespace dialin
