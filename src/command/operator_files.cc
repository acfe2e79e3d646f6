// SPDX-License-Identifier: Apache-2.0
#include "command/operator_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/text.h"

namespace dialin {
namespace {

constexpr std::size_t SecretFileLimit = 16 * 1024;  // access tokens have several KiB

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

[[noreturn]] void fail(const char* doing, const std::string& path, int problem, ErrorCode otherwise) {
  const ErrorCode code =
      problem == EACCES || problem == EPERM ? ErrorCode::Permission
      : problem == ENOENT || problem == ENOTDIR || problem == EISDIR || problem == ENAMETOOLONG
          ? ErrorCode::InvalidInput
      : problem == EEXIST ? ErrorCode::AlreadyExists
                          : otherwise;
  throw Error(code, fmt::format("{} {}: {}", doing, sanitize_foreign_text(path), std::strerror(problem)));
}

class PosixNewFile final : public NewFile {
 public:
  explicit PosixNewFile(const std::string& path)
      : path_(path), file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) {
    if (file_.number() < 0) fail("cannot create", path, errno, ErrorCode::Unavailable);
  }
  ~PosixNewFile() override {
    if (!finished_) unlink(path_.c_str());
  }
  void write(std::string_view piece) override {
    while (!piece.empty()) {
      const ssize_t count = ::write(file_.number(), piece.data(), piece.size());
      if (count < 0) {
        if (errno == EINTR) continue;
        fail("cannot write", path_, errno, ErrorCode::Unavailable);
      }
      piece.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  void finish() override {
    if (fsync(file_.number()) != 0 && errno != EINVAL)
      fail("cannot write", path_, errno, ErrorCode::Unavailable);
    finished_ = true;
  }

 private:
  std::string path_;
  Descriptor file_;
  bool finished_ = false;
};

}  // namespace

CsvReader::Read PosixOperatorFiles::open(const std::string& path) {
  if (path == "-") {
    return [this](char* buffer, std::size_t size) { return streams_.read_input(buffer, size); };
  }
  auto file = std::make_shared<const Descriptor>(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file->number() < 0) fail("cannot open", path, errno, ErrorCode::Unavailable);
  return [file, path](char* buffer, std::size_t size) {
    for (;;) {
      const ssize_t count = ::read(file->number(), buffer, size);
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) fail("cannot read", path, errno, ErrorCode::Unavailable);
    }
  };
}

std::string PosixOperatorFiles::read(const std::string& path, std::size_t limit) {
  const CsvReader::Read read_piece = open(path);
  std::string content;
  char buffer[16384];
  while (const std::size_t count = read_piece(buffer, sizeof buffer)) {
    if (content.size() + count > limit) {
      throw Error(ErrorCode::InvalidInput,
                  path == "-" ? fmt::format("standard input holds more than {} octets", limit)
                              : fmt::format("{} is larger than {} octets", path, limit));
    }
    content.append(buffer, count);
  }
  return content;
}

void PosixOperatorFiles::write_new(const std::string& path, std::string_view content) {
  const std::unique_ptr<NewFile> file = create(path);
  file->write(content);
  file->finish();
}

std::unique_ptr<NewFile> PosixOperatorFiles::create(const std::string& path) {
  return std::make_unique<PosixNewFile>(path);
}

namespace {

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
  if (file.number() < 0) {
    throw Error(errno == EACCES ? ErrorCode::Permission : ErrorCode::Configuration,
                fmt::format("cannot open the secret's file {}: {}", path, std::strerror(errno)));
  }
  require_private(file.number(), path);
  // Read straight into wiped memory: the content must not stay behind in a buffer.
  Secret buffer = Secret::of_size(SecretFileLimit + 1);
  char* data = buffer.reveal_mutable(ClearSecretAccess());
  std::size_t size = 0;
  while (size <= SecretFileLimit) {
    const ssize_t count = ::read(file.number(), data + size, SecretFileLimit + 1 - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      throw Error(ErrorCode::Configuration,
                  fmt::format("cannot read the secret's file {}: {}", path, std::strerror(errno)));
    }
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > SecretFileLimit) {
    throw Error(ErrorCode::Configuration,
                fmt::format("the secret's file {} is larger than {} octets", path, SecretFileLimit));
  }
  while (size > 0 && (data[size - 1] == '\n' || data[size - 1] == '\r')) --size;
  if (size == 0) throw Error(ErrorCode::Configuration, fmt::format("the secret's file {} is empty", path));
  return std::make_shared<const Secret>(std::string_view(data, size));
}

}  // namespace dialin
