// SPDX-License-Identifier: Apache-2.0
#include "command/operator_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "shell/open_file.h"

namespace dialin {
namespace {

class PosixNewFile final : public NewFile {
 public:
  explicit PosixNewFile(const std::string& path)
      : path_(path), file_(::open(path.c_str(), NewFileFlags, NewFileMode)) {
    if (!file_.is_open()) throw_file_error("cannot create", path, errno);
  }
  ~PosixNewFile() override {
    if (!finished_) unlink(path_.c_str());
  }
  void write(std::string_view piece) override { write_all(file_.number(), path_, piece); }
  void finish() override {
    sync_file(file_.number(), path_);
    finished_ = true;
  }

 private:
  std::string path_;
  Descriptor file_;
  bool finished_ = false;
};

}  // namespace

OperatorFiles::Read PosixOperatorFiles::open(const std::string& path) {
  if (path == "-") {
    return [this](char* buffer, std::size_t size) { return streams_.read_input(buffer, size); };
  }
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) throw_file_error("cannot open", path, errno);
  return reader_of(std::move(file), path);
}

std::string PosixOperatorFiles::read(const std::string& path, std::size_t limit) {
  return read_whole(open(path), path, limit);
}

std::optional<std::string> PosixOperatorFiles::read_if_there(const std::string& path, std::size_t limit) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open() && errno == ENOENT) return std::nullopt;
  if (!file.is_open()) throw_file_error("cannot open", path, errno);
  return read_whole(reader_of(std::move(file), path), path, limit);
}

std::shared_ptr<const Secret> PosixOperatorFiles::read_secret(const std::string& path) {
  return read_secret_file(path);
}

std::unique_ptr<NewFile> PosixOperatorFiles::create(const std::string& path) {
  return std::make_unique<PosixNewFile>(path);
}

std::optional<std::vector<std::string>> PosixOperatorFiles::list(const std::string& folder) {
  FolderNames names = names_in(folder);
  if (names.problem == 0) return std::move(names.names);
  if (names.problem == ENOENT || names.problem == ENOTDIR) return std::nullopt;
  throw_file_error("cannot look into", folder, names.problem);
}

void PosixOperatorFiles::make_folder(const std::string& folder) {
  if (const int problem = make_folders(folder)) throw_file_error("cannot make the folder", folder, problem);
}

}  // namespace dialin
