// SPDX-License-Identifier: Apache-2.0
// The first of the two ways to run (doc/architecture.md): the caller owns the store, and everything happens
// in the caller's process.
#pragma once

#include "shell/bound_parameters.h"
#include "shell/streams.h"

namespace dialin {

int run_in_own_process(BoundParameters& bound, Streams& streams);

// A command that uses neither store nor key nor configuration (CommandHost::OwnProcess), where all of these
// belong to another account: none of them is looked at.
int run_apart_from_store(BoundParameters& bound, Streams& streams);

}  // namespace dialin
