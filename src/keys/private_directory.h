// SPDX-License-Identifier: Apache-2.0
// Files that only one account may read, in a directory of which the same holds: what KeyDirectory stands on.
// Every use proves owner and mode of the opened directory and file (not of their names, which could change in
// between). Files are written once and never changed. Any thread. Errors as in keys/key_directory.h.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"

namespace dialin {

class PrivateDirectory {
 public:
  enum class IfMissing { Nothing, Make };

  // Nothing if there is no such directory and it is not to be made. A made one is durable.
  static std::optional<PrivateDirectory> open(const std::filesystem::path& path, IfMissing if_missing);

  PrivateDirectory(PrivateDirectory&& other) noexcept;
  PrivateDirectory& operator=(PrivateDirectory&&) = delete;
  ~PrivateDirectory();

  // Nothing if there is no such file. Error(Configuration) if it is longer than `limit` octets.
  std::optional<Secret> read(const std::string& name, std::size_t limit) const;

  // Writes a file of mode 0400 that appears whole or not at all and is durable when this returns. False, and
  // nothing changed, if `name` exists. `temporary_name` is one that nobody else uses.
  bool add(const std::string& name, const std::string& temporary_name, const Secret& content) const;

  // Durable; no error if there is no such file.
  void remove(const std::string& name) const;

  std::vector<std::string> names() const;

 private:
  PrivateDirectory(std::filesystem::path path, int descriptor);
  void make_durable() const;

  std::filesystem::path path_;
  int descriptor_;
};

}  // namespace dialin
