// SPDX-License-Identifier: Apache-2.0
// The second of the two ways to run, the service's side: one process, one connection of the admin socket, one
// command.
#pragma once

#include <optional>
#include <string>

namespace dialin {

// Finds out who is at the other end of the connection, which is standard input (AdminConnectionOption),
// decides whether they may do what they ask for, and does it. Its own errors go to standard error, the
// journal; those of the command to the operator. `config`: the service's configuration file, if it is not
// found by itself. The command's exit code.
int answer_admin_connection(const std::optional<std::string>& config);

}  // namespace dialin
