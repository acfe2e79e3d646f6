// SPDX-License-Identifier: Apache-2.0
// Everything a handler may use. It gets the operator, streams and files as arguments and never asks the
// process who runs it, where it stands, or what its environment says: in the installed way that process is
// not the operator's.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/checkpoint.h"
#include "base/clock.h"
#include "base/operator.h"
#include "base/random_source.h"
#include "base/secret.h"
#include "command/settings_in_use.h"
#include "config/configuration.h"
#include "config/places.h"
#include "mail/mail_transport.h"
#include "people/csv.h"
#include "shell/prompter.h"
#include "shell/streams.h"
#include "store/store.h"

namespace dialin {

// A new file that is written in pieces. Taken away again unless it was finished.
class NewFile {
 public:
  virtual ~NewFile() = default;
  virtual void write(std::string_view piece) = 0;
  virtual void finish() = 0;  // on the disk
};

// The files that parameters name; opened with the rights of the operator.
class OperatorFiles {
 public:
  virtual ~OperatorFiles() = default;
  // The whole file, at most `limit` octets; "-" is standard input. Error(InvalidInput) if it is not there,
  // may not be read, or is larger.
  virtual std::string read(const std::string& path, std::size_t limit) = 0;
  // Opens it once, to be read in pieces, however large it is; "-" is standard input. Closed when the last
  // copy of what is returned ends. Error(InvalidInput) if it is not there or may not be read; reading throws
  // Error(Unavailable).
  virtual CsvReader::Read open(const std::string& path) = 0;
  // A new file with mode 0600. Error(AlreadyExists) if there is one.
  virtual void write_new(const std::string& path, std::string_view content) = 0;
  virtual std::unique_ptr<NewFile> create(const std::string& path) = 0;
};

struct CommandContext {
  Operator by;
  Streams& streams;
  Prompter& prompter;
  OperatorFiles& files;
  const Configuration& configuration;
  const ConfigurationPlace& configuration_place;
  const DataPlace& data_place;
  Clock& clock;
  RandomSource& random;
  Checkpoints& checkpoints;
  MailTransport& transport;
  std::function<std::unique_ptr<Store>(OpenMode)> open_store;
  // DIALIN_SMTP_PASSWORD or the service manager's credential; null if there is none.
  std::shared_ptr<const Secret> password_from_environment;
  // From the call of finish_on_interruption() on, Ctrl-C lets what is in flight finish and makes
  // interrupted() true (a second one ends at once); before it, at the questions, Ctrl-C ends the command.
  std::function<void()> finish_on_interruption;
  std::function<bool()> interrupted;
  std::function<void(std::chrono::milliseconds)> wait;
  // Empty for every command that does not run despite_problems.
  Hindrances hindrances = {};
};

}  // namespace dialin
