// SPDX-License-Identifier: Apache-2.0
#include "support/temporary_directory.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

namespace dialin::test {

TemporaryDirectory::TemporaryDirectory() {
  const char* parent = std::getenv("TMPDIR");
  std::string name = std::string(parent != nullptr && *parent != '\0' ? parent : "/tmp") + "/dialin-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) {
    throw std::runtime_error("cannot make the temporary directory " + name + ": " + std::strerror(errno));
  }
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  // A server that was just killed may still be making files: once more is enough after its group is gone.
  std::error_code ignored;
  for (int attempt = 0; attempt < 3; ++attempt) {
    std::filesystem::remove_all(path_, ignored);
    if (!ignored) return;
  }
}

std::filesystem::path TemporaryDirectory::write(std::string_view name, std::string_view content) const {
  const std::filesystem::path file = path_ / name;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream.write(content.data(), static_cast<std::streamsize>(content.size()));
  stream.close();
  if (!stream) throw std::runtime_error("cannot write " + file.string());
  return file;
}

void TemporaryDirectory::open_to_others() const {
  if (::chmod(path_.c_str(), 0755) != 0) {
    throw std::runtime_error("cannot change the mode of " + path_.string() + ": " + std::strerror(errno));
  }
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (!stream.is_open() || stream.bad()) throw std::runtime_error("cannot read " + path.string());
  return content;
}

void give_to(const std::filesystem::path& path, const std::string& user) {
  const passwd* account = ::getpwnam(user.c_str());
  if (account == nullptr) throw std::runtime_error("there is no account " + user);
  const auto change = [&](const std::filesystem::path& entry) {
    if (::lchown(entry.c_str(), account->pw_uid, account->pw_gid) != 0) {
      throw std::runtime_error("cannot give " + entry.string() + " to " + user + ": " + std::strerror(errno));
    }
  };
  change(path);
  if (!std::filesystem::is_directory(std::filesystem::symlink_status(path))) return;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) change(entry.path());
}

}  // namespace dialin::test
