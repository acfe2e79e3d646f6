// SPDX-License-Identifier: Apache-2.0
#include "shell/open_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <memory>

#include "base/error.h"
#include "base/text.h"

namespace dialin {

OperatorFiles::Read reader_of(Descriptor file, const std::string& path) {
  auto shared = std::make_shared<const Descriptor>(std::move(file));
  return [shared, path](char* buffer, std::size_t size) {
    for (;;) {
      const ssize_t count = ::read(shared->number(), buffer, size);
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) throw_file_error("cannot read", path, errno);
    }
  };
}

std::string read_whole(const OperatorFiles::Read& read, const std::string& path, std::size_t limit) {
  std::string content;
  char buffer[16384];
  while (const std::size_t count = read(buffer, sizeof buffer)) {
    if (content.size() + count > limit) {
      throw Error(ErrorCode::InvalidInput,
                  path == "-"
                      ? fmt::format("standard input holds more than {} octets", limit)
                      : fmt::format("{} is larger than {} octets", sanitize_foreign_text(path), limit));
    }
    content.append(buffer, count);
  }
  return content;
}

void write_all(int file, const std::string& path, std::string_view piece) {
  while (!piece.empty()) {
    const ssize_t count = ::write(file, piece.data(), piece.size());
    if (count < 0) {
      if (errno == EINTR) continue;
      throw_file_error("cannot write", path, errno);
    }
    piece.remove_prefix(static_cast<std::size_t>(count));
  }
}

void sync_file(int file, const std::string& path) {
  if (fsync(file) != 0 && errno != EINVAL) throw_file_error("cannot write", path, errno);
}

FolderNames names_in(const std::string& folder) {
  FolderNames found;
  std::error_code problem;
  std::filesystem::directory_iterator entries(folder, problem);
  for (; !problem && entries != std::filesystem::directory_iterator(); entries.increment(problem)) {
    found.names.push_back(entries->path().filename().string());
  }
  found.problem = problem.value();
  return found;
}

int make_folders(const std::string& folder) {
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  return problem.value();
}

}  // namespace dialin
