// SPDX-License-Identifier: Apache-2.0
// The files that parameters name, opened with the operator's rights: a port, because in the installed way
// the process that runs the command is not the operator's, and must open nothing on their behalf.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace dialin {

// A new file that is written in pieces. Taken away again unless it was finished.
class NewFile {
 public:
  virtual ~NewFile() = default;
  virtual void write(std::string_view piece) = 0;
  virtual void finish() = 0;  // on the disk
};

// A path is what a parameter of the command names; where that is a folder, also a file of any name in it, and
// where it is a template, also the text part beside it (template_text_path). Used by one thread at a time.
class OperatorFiles {
 public:
  // Writes at most `size` octets to `buffer` and returns how many; 0 at the end.
  using Read = std::function<std::size_t(char* buffer, std::size_t size)>;

  virtual ~OperatorFiles() = default;

  // The whole file, at most `limit` octets; "-" is standard input. Error(InvalidInput) if it is not there or
  // is larger, Error(Permission) if it may not be read.
  virtual std::string read(const std::string& path, std::size_t limit) = 0;
  // The same; nothing if it is not there.
  virtual std::optional<std::string> read_if_there(const std::string& path, std::size_t limit) = 0;
  // A file that holds one secret (base/secret_file.h).
  virtual std::shared_ptr<const Secret> read_secret(const std::string& path) = 0;
  // Opens it once, to be read in pieces, however large it is; "-" is standard input. Closed when the last
  // copy of what is returned ends. Errors as read(); reading throws Error(Unavailable).
  virtual Read open(const std::string& path) = 0;

  // A new file with mode 0600. Error(AlreadyExists) if there is one.
  virtual std::unique_ptr<NewFile> create(const std::string& path) = 0;
  void write_new(const std::string& path, std::string_view content);

  // The names in a folder; nothing if there is none of that name, or it is a file.
  virtual std::optional<std::vector<std::string>> list(const std::string& folder) = 0;
  // Makes the folder and those above it, as far as they are not there.
  virtual void make_folder(const std::string& folder) = 0;
};

// "welcome.txt" for "welcome.html": the text part that may stand beside a template.
std::string template_text_path(const std::string& path);

// What a failed call of the system means to the operator: an Error "DOING PATH: why". `problem`: errno.
[[noreturn]] void throw_file_error(const char* doing, const std::string& path, int problem);

}  // namespace dialin
