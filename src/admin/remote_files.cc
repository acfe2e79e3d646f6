// SPDX-License-Identifier: Apache-2.0
#include "admin/remote_files.h"

#include <cerrno>

#include "base/error.h"
#include "base/secret_file.h"
#include "shell/open_file.h"

namespace dialin {
namespace {

// The client took the connection's end for the end of the command, and takes away what was not kept.
class RemoteNewFile final : public NewFile {
 public:
  RemoteNewFile(OperatorEnd& end, std::string path, Descriptor file)
      : end_(end), path_(std::move(path)), file_(std::move(file)) {}
  void write(std::string_view piece) override { write_all(file_.number(), path_, piece); }
  void finish() override {
    sync_file(file_.number(), path_);
    if (const int problem = end_.ask({FileOperation::Keep, path_}).answer.problem)
      throw_file_error("cannot keep", path_, problem);
  }

 private:
  OperatorEnd& end_;
  std::string path_;
  Descriptor file_;
};

// `problem` receives errno where the caller knows what to do about it.
Descriptor opened(OperatorEnd& end, const FileRequest& request, const char* doing, int* missing = nullptr) {
  OperatorEnd::OpenedFile answer = end.ask(request);
  if (missing != nullptr && answer.answer.problem == ENOENT) {
    *missing = ENOENT;
    return {};
  }
  if (answer.answer.problem != 0) throw_file_error(doing, request.path, answer.answer.problem);
  if (!answer.file.is_open()) throw_file_error(doing, request.path, EBADF);
  return std::move(answer.file);
}

}  // namespace

OperatorFiles::Read RemoteOperatorFiles::open(const std::string& path) {
  if (path == "-")
    return [this](char* buffer, std::size_t size) { return streams_.read_input(buffer, size); };
  return reader_of(opened(end_, {FileOperation::Read, path}, "cannot open"), path);
}

std::string RemoteOperatorFiles::read(const std::string& path, std::size_t limit) {
  return read_whole(open(path), path, limit);
}

std::optional<std::string> RemoteOperatorFiles::read_if_there(const std::string& path, std::size_t limit) {
  int missing = 0;
  Descriptor file = opened(end_, {FileOperation::Read, path}, "cannot open", &missing);
  if (missing != 0) return std::nullopt;
  return read_whole(reader_of(std::move(file), path), path, limit);
}

std::shared_ptr<const Secret> RemoteOperatorFiles::read_secret(const std::string& path) {
  const Descriptor file = opened(end_, {FileOperation::Read, path}, "cannot open the secret's file");
  return read_secret_descriptor(file.number(), path);
}

std::unique_ptr<NewFile> RemoteOperatorFiles::create(const std::string& path) {
  return std::make_unique<RemoteNewFile>(end_, path,
                                         opened(end_, {FileOperation::Create, path}, "cannot create"));
}

std::optional<std::vector<std::string>> RemoteOperatorFiles::list(const std::string& folder) {
  OperatorEnd::OpenedFile answer = end_.ask({FileOperation::List, folder});
  const int problem = answer.answer.problem;
  if (problem == ENOENT || problem == ENOTDIR) return std::nullopt;
  if (problem != 0) throw_file_error("cannot look into", folder, problem);
  return std::move(answer.answer.names);
}

void RemoteOperatorFiles::make_folder(const std::string& folder) {
  if (const int problem = end_.ask({FileOperation::MakeFolder, folder}).answer.problem)
    throw_file_error("cannot make the folder", folder, problem);
}

}  // namespace dialin
