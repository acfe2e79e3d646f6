// SPDX-License-Identifier: Apache-2.0
// The second of the two ways to run, the operator's side: a store that belongs to another account is never
// opened; its service is asked through the admin socket.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "config/installation.h"
#include "shell/bound_parameters.h"
#include "shell/streams.h"

namespace dialin {

// Nothing if the command is to be run in this process, because this account owns the store or nobody does.
std::optional<Installation> installation_of_another_account();

// The exit code. `program` and `words`: the command line, which `bound` was made of. `run_here` runs a
// command that uses nothing of the service (CommandHost::OwnProcess), once the service has allowed it.
int run_through_socket(const Installation& installation, const BoundParameters& bound,
                       const std::string& program, std::span<const std::string> words, Streams& streams,
                       const std::function<int()>& run_here);

}  // namespace dialin
