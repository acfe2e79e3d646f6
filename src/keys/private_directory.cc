// SPDX-License-Identifier: Apache-2.0
#include "keys/private_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "base/account_names.h"
#include "base/descriptor.h"
#include "base/error.h"

namespace dialin {
namespace {

// Takes the temporary name away again, whatever happens; what was linked to its final name stays.
class TemporaryName {
 public:
  TemporaryName(int directory, const std::string& name) : directory_(directory), name_(name) {}
  TemporaryName(const TemporaryName&) = delete;
  TemporaryName& operator=(const TemporaryName&) = delete;
  ~TemporaryName() { unlinkat(directory_, name_.c_str(), 0); }

 private:
  int directory_;
  const std::string& name_;
};

std::string account(uid_t user) {
  return account_name(user).value_or(fmt::format("user id {}", user));
}

// The system's refusal of `doing`, as an Error that fits it.
[[noreturn]] void fail(const std::string& doing, const std::filesystem::path& path) {
  const int number = errno;
  const std::string what =
      fmt::format("{} {}: {}", doing, path.string(), std::generic_category().message(number));
  if (number == EACCES || number == EPERM || number == EROFS) {
    throw Error(ErrorCode::Permission, what,
                fmt::format("This process runs as {}; run it as the account that owns {}.",
                            account(geteuid()), path.parent_path().string()));
  }
  throw Error(number == ENOENT || number == ENOTDIR || number == ELOOP ? ErrorCode::Configuration
                                                                       : ErrorCode::Unavailable,
              what);
}

// Group and others may do nothing, and the owner is this process's account.
void demand_private(const struct stat& status, const std::filesystem::path& path, const char* kind,
                    const char* wanted_mode) {
  if (status.st_uid != geteuid()) {
    throw Error(ErrorCode::Permission,
                fmt::format("the {} {} belongs to {}, but this process runs as {}", kind, path.string(),
                            account(status.st_uid), account(geteuid())),
                fmt::format("Run it as {}, or, if the files are meant for {}: chown {} {}",
                            account(status.st_uid), account(geteuid()), account(geteuid()), path.string()));
  }
  if ((status.st_mode & 0077) != 0) {
    throw Error(ErrorCode::Configuration,
                fmt::format("the {} {} (owner {}) has mode {:04o}: other accounts may use it", kind,
                            path.string(), account(status.st_uid), status.st_mode & 07777),
                fmt::format("Find out who may have read it, then: chmod {} {}", wanted_mode, path.string()));
  }
}

}  // namespace

PrivateDirectory::PrivateDirectory(std::filesystem::path path, int descriptor)
    : path_(std::move(path)), descriptor_(descriptor) {}

PrivateDirectory::PrivateDirectory(PrivateDirectory&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

PrivateDirectory::~PrivateDirectory() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::optional<PrivateDirectory> PrivateDirectory::open(const std::filesystem::path& path,
                                                       IfMissing if_missing) {
  if (if_missing == IfMissing::Make && mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    fail("making the key directory", path);
  }
  Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.number() < 0) {
    if (errno == ENOENT && if_missing == IfMissing::Nothing) return std::nullopt;
    fail("opening the key directory", path);
  }
  if (if_missing == IfMissing::Make) {
    // Also where it existed: another process may have made it this instant and not come so far.
    const std::filesystem::path parent = path.has_parent_path() ? path.parent_path() : ".";
    const Descriptor above(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (above.number() < 0 || fsync(above.number()) != 0) fail("making durable the directory", parent);
  }
  struct stat status {};
  if (fstat(directory.number(), &status) != 0) fail("looking at the key directory", path);
  demand_private(status, path, "key directory", "0700");
  return PrivateDirectory(path, directory.release());
}

std::optional<Secret> PrivateDirectory::read(const std::string& name, std::size_t limit) const {
  const std::filesystem::path path = path_ / name;
  // Not blocking, so that a pipe in its place cannot hold the process up.
  const Descriptor file(openat(descriptor_, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (file.number() < 0) {
    if (errno == ENOENT) return std::nullopt;
    fail("opening the key file", path);
  }
  struct stat status {};
  if (fstat(file.number(), &status) != 0) fail("looking at the key file", path);
  demand_private(status, path, "key file", "0400");
  if (!S_ISREG(status.st_mode) || static_cast<std::size_t>(status.st_size) > limit) {
    throw Error(ErrorCode::Configuration, fmt::format("{} is not a key file", path.string()));
  }

  const auto size = static_cast<std::size_t>(status.st_size);
  Secret content = Secret::of_size(size);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count =
        ::read(file.number(), content.reveal_mutable(ClearSecretAccess()) + done, size - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("reading the key file", path);
    if (count == 0)
      throw Error(ErrorCode::Unavailable, fmt::format("{} shrank while it was read", path.string()));
    done += static_cast<std::size_t>(count);
  }
  return content;
}

bool PrivateDirectory::add(const std::string& name, const std::string& temporary_name,
                           const Secret& content) const {
  const std::filesystem::path temporary = path_ / temporary_name;
  const Descriptor file(openat(descriptor_, temporary_name.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400));
  if (file.number() < 0) fail("making the file", temporary);
  bool exists = false;
  {
    const TemporaryName cleaner(descriptor_, temporary_name);
    const std::string_view text = content.reveal(ClearSecretAccess());
    std::size_t done = 0;
    while (done < text.size()) {
      const ssize_t count = write(file.number(), text.data() + done, text.size() - done);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail("writing the file", temporary);
      done += static_cast<std::size_t>(count);
    }
    if (fsync(file.number()) != 0) fail("making durable the file", temporary);
    // link, not rename: rename would silently replace a key that exists.
    if (linkat(descriptor_, temporary_name.c_str(), descriptor_, name.c_str(), 0) != 0) {
      if (errno != EEXIST) fail("naming the key file", path_ / name);
      exists = true;
    }
  }
  make_durable();
  return !exists;
}

void PrivateDirectory::remove(const std::string& name) const {
  if (unlinkat(descriptor_, name.c_str(), 0) != 0) {
    if (errno == ENOENT) return;
    fail("removing the key file", path_ / name);
  }
  make_durable();
}

std::vector<std::string> PrivateDirectory::names() const {
  Descriptor copy(openat(descriptor_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (copy.number() < 0) fail("opening the key directory", path_);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(copy.number()), closedir);
  if (!stream) fail("listing the key directory", path_);
  copy.release();  // closedir closes it
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = readdir(stream.get());
    if (entry == nullptr) break;
    names.emplace_back(entry->d_name);
  }
  if (errno != 0) fail("listing the key directory", path_);
  return names;
}

void PrivateDirectory::make_durable() const {
  if (fsync(descriptor_) != 0) fail("making durable the key directory", path_);
}

}  // namespace dialin
