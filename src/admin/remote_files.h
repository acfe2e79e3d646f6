// SPDX-License-Identifier: Apache-2.0
// The operator's files in the service: opened by the operator's client, with the operator's rights. The
// service itself opens nothing that an operator names.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "admin/operator_end.h"
#include "shell/operator_files.h"
#include "shell/streams.h"

namespace dialin {

class RemoteOperatorFiles final : public OperatorFiles {
 public:
  // Both outlive this.
  RemoteOperatorFiles(OperatorEnd& end, Streams& streams) : end_(end), streams_(streams) {}
  std::string read(const std::string& path, std::size_t limit) override;
  std::optional<std::string> read_if_there(const std::string& path, std::size_t limit) override;
  std::shared_ptr<const Secret> read_secret(const std::string& path) override;
  Read open(const std::string& path) override;
  std::unique_ptr<NewFile> create(const std::string& path) override;
  std::optional<std::vector<std::string>> list(const std::string& folder) override;
  void make_folder(const std::string& folder) override;

 private:
  OperatorEnd& end_;
  Streams& streams_;
};

}  // namespace dialin
