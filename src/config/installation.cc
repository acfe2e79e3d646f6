// SPDX-License-Identifier: Apache-2.0
#include "config/installation.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/text.h"
#include "config/configuration.h"

namespace dialin {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view UnixPrefix = "unix:";

// The settings of the service's own file alone; nothing if there is none, it is not for everybody's eyes, or
// there is something wrong with it, which whoever uses it says.
std::optional<Configuration> service_configuration(const Surroundings& surroundings) {
  const fs::path file = surroundings.root / "etc/dialin/dialin.toml";
  if (access(file.c_str(), R_OK) != 0) return std::nullopt;
  try {
    return load_configuration(ConfigurationText{file.string(), read_configuration_file(file)}, {});
  } catch (const Error& error) {
    if (error.code() != ErrorCode::Configuration) throw;
    return std::nullopt;
  }
}

}  // namespace

std::optional<Installation> find_installation(const Surroundings& surroundings, uid_t account) {
  Installation installation;
  installation.socket = surroundings.root / fs::path(AdminSocketPath).relative_path();
  installation.data_directory = surroundings.root / "var/lib/dialin";
  if (const auto configuration = service_configuration(surroundings)) {
    if (!configuration->store.data_directory.empty())
      installation.data_directory = configuration->store.data_directory;
    if (!configuration->admin.listen.empty())
      installation.socket = socket_path_of(configuration->admin.listen, "[admin] listen");
  }
  struct stat status {};
  if (stat(installation.data_directory.c_str(), &status) == 0) {
    if (status.st_uid == account) return std::nullopt;
    installation.owner = status.st_uid;
    return installation;
  }
  if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
  if (errno != EACCES) {
    throw Error(ErrorCode::Unavailable,
                fmt::format("finding out whose the data directory {} is: {}",
                            installation.data_directory.string(), std::strerror(errno)));
  }
  // A folder above it is closed to this account, so it is not this account's: whose it is, the socket tells.
  if (stat(installation.socket.c_str(), &status) != 0) return std::nullopt;
  installation.owner = status.st_uid;
  return installation;
}

std::vector<std::string> refused_variables(const Surroundings& surroundings) {
  std::vector<std::string> refused;
  for (const auto& [name, value] : surroundings.environment) {
    const bool ours = name.starts_with("DIALIN_") && name != "DIALIN_SMTP_PASSWORD";
    if ((ours || name == "XDG_CONFIG_HOME" || name == "XDG_STATE_HOME") && !value.empty())
      refused.push_back(name);
  }
  return refused;
}

fs::path socket_path_of(const std::string& listen, const std::string& setting) {
  const std::string path = listen.substr(std::min(listen.size(), UnixPrefix.size()));
  if (listen.starts_with(UnixPrefix) && fs::path(path).is_absolute()) return path;
  throw Error(
      ErrorCode::Configuration,
      fmt::format("{} = \"{}\" is no socket of this host", setting, sanitize_foreign_text(listen, 100)),
      fmt::format("Write {} = \"unix:{}\".", setting, AdminSocketPath));
}

}  // namespace dialin
