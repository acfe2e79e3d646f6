// SPDX-License-Identifier: Apache-2.0
// A directory of a test's own, removed with everything in it when the object ends.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace dialin::test {

class TemporaryDirectory {
 public:
  // Made below $TMPDIR, else /tmp; mode 0700, owned by the process. The path is kept short, because servers
  // put Unix sockets (at most 107 characters) into it. Throws std::runtime_error.
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  // Writes `content` to the file `name` below the directory (folders in `name` are made) and gives its path.
  std::filesystem::path write(std::string_view name, std::string_view content) const;
  // Lets other accounts pass through (mode 0755), for servers that drop their privileges.
  void open_to_others() const;

 private:
  std::filesystem::path path_;
};

// The whole content of a file. Throws std::runtime_error if it cannot be read.
std::string read_file(const std::filesystem::path& path);
// Gives `path` and everything below it to the account `user` and its group. Needs root.
void give_to(const std::filesystem::path& path, const std::string& user);

}  // namespace dialin::test
