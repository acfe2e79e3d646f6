// SPDX-License-Identifier: Apache-2.0
#include "system/installed_host.h"

#include <fmt/format.h>
#include <sched.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "support/dialin_program.h"
#include "support/free_port.h"
#include "support/temporary_directory.h"

namespace dialin::test {
namespace {

constexpr const char* Service = "dialin";
constexpr const char* Log = "/run/program/serve.log";

void require(bool done, const char* what) {
  if (!done) throw std::runtime_error(fmt::format("{}: {}", what, std::strerror(errno)));
}

}  // namespace

InstalledHost& InstalledHost::shared() {
  static InstalledHost host;
  return host;
}

InstalledHost::InstalledHost() {
  make_place();
  make_accounts();
  configure();
  start_service();
}

InstalledHost::~InstalledHost() {
  if (service_) service_->terminate();
}

void InstalledHost::make_place() {
  require(unshare(CLONE_NEWNS) == 0, "a mount namespace could not be made (the tests need root)");
  require(mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "mounts cannot be made private");
  require(mount("tmpfs", "/var/lib", "tmpfs", 0, "mode=755") == 0, "/var/lib");
  std::filesystem::create_directory("/var/lib/etc");
  system({"cp", "-a", "/etc/.", "/var/lib/etc"});
  require(mount("/var/lib/etc", "/etc", nullptr, MS_BIND, nullptr) == 0, "/etc");
  require(mount("tmpfs", "/run", "tmpfs", 0, "mode=755") == 0, "/run");
  for (const char* folder : {"/run/program", "/run/dialin", "/run/home", "/etc/dialin", "/var/lib/dialin"})
    std::filesystem::create_directories(folder);
  // The build's folder may be closed to others.
  std::filesystem::copy_file(DialinProgram::program_path(), Program);
}

void InstalledHost::make_accounts() {
  for (const char* group : {"RTCUniversalServerAdmins", "CsHelpDesk"}) system({"groupadd", group});
  system(
      {"useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", Service});
  const std::vector<std::pair<std::string, std::string>> people = {
      {Administrator, "RTCUniversalServerAdmins"}, {HelpDesk, "CsHelpDesk"}, {Nobody, ""}};
  for (const auto& [name, group] : people) {
    std::vector<std::string> arguments = {"useradd", "--user-group", "--home-dir", home(name),
                                          "--create-home"};
    if (!group.empty()) arguments.insert(arguments.end(), {"--groups", group});
    arguments.push_back(name);
    system(arguments);
    std::filesystem::permissions(home(name), std::filesystem::perms::owner_all);
  }
  for (const char* folder : {"/run/dialin", "/var/lib/dialin"}) give_to(folder, Service);
  std::filesystem::permissions("/var/lib/dialin", std::filesystem::perms::owner_all);
}

void InstalledHost::configure() {
  std::ofstream("/etc/dialin/dialin.toml") << fmt::format(
      "[pin]\nhash_memory_kib = 8\nhash_passes = 1\n[queue]\nretry_pause = \"0s\"\n"
      "[mail]\nfrom = \"helpdesk@contoso.com\"\nallowed_domains = [\"contoso.com\"]\n"
      "[organisation]\nsettings_page_url = \"https://dialin.contoso.com/\"\n"
      "[smtp]\nserver = \"127.0.0.1:{}\"\nallow_insecure_auth = true\n"
      "[admin]\nlisten = \"unix:{}\"\n",
      mails_.port(), Socket);
}

void InstalledHost::start_service() {
  Command command;
  command.arguments = {Program, "serve"};
  command.empty_environment = true;
  command.environment = {{"LC_ALL", "C.UTF-8"}};
  command.user = Service;
  command.log = Log;
  service_ = std::make_unique<ChildProcess>(command);
  const bool listens =
      eventually([&] { return log().find("Listening on") != std::string::npos || !service_->running(); },
                 std::chrono::seconds(60));
  if (!listens || !service_->running()) throw std::runtime_error("dialin serve does not listen: " + log());
}

void InstalledHost::stop_service() {
  service_->terminate();
  service_.reset();
  std::filesystem::remove(Log);
}

Command InstalledHost::command(const std::string& user, const std::vector<std::string>& arguments) const {
  Command command;
  command.arguments = {Program};
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  command.empty_environment = true;
  command.environment = {
      {"HOME", home(user)}, {"PATH", "/usr/bin:/bin"}, {"LC_ALL", "C.UTF-8"}, {"TERM", "xterm"}};
  command.working_directory = home(user);
  if (user != "root") command.user = user;
  return command;
}

Completed InstalledHost::run(const std::string& user, const std::vector<std::string>& arguments,
                             std::string_view input) const {
  return test::run(command(user, arguments), input);
}

std::string InstalledHost::home(const std::string& user) const {
  return user == "root" ? "/run/home" : "/run/home/" + user;
}

std::string InstalledHost::write(const std::string& user, const std::string& name,
                                 const std::string& content) const {
  const std::filesystem::path path = std::filesystem::path(home(user)) / name;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << content;
  std::filesystem::permissions(path,
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  for (std::filesystem::path part = path; part != home(user); part = part.parent_path()) give_to(part, user);
  return path;
}

void InstalledHost::system(const std::vector<std::string>& arguments) {
  run_successfully({.arguments = arguments});
}

std::string InstalledHost::query(const std::string& sql) const {
  sqlite3* database = nullptr;
  sqlite3_stmt* statement = nullptr;
  std::string result;
  if (sqlite3_open_v2("/var/lib/dialin/dialin.db", &database, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK &&
      sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK &&
      sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0) != nullptr) {
    result = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  }
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return result;
}

std::size_t InstalledHost::audited(const std::string& event, const std::string& by) const {
  const std::string count =
      query(fmt::format("SELECT COUNT(*) FROM audit WHERE event = '{}' AND operator_name = '{}'", event, by));
  if (count.empty()) throw std::runtime_error("the audit trail could not be read");
  return std::stoul(count);
}

std::string InstalledHost::newest_audit_detail(const std::string& event) const {
  return query(fmt::format(
      "SELECT origin || ' ' || detail FROM audit WHERE event = '{}' ORDER BY number DESC LIMIT 1", event));
}

std::string InstalledHost::log() const {
  return std::filesystem::exists(Log) ? read_file(Log) : std::string();
}

}  // namespace dialin::test
