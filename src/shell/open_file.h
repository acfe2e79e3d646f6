// SPDX-License-Identifier: Apache-2.0
// What is done with files of the operator once they are open, in whichever process that is, and the calls of
// the system by which that process opens, lists and makes them.
#pragma once

#include <fcntl.h>
#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor.h"
#include "shell/operator_files.h"

namespace dialin {

inline constexpr int NewFileFlags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;  // never one that is there
inline constexpr mode_t NewFileMode = 0600;

// `path` is for messages in all of these.
OperatorFiles::Read reader_of(Descriptor file, const std::string& path);
// Error(InvalidInput) if there are more than `limit` octets.
std::string read_whole(const OperatorFiles::Read& read, const std::string& path, std::size_t limit);
void write_all(int file, const std::string& path, std::string_view piece);
void sync_file(int file, const std::string& path);

struct FolderNames {
  int problem = 0;  // errno, or 0
  std::vector<std::string> names = {};
};
FolderNames names_in(const std::string& folder);

// errno, or 0.
int make_folders(const std::string& folder);

}  // namespace dialin
