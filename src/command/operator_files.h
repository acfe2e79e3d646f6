// SPDX-License-Identifier: Apache-2.0
// Files opened by this very process, which is the operator's own.
#pragma once

#include <memory>
#include <string>

#include "base/secret_file.h"
#include "shell/operator_files.h"
#include "shell/streams.h"

namespace dialin {

class PosixOperatorFiles final : public OperatorFiles {
 public:
  explicit PosixOperatorFiles(Streams& streams) : streams_(streams) {}
  std::string read(const std::string& path, std::size_t limit) override;
  std::optional<std::string> read_if_there(const std::string& path, std::size_t limit) override;
  std::shared_ptr<const Secret> read_secret(const std::string& path) override;
  Read open(const std::string& path) override;
  std::unique_ptr<NewFile> create(const std::string& path) override;
  std::optional<std::vector<std::string>> list(const std::string& folder) override;
  void make_folder(const std::string& folder) override;

 private:
  Streams& streams_;
};

}  // namespace dialin
