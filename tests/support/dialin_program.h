// SPDX-License-Identifier: Apache-2.0
// The built program with a home, a data directory, a configuration and a store of its own, as an operator
// would run it. Only for tests that are linked with test_program, which knows where the program lies.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "support/child_process.h"
#include "support/temporary_directory.h"

namespace dialin::test {

enum class StoreKind { Sqlite, Postgresql };
inline const char* to_text(StoreKind kind) {
  return kind == StoreKind::Sqlite ? "Sqlite" : "Postgresql";
}

// For the names of parametrized tests.
inline void PrintTo(StoreKind kind, std::ostream* out) {
  *out << to_text(kind);
}

class DialinProgram {
 public:
  using Arguments = std::vector<std::string>;
  using Environment = std::map<std::string, std::string>;

  // The store is made by the first command. The cheapest hash, no pause between tries, contoso.com allowed.
  explicit DialinProgram(StoreKind kind = StoreKind::Sqlite);

  // A setting of the configuration file; `value` as in TOML: "\"3s\"", "true", "8".
  void set(const std::string& section, const std::string& key, const std::string& value);

  // What a test hands to ChildProcess itself: the program, its arguments and its environment.
  Command command(const Arguments& arguments, const Environment& environment = {}) const;
  // A shell script that finds the program and the cmdlets' names in PATH, in the same environment.
  Command shell(const std::string& script, const Environment& environment = {}) const;
  Completed run(const Arguments& arguments, std::string_view input = {}, const Environment& environment = {},
                std::chrono::milliseconds limit = std::chrono::seconds(120)) const;
  std::unique_ptr<ChildProcess> start(const Arguments& arguments, const Environment& environment = {}) const;

  // Imports sip:NAME@contoso.com with the mail address NAME@contoso.com. Throws if that fails.
  void import_people(const std::vector<std::string>& names) const;
  // By Test-CsClientPin. Throws if it could not be found out.
  bool pin_is(const std::string& person, const std::string& pin) const;
  // The result word of Test-CsClientPin.
  std::string check_pin(const std::string& person, const std::string& pin) const;
  // Whether the person has a PIN, by Get-CsClientPinInfo.
  bool has_pin(const std::string& person) const;
  // How many rows of the outbox have the state, by `dialin status`.
  std::size_t outbox(const std::string& state) const;

  const TemporaryDirectory& directory() const { return directory_; }
  std::filesystem::path data_directory() const { return directory_ / "data"; }
  static std::string program_path();

 private:
  void write_configuration() const;
  Environment environment(const Environment& more) const;

  TemporaryDirectory directory_;
  std::map<std::string, std::map<std::string, std::string>> settings_;
};

// The object that a command printed with -Output json. Throws std::runtime_error, with all that was printed,
// if there is none.
nlohmann::json object_of(const Completed& completed);

// The command that most tests type: `dialin welcome NAME@contoso.com` by the server on `port`, JSON printed.
DialinProgram::Arguments welcome_command(const std::string& name, std::uint16_t port,
                                         const DialinProgram::Arguments& more = {});

// Waits until the kernel says that `process` is stopped. Throws std::runtime_error after `limit`.
void wait_until_stopped(const ChildProcess& process,
                        std::chrono::milliseconds limit = std::chrono::seconds(60));

}  // namespace dialin::test
