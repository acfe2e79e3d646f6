// SPDX-License-Identifier: Apache-2.0
#include "store/data_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "base/account_names.h"
#include "base/descriptor.h"
#include "base/error.h"

namespace dialin {
namespace {

constexpr std::chrono::seconds kLockTime{10};

std::string account(uid_t id) {
  return account_name(id).value_or(std::to_string(id));
}

[[noreturn]] void refuse(const char* doing, const std::filesystem::path& path, int error) {
  const bool not_permitted = error == EACCES || error == EPERM || error == EROFS;
  throw Error(not_permitted ? ErrorCode::Permission : ErrorCode::Unavailable,
              fmt::format("{} {}: {}", doing, path.string(), std::strerror(error)),
              not_permitted ? fmt::format("See who owns it: ls -ld {}", path.string()) : "");
}

std::optional<struct stat> status_of(const std::filesystem::path& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) == 0) return status;
  if (errno == ENOENT) return std::nullopt;
  refuse("looking for", path, errno);
}

void check_owner(const std::filesystem::path& path, const struct stat& status) {
  if (status.st_uid == geteuid()) return;
  throw Error(
      ErrorCode::Permission,
      fmt::format("{} belongs to the account {} (group {}), and this is {}", path.string(),
                  account(status.st_uid), group_name(status.st_gid).value_or(std::to_string(status.st_gid)),
                  account(geteuid())),
      fmt::format("Run dialin as {}, or choose another data directory.", account(status.st_uid)));
}

void make_directory(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (error) refuse("making the directory", path.parent_path(), error.value());
  // Somebody else may be making it at this moment.
  if (mkdir(path.c_str(), 0700) != 0) {
    if (errno == EEXIST) return;
    refuse("making the directory", path, errno);
  }
  if (chmod(path.c_str(), 0700) != 0) refuse("making the directory", path, errno);
  sync_path(path.parent_path());
}

}  // namespace

bool check_data_directory(const std::filesystem::path& path, IfNoDirectory if_none) {
  // A link is followed once, here, to what it names: an administrator may have moved the data to another
  // disk.
  std::error_code error;
  const std::filesystem::path real = std::filesystem::weakly_canonical(path, error);
  if (error) refuse("looking for", path, error.value());
  std::optional<struct stat> status = status_of(real);
  if (!status) {
    if (if_none == IfNoDirectory::Nothing) return false;
    make_directory(real);
    status = status_of(real);
  }
  if (!status || !S_ISDIR(status->st_mode))
    throw Error(ErrorCode::Configuration, fmt::format("{} is no directory", path.string()),
                "Choose another data directory.");
  check_owner(path, *status);
  if ((status->st_mode & 0022) != 0)
    throw Error(ErrorCode::Configuration,
                fmt::format("others may write into the data directory {}", path.string()),
                fmt::format("See what is in it, then: chmod go-w {}", path.string()));
  if (access(path.c_str(), R_OK | W_OK | X_OK) != 0) refuse("using the data directory", path, errno);
  return true;
}

bool check_private_file(const std::filesystem::path& path) {
  const std::optional<struct stat> status = status_of(path);
  if (!status) return false;
  if (!S_ISREG(status->st_mode))
    throw Error(ErrorCode::Configuration, fmt::format("{} is no ordinary file", path.string()));
  check_owner(path, *status);
  if ((status->st_mode & 0077) != 0)
    throw Error(ErrorCode::Configuration, fmt::format("others may read or write {}", path.string()),
                fmt::format("If nobody else had it: chmod 600 {}", path.string()));
  return true;
}

void make_private_file(const std::filesystem::path& path) {
  const Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  // The umask may have taken away what we need.
  if (file.number() < 0 || fchmod(file.number(), 0600) != 0) refuse("making the file", path, errno);
}

void sync_path(const std::filesystem::path& path) {
  const Descriptor opened(open(path.empty() ? "." : path.c_str(), O_RDONLY | O_CLOEXEC));
  if (opened.number() < 0 || fsync(opened.number()) != 0) refuse("writing to disk", path, errno);
}

FileLock::FileLock(const std::filesystem::path& path) {
  Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.number() < 0 || fchmod(file.number(), 0600) != 0) refuse("opening the lock", path, errno);
  const auto until = std::chrono::steady_clock::now() + kLockTime;
  while (flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) refuse("locking", path, errno);
    if (std::chrono::steady_clock::now() > until)
      throw Error(
          ErrorCode::Unavailable,
          fmt::format("another process has been making or upgrading the store for 10 seconds ({} is locked)",
                      path.string()),
          "See with \"fuser -v FILE\" who it is, and try again.");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  descriptor_ = file.release();
}

FileLock::~FileLock() {
  close(descriptor_);
}

}  // namespace dialin
