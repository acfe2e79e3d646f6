// SPDX-License-Identifier: Apache-2.0
// Where the configuration file and the data stand, and why there.
//
// A place that exists but may not be read or written is an Error(Permission) that names the path, its owner
// and the group that is needed; it is never a reason to look further: a private, empty second store is how
// PINs get lost.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace dialin {

// What the search depends on, as arguments, so that tests search in a directory of their own.
struct Surroundings {
  std::map<std::string, std::string> environment{};
  std::filesystem::path root = "/";  // below which etc/ and var/ are looked for
};

struct ConfigurationPlace {
  std::optional<std::filesystem::path> file;  // nothing: the built-in defaults
  std::string reason;  // "--config", "$DIALIN_CONFIG", "/etc/dialin/dialin.toml exists", ...
};

// `named` (from --config), else $DIALIN_CONFIG, else /etc/dialin/dialin.toml, else
// ${XDG_CONFIG_HOME:-~/.config}/dialin/dialin.toml, else none. Error(Configuration) if a file that was named
// does not exist or is none.
ConfigurationPlace find_configuration_file(const std::optional<std::string>& named,
                                           const Surroundings& surroundings);

// The file's text. Error(Configuration) if it is larger than 1 MB, Error(Unavailable) if reading fails.
std::string read_configuration_file(const std::filesystem::path& file);

struct DataPlace {
  std::filesystem::path directory;  // absolute
  bool exists = false;              // if not, the command that creates the store makes it, and says so
  std::string reason;               // "store.data_directory", "$DIALIN_DATA", "/var/lib/dialin exists", ...
};

// `configured` (store.data_directory, empty: not set), else $DIALIN_DATA, else /var/lib/dialin if that
// exists, else
// ${XDG_STATE_HOME:-~/.local/state}/dialin. Error(Configuration) if the place is no directory, $DIALIN_DATA
// is relative (it would mean another store in every directory), or there is no home directory.
DataPlace find_data_directory(const std::string& configured, const Surroundings& surroundings);

}  // namespace dialin
