// SPDX-License-Identifier: Apache-2.0
#include "base/secret_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/descriptor.h"
#include "base/error.h"

namespace dialin {
namespace {

constexpr std::size_t LargestSecretFile = 16 * 1024;  // access tokens have several KiB

// Throws if others than the owner may get at the secret.
void require_private(int descriptor, const std::string& path) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) {
    throw Error(ErrorCode::Configuration,
                fmt::format("cannot look at the secret's file {}: {}", path, std::strerror(errno)));
  }
  const bool owner_is_root = status.st_uid == 0;
  const mode_t allowed = owner_is_root ? S_IRWXU | S_IRGRP : S_IRWXU;
  if (!S_ISREG(status.st_mode) || (status.st_mode & 0777 & ~allowed) == 0) return;
  throw Error(ErrorCode::Configuration,
              fmt::format("the secret's file {} has mode {:04o}: others may read or change it", path,
                          status.st_mode & 07777),
              fmt::format("Find out who may have read it, change the secret if need be, then: chmod {} {}",
                          owner_is_root ? "0640" : "0600", path));
}

}  // namespace

std::shared_ptr<const Secret> read_secret_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    throw Error(errno == EACCES ? ErrorCode::Permission : ErrorCode::Configuration,
                fmt::format("cannot open the secret's file {}: {}", path, std::strerror(errno)));
  }
  return read_secret_descriptor(file.number(), path);
}

std::shared_ptr<const Secret> read_secret_descriptor(int descriptor, const std::string& path) {
  require_private(descriptor, path);
  // Read straight into wiped memory: the content must not stay behind in a buffer.
  Secret buffer = Secret::of_size(LargestSecretFile + 1);
  char* data = buffer.reveal_mutable(ClearSecretAccess());
  std::size_t size = 0;
  while (size <= LargestSecretFile) {
    const ssize_t count = ::read(descriptor, data + size, LargestSecretFile + 1 - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      throw Error(ErrorCode::Configuration,
                  fmt::format("cannot read the secret's file {}: {}", path, std::strerror(errno)));
    }
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > LargestSecretFile) {
    throw Error(ErrorCode::Configuration,
                fmt::format("the secret's file {} is larger than {} octets", path, LargestSecretFile));
  }
  while (size > 0 && (data[size - 1] == '\n' || data[size - 1] == '\r')) --size;
  if (size == 0) throw Error(ErrorCode::Configuration, fmt::format("the secret's file {} is empty", path));
  return std::make_shared<const Secret>(std::string_view(data, size));
}

}  // namespace dialin
