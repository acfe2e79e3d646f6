// SPDX-License-Identifier: Apache-2.0
// Whether Dialin is installed here with an account of its own, so that everybody else, root included, is a
// client of its admin socket (doc/architecture.md, "Two ways to run").
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/places.h"

namespace dialin {

inline constexpr const char* AdminSocketPath = "/run/dialin/admin.sock";

struct Installation {
  std::filesystem::path socket;
  std::filesystem::path data_directory;
  uid_t owner = 0;  // whose the data directory is
};

// Nothing: this account may own the store, or there is none yet. Looks at nothing that the caller may choose:
// /etc/dialin/dialin.toml, where it may be read, says where data directory and socket are, else
// /var/lib/dialin and /run/dialin/admin.sock. `account`: geteuid().
std::optional<Installation> find_installation(const Surroundings& surroundings, uid_t account);

// The variables that would change where settings or data come from, which the installed way refuses: DIALIN_*
// but DIALIN_SMTP_PASSWORD, XDG_CONFIG_HOME, XDG_STATE_HOME. Empty ones count as not set.
std::vector<std::string> refused_variables(const Surroundings& surroundings);

// Where a listener's setting names a socket of this host: the path behind "unix:". Error(Configuration) that
// names `setting` if it does not.
std::filesystem::path socket_path_of(const std::string& listen, const std::string& setting);

}  // namespace dialin
