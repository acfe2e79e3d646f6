// SPDX-License-Identifier: Apache-2.0
#include "support/postgresql_server.h"

#include <libpq-fe.h>
#include <pwd.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <stdexcept>

#include "support/free_port.h"

namespace dialin::test {
namespace {

// initdb and postgres stand outside PATH in Debian, in a folder a version.
std::string postgresql_program(const std::string& name) {
  const std::filesystem::path versions = "/usr/lib/postgresql";
  std::string newest;
  if (std::filesystem::is_directory(versions)) {
    for (const auto& version : std::filesystem::directory_iterator(versions)) {
      const std::filesystem::path candidate = version.path() / "bin" / name;
      if (std::filesystem::exists(candidate) && candidate.string() > newest) newest = candidate.string();
    }
  }
  return newest.empty() ? find_program(name, "postgresql") : newest;
}

// PostgreSQL refuses to run as root.
std::string account_for_server() {
  if (::geteuid() != 0) return {};
  return ::getpwnam("postgres") != nullptr ? "postgres" : "nobody";
}

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;

Connection connect(const std::string& connection_string) {
  return {PQconnectdb((connection_string + " connect_timeout=5").c_str()), &PQfinish};
}

}  // namespace

PostgresqlServer::PostgresqlServer(std::vector<std::string> options)
    : options_(std::move(options)), user_(account_for_server()), port_(free_port()) {
  if (!user_.empty()) {
    directory_.open_to_others();
    give_to(directory_.path(), user_);
  }
  const Completed made =
      run({.arguments = {postgresql_program("initdb"), "-D", directory_ / "data", "-A", "trust", "-U", "app",
                         "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"},
           .environment = {{"LC_ALL", "C.UTF-8"}},
           .working_directory = directory_.path(),
           .user = user_});
  if (made.exit_code != 0) throw std::runtime_error("initdb failed: " + made.output + made.error);
  start();
}

PostgresqlServer::~PostgresqlServer() {
  if (server_) kill();
}

PostgresqlServer& PostgresqlServer::shared() {
  static PostgresqlServer server;
  return server;
}

std::string PostgresqlServer::connection_string(const std::string& database) const {
  return "host=127.0.0.1 port=" + std::to_string(port_) + " dbname=" + database + " user=app";
}

std::string PostgresqlServer::log() const {
  return read_file(directory_ / "log");
}

std::string PostgresqlServer::create_database() {
  const std::lock_guard lock(mutex_);
  const std::string name = "test_" + std::to_string(++databases_);
  const Connection connection = connect(connection_string("postgres"));
  const std::unique_ptr<PGresult, decltype(&PQclear)> result{
      PQexec(connection.get(), ("CREATE DATABASE " + name + " TEMPLATE template0").c_str()), &PQclear};
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
    throw std::runtime_error("cannot make the database " + name + ": " + PQerrorMessage(connection.get()));
  }
  return connection_string(name);
}

void PostgresqlServer::start() {
  if (server_) return;
  std::vector<std::string> arguments = {postgresql_program("postgres"), "-D", directory_ / "data"};
  std::vector<std::string> settings = {"listen_addresses=127.0.0.1",
                                       "port=" + std::to_string(port_),
                                       "unix_socket_directories=" + directory_.path().string(),
                                       "fsync=off",
                                       "max_connections=300",
                                       "shared_buffers=32MB",
                                       "autovacuum=off",
                                       "log_min_messages=warning"};
  settings.insert(settings.end(), options_.begin(), options_.end());
  for (const std::string& setting : settings) {
    arguments.emplace_back("-c");
    arguments.push_back(setting);
  }
  server_ = std::make_unique<ChildProcess>(Command{.arguments = arguments,
                                                   .environment = {{"LC_ALL", "C.UTF-8"}},
                                                   .working_directory = directory_.path(),
                                                   .user = user_,
                                                   .log = directory_ / "log"});
  const bool up = eventually([&] {
    if (!server_->running()) return true;
    return PQstatus(connect(connection_string("postgres")).get()) == CONNECTION_OK;
  });
  if (!up || !server_->running()) {
    server_.reset();
    throw std::runtime_error("PostgreSQL did not start: " + log());
  }
}

void PostgresqlServer::stop() {
  if (!server_) return;
  server_->signal(SIGINT);  // fast shutdown
  server_->wait();
  server_.reset();
}

// Each backend makes a process group of its own, so the group of the postmaster is not all of them.
std::vector<pid_t> PostgresqlServer::processes() {
  std::vector<pid_t> found = {server_->pid()};
  const std::string parent = std::to_string(server_->pid());
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::string status;
    try {
      status = read_file(entry.path() / "stat");
    } catch (const std::runtime_error&) {
      continue;  // ended meanwhile
    }
    // "pid (name) state parent ..."
    const std::size_t end_of_name = status.rfind(") ");
    if (end_of_name != std::string::npos &&
        status.compare(end_of_name + 4, parent.size() + 1, parent + " ") == 0) {
      found.push_back(std::stoi(name));
    }
  }
  return found;
}

void PostgresqlServer::kill() {
  if (!server_) return;
  // The postmaster is stopped first: it must not start new ones while its children are counted.
  server_->stop();
  for (const pid_t process : processes()) ::kill(process, SIGKILL);
  server_->kill();
  server_.reset();
  // Its children hold shared memory until the kernel has removed them; a new postmaster would refuse to
  // start.
  std::filesystem::remove(directory_ / "data/postmaster.pid");
}

void PostgresqlServer::freeze() {
  server_->stop();
  for (const pid_t process : processes()) ::kill(process, SIGSTOP);
}

void PostgresqlServer::thaw() {
  for (const pid_t process : processes()) ::kill(process, SIGCONT);
}

}  // namespace dialin::test
