// SPDX-License-Identifier: Apache-2.0
// The one family of exceptions: something *could not be done*.
//
// What is merely absent is a std::optional, what a rule refuses is an enum or a list of violations; neither
// is ever an exception, so that "could not find out" can never be read as "no" (doc/architecture.md).
// Exceptions of libraries are caught in the one adapter that uses the library and become an Error there.
// Only `main` turns an Error into a line and an exit code.
//
// A message says what was being done, to what, what went wrong, and, in `next`, what to do about it.
// Never put a PIN, a password or a library's text that may hold bound values into either.
#pragma once

#include <stdexcept>
#include <string>

namespace dialin {

// What the caller may do about it; the exit code of each stands beside it (exit_code()).
enum class ErrorCode {
  InvalidInput,     // 64  the command or its input is not valid; change it
  NotFound,         //  1  the thing that was named does not exist
  AlreadyExists,    //  1  it exists already
  Precondition,     //  1  the state of things forbids it
  Permission,       // 77  the caller may not
  Unauthenticated,  // 77  a mail server or store did not accept the credentials
  Unavailable,      // 69  store, directory or group could not be asked; nothing is known about the answer
  TryAgain,         // 75  nothing is lost: left queued, or busy at the moment
  Configuration,    // 78  no mail server named, key missing or wrong, newer schema, bad setting
  Internal,         // 70  our own bug
  Interrupted,      // 130 the operator stopped it
};

class Error : public std::runtime_error {
 public:
  // `what`: what was being done, to what, and what is wrong. `next`: what to do, a sentence, may be empty.
  Error(ErrorCode code, const std::string& what, std::string next = {})
      : std::runtime_error(what), code_(code), next_(std::move(next)) {}

  ErrorCode code() const { return code_; }
  const std::string& next() const { return next_; }

 private:
  ErrorCode code_;
  std::string next_;
};

// The exit code of the process for `code`.
int exit_code(ErrorCode code);

}  // namespace dialin
