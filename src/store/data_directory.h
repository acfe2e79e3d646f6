// SPDX-License-Identifier: Apache-2.0
// The directory that holds the SQLite file, the keys and store.lock: that it is ours alone, and the files in
// it.
//
// A directory that exists but may not be used is an error and never a reason to look further, because a
// private, empty second store is how PINs get lost.
#pragma once

#include <filesystem>

namespace dialin {

enum class IfNoDirectory { Nothing, Make };

// Whether there is one now. A made one has mode 0700 whatever the umask, and is durable. Error(Permission) if
// it belongs to another account or may not be used, Error(Configuration) if others may write into it or it is
// no directory.
bool check_data_directory(const std::filesystem::path& path, IfNoDirectory if_none);

// Whether there is such a file. Error(Permission) if it belongs to another account, Error(Configuration) if
// it is no ordinary file or others may use it.
bool check_private_file(const std::filesystem::path& path);

// A new, empty file of mode 0600 whatever the umask; it must not exist.
void make_private_file(const std::filesystem::path& path);

// Makes the content of a file, or the names in a directory, durable.
void sync_path(const std::filesystem::path& path);

// Holds an flock on a file (made if it is missing) as long as it lives. Waits 10 s, then throws
// Error(Unavailable).
class FileLock {
 public:
  explicit FileLock(const std::filesystem::path& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace dialin
