// SPDX-License-Identifier: Apache-2.0
#include "config/places.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/account_names.h"
#include "base/error.h"

namespace dialin {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestFile = 1 << 20;

// Empty counts as not set.
std::string variable(const Surroundings& surroundings, const std::string& name) {
  const auto found = surroundings.environment.find(name);
  return found == surroundings.environment.end() ? std::string() : found->second;
}

// The XDG base directory `name`, or its default below $HOME; nothing without a home. A relative value is to
// be ignored (XDG Base Directory Specification).
std::optional<fs::path> base_directory(const Surroundings& surroundings, const std::string& name,
                                       const char* below_home) {
  const fs::path configured = variable(surroundings, name);
  if (configured.is_absolute()) return configured;
  const fs::path home = variable(surroundings, "HOME");
  if (!home.is_absolute()) return std::nullopt;
  return home / below_home;
}

// `mode` (R_OK, W_OK, X_OK) that was refused for `path`: whose it is, and what would help.
[[noreturn]] void throw_no_permission(const std::string& what, const fs::path& path, int mode) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    throw Error(ErrorCode::Permission, fmt::format("{}: you may not look at {}", what, path.string()));
  }
  // The group helps if it has every right that was wanted.
  const mode_t group_rights = (status.st_mode >> 3) & 7;
  const auto wanted = static_cast<mode_t>(mode);
  const std::string owner = account_name(status.st_uid).value_or(std::to_string(status.st_uid));
  const std::string group = group_name(status.st_gid).value_or(std::to_string(status.st_gid));
  const char* verb = (mode & W_OK) ? "read and write" : (mode & R_OK) ? "read" : "enter";
  throw Error(
      ErrorCode::Permission,
      fmt::format("{}: you may not {} {} (owner {}, group {}, mode {:04o})", what, verb, path.string(), owner,
                  group, status.st_mode & 07777),
      (group_rights & wanted) == wanted
          ? fmt::format("Become a member of the group {}, or run this as {}. Nothing else was used instead.",
                        group, owner)
          : fmt::format("Run this as {}; the group {} may not, either. Nothing else was used instead.", owner,
                        group));
}

// Whether `path` exists; throws if that cannot be told because a directory on the way may not be entered.
bool exists(const std::string& what, const fs::path& path, struct stat* status) {
  if (stat(path.c_str(), status) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  if (errno != EACCES) {
    const int code = errno;
    throw Error(ErrorCode::Unavailable,
                fmt::format("{}: cannot look at {}: {}", what, path.string(), std::strerror(code)));
  }
  fs::path closed = path.root_path();
  for (const fs::path& part : path.relative_path()) {
    if (faccessat(AT_FDCWD, closed.c_str(), X_OK, AT_EACCESS) != 0) break;
    closed /= part;
  }
  throw_no_permission(what, closed, X_OK);
}

void require_rights(const std::string& what, const fs::path& path, int mode) {
  // Effective ids, as open() will check them.
  if (faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0) return;
  if (errno == EACCES || errno == EPERM) throw_no_permission(what, path, mode);
  const int code = errno;
  throw Error(code == EROFS ? ErrorCode::Permission : ErrorCode::Unavailable,
              fmt::format("{}: cannot use {}: {}", what, path.string(), std::strerror(code)));
}

constexpr const char* kConfiguration = "reading the configuration";
constexpr const char* kData = "finding the data directory";

bool is_configuration_file(const fs::path& path) {
  struct stat status {};
  if (!exists(kConfiguration, path, &status)) return false;
  if (S_ISDIR(status.st_mode)) {
    throw Error(ErrorCode::Configuration, fmt::format("{}: {} is a directory", kConfiguration, path.string()),
                "Name the file in it.");
  }
  require_rights(kConfiguration, path, R_OK);
  return true;
}

ConfigurationPlace named_file(const fs::path& path, const std::string& reason) {
  if (is_configuration_file(path)) return {path, reason};
  throw Error(ErrorCode::Configuration,
              fmt::format("{}: {} does not exist (named by {})", kConfiguration, path.string(), reason));
}

DataPlace data_place(const fs::path& path, const std::string& reason) {
  struct stat status {};
  if (!exists(kData, path, &status)) return {path, false, reason};
  if (!S_ISDIR(status.st_mode)) {
    throw Error(ErrorCode::Configuration,
                fmt::format("{}: {} is no directory ({})", kData, path.string(), reason));
  }
  require_rights(kData, path, R_OK | W_OK | X_OK);
  return {path, true, reason};
}

}  // namespace

ConfigurationPlace find_configuration_file(const std::optional<std::string>& named,
                                           const Surroundings& surroundings) {
  if (named) return named_file(*named, "--config");
  if (const std::string path = variable(surroundings, "DIALIN_CONFIG"); !path.empty()) {
    return named_file(path, "$DIALIN_CONFIG");
  }
  const fs::path system = surroundings.root / "etc/dialin/dialin.toml";
  if (is_configuration_file(system))
    return {system, "it exists, and neither --config nor $DIALIN_CONFIG names another"};
  const auto base = base_directory(surroundings, "XDG_CONFIG_HOME", ".config");
  if (base && is_configuration_file(*base / "dialin/dialin.toml")) {
    return {*base / "dialin/dialin.toml", fmt::format("it exists, and {} does not", system.string())};
  }
  return {std::nullopt, base ? fmt::format("built-in defaults: neither {} nor {} exists", system.string(),
                                           (*base / "dialin/dialin.toml").string())
                             : fmt::format("built-in defaults: {} does not exist", system.string())};
}

std::string read_configuration_file(const fs::path& file) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    if (errno == EACCES) throw_no_permission(kConfiguration, file, R_OK);
    const int code = errno;
    throw Error(ErrorCode::Unavailable,
                fmt::format("{}: cannot open {}: {}", kConfiguration, file.string(), std::strerror(code)));
  }
  std::string text(kLargestFile + 1, '\0');
  std::size_t size = 0;
  ssize_t count = 1;
  int code = 0;
  while (count > 0 && size < text.size()) {
    count = read(descriptor, text.data() + size, text.size() - size);
    if (count < 0) {
      code = errno;
      if (code != EINTR) break;
      code = 0;
      count = 1;
    } else {
      size += static_cast<std::size_t>(count);
    }
  }
  close(descriptor);
  if (code != 0) {
    throw Error(ErrorCode::Unavailable,
                fmt::format("{}: cannot read {}: {}", kConfiguration, file.string(), std::strerror(code)));
  }
  if (size > kLargestFile) {
    throw Error(ErrorCode::Configuration,
                fmt::format("{}: {} is larger than 1 MB", kConfiguration, file.string()));
  }
  text.resize(size);
  return text;
}

DataPlace find_data_directory(const std::string& configured, const Surroundings& surroundings) {
  if (!configured.empty()) return data_place(configured, "store.data_directory names it");
  if (const std::string path = variable(surroundings, "DIALIN_DATA"); !path.empty()) {
    if (!fs::path(path).is_absolute()) {
      throw Error(ErrorCode::Configuration,
                  fmt::format("{}: $DIALIN_DATA is the relative path {}", kData, path),
                  "Write it as an absolute path: a relative one would be another store in every directory.");
    }
    return data_place(path, "$DIALIN_DATA names it");
  }
  const fs::path system = surroundings.root / "var/lib/dialin";
  DataPlace place =
      data_place(system, "it exists, and neither store.data_directory nor $DIALIN_DATA names another");
  if (place.exists) return place;
  const auto base = base_directory(surroundings, "XDG_STATE_HOME", ".local/state");
  if (!base) {
    throw Error(
        ErrorCode::Configuration,
        fmt::format("{}: {} does not exist and there is no home directory ($HOME)", kData, system.string()),
        "Name a directory with $DIALIN_DATA or store.data_directory.");
  }
  return data_place(*base / "dialin", fmt::format("{} does not exist", system.string()));
}

}  // namespace dialin
