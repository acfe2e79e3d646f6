// SPDX-License-Identifier: Apache-2.0
// The configuration, the files with secrets that it names, and the data directory.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <system_error>

#include "base/account_names.h"
#include "base/secret_file.h"
#include "base/text.h"
#include "check/http/listen_place.h"
#include "command/check_token.h"
#include "command/configuration_check.h"
#include "command/doctor_checks.h"

namespace dialin {
namespace {

const char* const Configured = "Configuration";
const char* const Data = "Data directory";
const char* const Secrets = "Secrets";
const char* const Checks = "PIN checks";

std::string account(uid_t id) {
  return account_name(id).value_or(fmt::format("uid {}", id));
}

std::string group(gid_t id) {
  return group_name(id).value_or(fmt::format("gid {}", id));
}

std::string describe_mode(const struct stat& status) {
  return fmt::format("owner {}, group {}, mode {:04o}", account(status.st_uid), group(status.st_gid),
                     status.st_mode & 07777);
}

// "; read by everybody on this host (owner root, group root, mode 0644)". No secret stands in it.
std::string readers_of(const std::filesystem::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return {};
  const std::string readers =
      (status.st_mode & S_IROTH) != 0 ? std::string("everybody on this host")
      : (status.st_mode & S_IRGRP) != 0
          ? fmt::format("{} and the group {}", account(status.st_uid), group(status.st_gid))
          : account(status.st_uid);
  return fmt::format("; read by {} ({})", readers, describe_mode(status));
}

// Whoever may change it chooses the mail server that gets PINs and the program that prints a token.
void diagnose_writers(const std::filesystem::path& path, Diagnoses& diagnoses) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    const std::error_code why(errno, std::generic_category());
    return diagnoses.problem(Configured,
                             fmt::format("{} could not be looked at: {}", path.string(), why.message()),
                             "Become an account that may.");
  }
  // In a directory like /tmp only a file's owner may replace it.
  const bool sticky = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
  if ((status.st_mode & S_IWOTH) != 0 && !sticky)
    return diagnoses.problem(
        Configured,
        fmt::format("everybody on this host may change {} ({})", path.string(), describe_mode(status)),
        fmt::format("See whether it is still yours, then: chmod o-w {}", path.string()));
  if ((status.st_mode & S_IWGRP) != 0 && status.st_gid != 0)
    return diagnoses.warning(Configured,
                             fmt::format("the group {} may change {}, and with it where PINs are sent",
                                         group(status.st_gid), path.string()),
                             fmt::format("If that is not meant: chmod g-w {}", path.string()));
}

void diagnose_secret(const std::string& setting, const std::string& path, Diagnoses& diagnoses) {
  try {
    read_secret_file(path);
    diagnoses.ok(Secrets, fmt::format("{} {} can be read, and not by others", setting, path));
  } catch (const Error& error) {
    diagnoses.problem(
        Secrets, fmt::format("{}: {}", setting, error.what()),
        error.next().empty() ? "Make it a file with the secret alone, readable by its owner." : error.next());
  }
}

// The files of all sections and sites, each once.
std::set<std::pair<std::string, std::string>> secret_files(const Configuration& configuration) {
  std::set<std::pair<std::string, std::string>> files;
  for (const SettingInUse& setting : configuration.settings) {
    for (const char* name : {"smtp.password_file", "smtp.oauth_token_file"}) {
      const std::string site_form = std::string(".") + name;
      if (!setting.value.empty() && (setting.name == name || setting.name.ends_with(site_form)))
        files.emplace(setting.name, setting.value);
    }
  }
  return files;
}

void diagnose_private(const std::filesystem::path& path, const char* mode, Diagnoses& diagnoses) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return;
    const std::error_code why(errno, std::generic_category());
    return diagnoses.problem(Data, fmt::format("{} could not be looked at: {}", path.string(), why.message()),
                             "Become the account that owns it.");
  }
  if (status.st_uid != geteuid())
    diagnoses.problem(Data,
                      fmt::format("{} belongs to another account ({})", path.string(), describe_mode(status)),
                      fmt::format("Run dialin as {}.", account(status.st_uid)));
  if ((status.st_mode & 0077) != 0)
    diagnoses.problem(Data,
                      fmt::format("other accounts may use {} ({})", path.string(), describe_mode(status)),
                      fmt::format("Find out who may have read it, then: chmod {} {}", mode, path.string()));
}

}  // namespace

void diagnose_configuration(const CommandContext& context, Diagnoses& diagnoses) {
  const Hindrances& hindrances = context.hindrances;
  const auto& file = context.configuration_place.file;
  for (const ConfigurationProblem& problem : hindrances.problems) {
    diagnoses.problem(Configured,
                      problem.line == 0
                          ? problem.text
                          : fmt::format("{}, line {}: {}", file ? file->string() : std::string(),
                                        problem.line, problem.text),
                      "Correct it; `dialin config example` shows every setting.");
  }
  if (hindrances.configuration && hindrances.problems.empty())
    diagnoses.problem(Configured, hindrances.configuration->what(), hindrances.configuration->next());
  if (hindrances.configuration) return;
  diagnoses.ok(Configured, file ? fmt::format("{} ({}){}", file->string(), context.configuration_place.reason,
                                              readers_of(*file))
                                : context.configuration_place.reason);
  if (file) {
    diagnose_writers(*file, diagnoses);
    diagnose_writers(file->has_parent_path() ? file->parent_path() : std::filesystem::path("."), diagnoses);
  }
  for (const SettingFinding& found : check_settings(context.configuration))
    diagnoses.problem(Configured, found.problem,
                      fmt::format("Correct it where it stands: {}.", found.origin.describe()));
  for (const auto& [setting, path] : secret_files(context.configuration))
    diagnose_secret(setting, path, diagnoses);
}

void diagnose_data_directory(const CommandContext& context, Diagnoses& diagnoses) {
  if (const auto& hindrance = context.hindrances.data)
    return diagnoses.problem(Data, hindrance->what(), hindrance->next());
  const DataPlace& place = context.data_place;
  if (!place.exists)
    return diagnoses.ok(Data, fmt::format("{} does not exist yet, and is made with the store ({})",
                                          place.directory.string(), place.reason));
  const std::size_t before = diagnoses.all().size();
  diagnose_private(place.directory, "0700", diagnoses);
  diagnose_private(place.directory / "dialin.db", "0600", diagnoses);
  diagnose_private(place.directory / "keys", "0700", diagnoses);
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(place.directory / "keys", ignored))
    diagnose_private(entry.path(), "0400", diagnoses);
  if (diagnoses.all().size() == before)
    diagnoses.ok(Data, fmt::format("{} ({}), for its owner alone", place.directory.string(), place.reason));
}

void diagnose_check_listener(const CommandContext& context, Diagnoses& diagnoses) {
  const CheckSettings& check = context.configuration.check;
  if (check.listen.empty())
    return diagnoses.ok(Checks, "no listener is configured: [check] listen is not set");
  try {
    const ListenPlace place = ListenPlace::parse(check.listen, "[check] listen");
    check_token(check);
    if (place.is_local())
      return diagnoses.ok(Checks, fmt::format("dialin serve answers on {}", place.text()));
    diagnoses.warning(Checks,
                      fmt::format("dialin serve answers on {}: PINs and the token cross the network in clear",
                                  place.text()),
                      "Put a proxy with TLS before it, and listen on 127.0.0.1.");
  } catch (const Error& error) {
    diagnoses.problem(Checks, fmt::format("dialin serve does not listen: {}", error.what()), error.next());
  }
}

}  // namespace dialin
