// SPDX-License-Identifier: Apache-2.0
#include "admin/named_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "shell/open_file.h"

namespace dialin {
namespace {

// `path` is FOLDER/NAME, as a handler writes it for a file in a folder that a parameter names.
bool is_in_folder(const std::string& path, const std::string& folder) {
  const std::string beginning = folder.ends_with('/') ? folder : folder + "/";
  if (!path.starts_with(beginning)) return false;
  const std::string name = path.substr(beginning.size());
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos;
}

NamedFiles::Done failed(int problem) {
  return {{problem, {}}, {}};
}

}  // namespace

NamedFiles::NamedFiles(const BoundParameters& bound) {
  for (const ParameterSpec& parameter : bound.spec().parameters) {
    if (parameter.file == FileUse::ReadEach) {
      for (const std::string& path : bound.list(parameter.name))
        if (path != "-") places_.push_back({path, FileUse::ReadEach});
      continue;
    }
    const bool after_at = parameter.file == FileUse::AfterAt;
    if (parameter.kind != ParameterKind::Path && !after_at) continue;
    std::optional<std::string> path = bound.text(parameter.name);
    if (path && after_at) {
      const std::size_t at = path->find(":@");
      path = at == std::string::npos ? std::nullopt : std::optional(path->substr(at + 2));
    }
    if (path && *path != "-") places_.push_back({*path, parameter.file});
  }
}

NamedFiles::~NamedFiles() {
  for (const auto& [path, file] : not_kept_) {
    struct stat ours {};
    struct stat there {};
    if (fstat(file.number(), &ours) == 0 && lstat(path.c_str(), &there) == 0 && ours.st_dev == there.st_dev &&
        ours.st_ino == there.st_ino) {
      unlink(path.c_str());
    }
  }
}

bool NamedFiles::allowed(const FileRequest& request) const {
  for (const Place& place : places_) {
    const bool itself = request.path == place.path;
    switch (place.use) {
      case FileUse::Read:
      case FileUse::ReadEach:
      case FileUse::AfterAt:
        if (itself && request.operation == FileOperation::Read) return true;
        break;
      case FileUse::Template: {
        const bool beside = request.path == template_text_path(place.path);
        if (itself && request.operation == FileOperation::List) return true;
        if ((itself || beside || is_in_folder(request.path, place.path)) &&
            request.operation == FileOperation::Read) {
          return true;
        }
        break;
      }
      case FileUse::Create:
        if (itself && request.operation == FileOperation::Create) return true;
        break;
      case FileUse::CreateFolder:
        if (itself &&
            (request.operation == FileOperation::List || request.operation == FileOperation::MakeFolder)) {
          return true;
        }
        if (is_in_folder(request.path, place.path) && request.operation == FileOperation::Create) return true;
        break;
    }
  }
  return request.operation == FileOperation::Keep && not_kept_.contains(request.path);
}

NamedFiles::Done NamedFiles::answer(const FileRequest& request) {
  if (!allowed(request)) return failed(EPERM);
  switch (request.operation) {
    case FileOperation::Read:
      return open(request);
    case FileOperation::Create:
      return create(request.path);
    case FileOperation::Keep:
      not_kept_.erase(request.path);
      return {};
    case FileOperation::List: {
      FolderNames names = names_in(request.path);
      FileAnswer answer{names.problem, std::move(names.names)};
      // More is no folder of templates.
      if (compose_file_answer(answer).size() > LargestFolderListing) return failed(E2BIG);
      return {std::move(answer), {}};
    }
    case FileOperation::MakeFolder:
      return failed(make_folders(request.path));
  }
  return failed(EINVAL);
}

NamedFiles::Done NamedFiles::open(const FileRequest& request) {
  Done done;
  // Not O_NONBLOCK: a named pipe, or the <(...) of a shell, has its writer a moment later.
  done.file = Descriptor(::open(request.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!done.file.is_open()) done.answer.problem = errno;
  return done;
}

NamedFiles::Done NamedFiles::create(const std::string& path) {
  Done done;
  done.file = Descriptor(::open(path.c_str(), NewFileFlags, NewFileMode));
  if (!done.file.is_open()) {
    done.answer.problem = errno;
    return done;
  }
  not_kept_[path] = Descriptor(fcntl(done.file.number(), F_DUPFD_CLOEXEC, 0));
  return done;
}

}  // namespace dialin
