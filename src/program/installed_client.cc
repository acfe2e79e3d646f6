// SPDX-License-Identifier: Apache-2.0
#include "program/installed_client.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "admin/service_end.h"
#include "base/account_names.h"
#include "base/error.h"
#include "base/text.h"
#include "program/command_run.h"
#include "shell/binder.h"
#include "shell/terminal_prompter.h"

namespace dialin {
namespace {

void refuse_own_settings(const Installation& installation, const BoundParameters& bound,
                         const Surroundings& surroundings) {
  std::vector<std::string> own = refused_variables(surroundings);
  const std::string unset = join(own, " ");
  if (bound.given("Config")) own.insert(own.begin(), bound.display_name("Config"));
  if (own.empty()) return;
  throw Error(
      ErrorCode::Permission,
      fmt::format("{} {} set, and the Dialin of this host belongs to the account {} ({}): its settings "
                  "come from the service's own configuration alone",
                  join(own, ", "), own.size() == 1 ? "is" : "are",
                  account_name(installation.owner).value_or(fmt::format("number {}", installation.owner)),
                  installation.data_directory.string()),
      unset.empty() ? "Leave it out." : fmt::format("Leave it out, or: unset {}", unset));
}

}  // namespace

std::optional<Installation> installation_of_another_account() {
  return find_installation({.environment = process_environment()}, geteuid());
}

int run_through_socket(const Installation& installation, const BoundParameters& bound,
                       const std::string& program, std::span<const std::string> words, Streams& streams,
                       const std::function<int()>& run_here) {
  Surroundings surroundings{.environment = process_environment()};
  refuse_own_settings(installation, bound, surroundings);
  // On a terminal the service asks for them.
  if (!TerminalPrompter(streams).can_ask()) refuse_missing(bound);

  CommandRequest request;
  request.program = std::filesystem::path(program).filename().string();
  request.words.assign(words.begin(), words.end());
  for (const auto& [name, value] : streams.environment()) {
    if (may_travel(name, value)) request.environment[name] = value;
  }
  request.width = static_cast<std::uint16_t>(std::min<std::size_t>(streams.width(), 65535));
  if (auto password = take_smtp_password(surroundings.environment)) request.password = password->duplicate();
  NamedFiles files(bound);
  {
    ServiceEnd service(connect_to_service(installation.socket, installation.owner));
    if (const auto code = service.run(request, files, streams)) return *code;
  }
  return run_here();
}

}  // namespace dialin
