// SPDX-License-Identifier: Apache-2.0
#include "support/dialin_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "support/free_port.h"
#include "support/postgresql_server.h"

namespace dialin::test {
namespace {

std::string all_of(const Completed& completed) {
  return fmt::format("exit code {}\noutput: {}\nerror: {}", completed.exit_code, completed.output,
                     completed.error);
}

std::string address(const std::string& name) {
  return name + "@contoso.com";
}

}  // namespace

std::string DialinProgram::program_path() {
  return DIALIN_PROGRAM;
}

DialinProgram::DialinProgram(StoreKind kind) {
  std::filesystem::create_directory(data_directory());
  std::filesystem::permissions(data_directory(), std::filesystem::perms::owner_all);
  std::filesystem::create_directory(directory_ / "bin");
  std::filesystem::create_symlink(program_path(), directory_ / "bin" / "dialin");
  settings_["pin"] = {{"hash_memory_kib", "8"}, {"hash_passes", "1"}};
  settings_["queue"] = {{"retry_pause", "\"0s\""}};
  settings_["mail"] = {{"allowed_domains", "[\"contoso.com\"]"}};
  if (kind == StoreKind::Postgresql)
    settings_["store"]["url"] = fmt::format("\"{}\"", PostgresqlServer::shared().create_database());
  write_configuration();
}

void DialinProgram::set(const std::string& section, const std::string& key, const std::string& value) {
  settings_[section][key] = value;
  write_configuration();
}

void DialinProgram::write_configuration() const {
  std::string text;
  for (const auto& [section, values] : settings_) {
    text += fmt::format("[{}]\n", section);
    for (const auto& [key, value] : values) text += fmt::format("{} = {}\n", key, value);
  }
  std::filesystem::permissions(directory_.write("dialin.toml", text),
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

DialinProgram::Environment DialinProgram::environment(const Environment& more) const {
  Environment all = {{"HOME", directory_.path().string()},
                     {"XDG_CONFIG_HOME", directory_ / "config"},
                     {"DIALIN_DATA", data_directory().string()},
                     {"DIALIN_CONFIG", directory_ / "dialin.toml"},
                     {"PATH", (directory_ / "bin").string() + ":/usr/bin:/bin"},
                     {"LC_ALL", "C.UTF-8"}};
  for (const auto& [name, value] : more) all[name] = value;
  return all;
}

Command DialinProgram::command(const Arguments& arguments, const Environment& more) const {
  Command command;
  command.arguments = {program_path()};
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  command.environment = environment(more);
  command.empty_environment = true;
  command.working_directory = directory_.path();
  return command;
}

Command DialinProgram::shell(const std::string& script, const Environment& more) const {
  // As the build and the installation do it (cmake/CommandLinks.cmake).
  std::istringstream names(run({"help", "--names"}).output);
  for (std::string name; std::getline(names, name);) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    for (const std::string& spelling : {name, lower}) {
      const std::filesystem::path link = directory_ / "bin" / spelling;
      if (!std::filesystem::exists(link)) std::filesystem::create_symlink("dialin", link);
    }
  }
  Command command = this->command({}, more);
  command.arguments = {"/bin/sh", "-c", script};
  return command;
}

Completed DialinProgram::run(const Arguments& arguments, std::string_view input, const Environment& more,
                             std::chrono::milliseconds limit) const {
  return test::run(command(arguments, more), input, limit);
}

std::unique_ptr<ChildProcess> DialinProgram::start(const Arguments& arguments,
                                                   const Environment& more) const {
  return std::make_unique<ChildProcess>(command(arguments, more));
}

void DialinProgram::import_people(const std::vector<std::string>& names) const {
  std::string file = "SipAddress,DisplayName,Mail\n";
  for (const std::string& name : names) file += fmt::format("sip:{0},Person {1},{0}\n", address(name), name);
  const Completed done = run({"people", "import", directory_.write("people.csv", file).string()});
  if (done.exit_code != 0) throw std::runtime_error("people could not be imported: " + all_of(done));
}

std::string DialinProgram::check_pin(const std::string& person, const std::string& pin) const {
  Command check = command({"-Identity", address(person), "-Pin", "-"});
  // By the cmdlet's name, as an operator would.
  const std::filesystem::path link = directory_ / "bin" / "Test-CsClientPin";
  if (!std::filesystem::exists(link)) std::filesystem::create_symlink("dialin", link);
  check.arguments.front() = link.string();
  const Completed done = test::run(check, pin + "\n");
  if (done.exit_code != 0 && done.exit_code != 1)
    throw std::runtime_error("it could not be found out whether the PIN is right: " + all_of(done));
  const std::string word = done.output.substr(0, done.output.find('\n'));
  if ((word == "Success") != (done.exit_code == 0))
    throw std::runtime_error("word and exit code contradict each other: " + all_of(done));
  return word;
}

bool DialinProgram::pin_is(const std::string& person, const std::string& pin) const {
  return check_pin(person, pin) == "Success";
}

bool DialinProgram::has_pin(const std::string& person) const {
  return object_of(run({"pin", "show", address(person), "-Output", "json"})).at("IsPinSet").get<bool>();
}

std::size_t DialinProgram::outbox(const std::string& state) const {
  return object_of(run({"status", "-Output", "json"})).at("Welcomes" + state).get<std::size_t>();
}

nlohmann::json object_of(const Completed& completed) {
  nlohmann::json object = nlohmann::json::parse(completed.output, nullptr, false);
  if (object.is_array() && object.size() == 1) object = object.front();
  if (!object.is_object()) throw std::runtime_error("no object was printed: " + all_of(completed));
  return object;
}

DialinProgram::Arguments welcome_command(const std::string& name, std::uint16_t port,
                                         const DialinProgram::Arguments& more) {
  DialinProgram::Arguments arguments = {"welcome",           address(name), "-From",
                                        "marco@contoso.com", "-SmtpServer", fmt::format("127.0.0.1:{}", port),
                                        "-NoLink",           "-Output",     "json"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

void wait_until_stopped(const ChildProcess& process, std::chrono::milliseconds limit) {
  const bool stopped = eventually(
      [&] {
        std::ifstream file(fmt::format("/proc/{}/stat", process.pid()));
        std::string line;
        std::getline(file, line);
        const std::size_t end = line.rfind(')');
        return end != std::string::npos && line.compare(end + 2, 1, "T") == 0;
      },
      limit);
  if (!stopped) throw std::runtime_error("the process did not stop");
}

}  // namespace dialin::test
