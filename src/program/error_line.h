// SPDX-License-Identifier: Apache-2.0
// How an error is said, and what it makes of the exit code.
#pragma once

#include <functional>

#include "base/error.h"
#include "shell/streams.h"

namespace dialin {

void print_error(Streams& streams, const Error& error);

// The exit code of `work`, or of the error that it throws, which is printed.
int exit_code_of(Streams& streams, const std::function<int()>& work);

}  // namespace dialin
