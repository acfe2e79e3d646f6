// SPDX-License-Identifier: Apache-2.0
// Where a command reads and writes, and what is known of the other end: a port, so that a handler never asks
// the process it runs in (in the installed way that process is not the operator's).
//
// Texts are UTF-8. Not to be used by several threads at once.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace dialin {

// The values of the operator's environment that mean something to a command: PSEmailServer (kept under this
// spelling whatever case it was exported in; an empty one counts as unset), DIALIN_SMTP_PASSWORD is not one
// of them (a secret has its own way), LANG, LC_*, TZ, TERM, NO_COLOR.
using OperatorEnvironment = std::map<std::string, std::string>;

// Takes those values out of environ (nullptr-terminated "NAME=value" strings).
OperatorEnvironment operator_environment(const char* const* environ);

class Streams {
 public:
  enum class Stream { Input, Output, Error };

  virtual ~Streams() = default;

  // Standard input. Number of octets read, 0 at its end. Error(Unavailable) if it cannot be read.
  virtual std::size_t read_input(char* buffer, std::size_t size) = 0;

  // Standard output: the result. May be kept back until flush(), which main calls at the end and a command
  // that goes on (catch-mail) after each piece. Error(Unavailable), once, if it cannot be written (reader
  // gone, disk full): a report that was cut off must not look whole.
  virtual void write_output(std::string_view text) = 0;
  virtual void flush() = 0;

  // Standard error: warnings, errors, questions, progress. Never fails: there is nobody left to tell.
  // Whatever write_output kept back goes first.
  virtual void write_error(std::string_view text) = 0;

  virtual bool is_terminal(Stream stream) const = 0;
  // Columns of the terminal; 80 where it is not known.
  virtual std::size_t width() const = 0;
  virtual const OperatorEnvironment& environment() const = 0;

  std::optional<std::string> environment_value(std::string_view name) const;
  // A terminal, NO_COLOR unset or empty, TERM not "dumb".
  bool may_colour(Stream stream) const;
  // Of LC_ALL, LC_TIME / LC_MESSAGES, LANG the first that is set: "fr_CA.UTF-8"; "C" if none is.
  std::string locale_name(std::string_view category) const;
  // The operator's language for messages as a BCP 47 tag ("fr-CA"); nothing for C and POSIX.
  std::optional<std::string> language() const;

  // One line of standard input without LF or CRLF; nothing at its end. Error(InvalidInput) if it is longer
  // than `limit` octets. Reads no further than the line's end, so that another reader may go on.
  std::optional<std::string> read_line(std::size_t limit = 64 * 1024);
  // The same for a PIN or password: at most 1,024 octets, no copy left behind. Error(InvalidInput) if the
  // line is empty, too long, or not there.
  Secret read_secret_line();
};

}  // namespace dialin
