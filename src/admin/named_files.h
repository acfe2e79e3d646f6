// SPDX-License-Identifier: Apache-2.0
// The client's side of the operator's files: what the command line names, and nothing else, is opened for the
// service. A service that somebody has taken over gets no other file of the operator, who may be root.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "admin/message.h"
#include "base/descriptor.h"
#include "shell/bound_parameters.h"

namespace dialin {

class NamedFiles {
 public:
  // What `bound` names, and for what (ParameterSpec::file).
  explicit NamedFiles(const BoundParameters& bound);
  // Takes away the new files that were not kept, unless something else stands in their place now.
  ~NamedFiles();
  NamedFiles(const NamedFiles&) = delete;
  NamedFiles& operator=(const NamedFiles&) = delete;

  struct Done {
    FileAnswer answer;
    Descriptor file;
  };
  // Does what the service asks for; EPERM for what the command line does not name. A file in a folder has a
  // name of one part. May wait, for the writer of a named pipe; a signal ends that.
  Done answer(const FileRequest& request);

 private:
  struct Place {
    std::string path;
    FileUse use = FileUse::Read;
  };
  bool allowed(const FileRequest& request) const;
  Done open(const FileRequest& request);
  Done create(const std::string& path);

  std::vector<Place> places_;
  // Held open, so that no other file gets its number.
  std::map<std::string, Descriptor> not_kept_;
};

}  // namespace dialin
