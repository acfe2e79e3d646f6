// SPDX-License-Identifier: Apache-2.0
#include "shell/operator_files.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/error.h"
#include "base/text.h"

namespace dialin {

namespace {

ErrorCode meaning_of(int problem) {
  switch (problem) {
    case EACCES:
    case EPERM:
      return ErrorCode::Permission;
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case ENAMETOOLONG:
    case ELOOP:
      return ErrorCode::InvalidInput;
    case EEXIST:
      return ErrorCode::AlreadyExists;
    case EINTR:
      return ErrorCode::Interrupted;
    default:
      return ErrorCode::Unavailable;
  }
}

}  // namespace

void OperatorFiles::write_new(const std::string& path, std::string_view content) {
  const std::unique_ptr<NewFile> file = create(path);
  file->write(content);
  file->finish();
}

std::string template_text_path(const std::string& path) {
  return std::filesystem::path(path).replace_extension(".txt").string();
}

void throw_file_error(const char* doing, const std::string& path, int problem) {
  throw Error(meaning_of(problem),
              fmt::format("{} {}: {}", doing, sanitize_foreign_text(path), std::strerror(problem)));
}

}  // namespace dialin
