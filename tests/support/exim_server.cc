// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdexcept>

#include "support/free_port.h"
#include "support/mail_servers.h"

namespace dialin::test {
namespace {

namespace fs = std::filesystem;

// Unpacked by script/install-packages, because Debian does not install it beside Postfix.
constexpr const char* Program = "/usr/local/lib/dialin-test/exim4/usr/sbin/exim4";
// An account that the private name space of the server has, and nobody else.
constexpr uid_t Account = 65001;

constexpr const char* Configuration = R"(
primary_hostname = mx.example.org
spool_directory = {base}/spool
log_file_path = {base}/log/%slog
pid_file_path = {base}/exim.pid
local_interfaces = <; [127.0.0.1]:{port}
daemon_smtp_ports = {port}
exim_path = {program}
keep_environment =
never_users =
host_lookup =
rfc1413_hosts =
tls_advertise_hosts = *
tls_certificate = {certificate}
tls_privatekey = {key}
dsn_advertise_hosts = *
smtputf8_advertise_hosts = *
pipelining_advertise_hosts = *
smtp_accept_max = 200
smtp_accept_max_per_connection = 0
smtp_accept_queue_per_connection = 0
acl_smtp_rcpt = acl_rcpt
begin acl
acl_rcpt:
  deny message = 5.1.1 no such user
       local_parts = ^bad
  accept
begin routers
everything:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = onwards
begin transports
onwards:
  driver = smtp
  port = {relay}
  allow_localhost
  hosts_try_dane =
begin retry
* * F,2h,1s
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{user}}}}{{eq{{$auth3}}{{secret}}}}}}}}
  server_set_id = $auth2
)";

void give_to_account(const fs::path& path) {
  if (::chown(path.c_str(), Account, Account) != 0)
    throw std::runtime_error("cannot prepare " + path.string());
}

// `file` with one more line, in `directory`.
fs::path with_line(const TemporaryDirectory& directory, const fs::path& file, const std::string& line) {
  return directory.write(file.filename().string(), read_file(file) + line + "\n");
}

}  // namespace

EximServer::EximServer(std::uint16_t relay_port) : certificate_(authority_.issue()), port_(free_port()) {
  if (::geteuid() != 0) throw std::runtime_error("Exim needs root: run the tests as root (script/test does)");
  if (!fs::exists(Program)) {
    throw std::runtime_error(
        "Exim is not there: script/install-packages test unpacks the Debian package exim4-daemon-light");
  }
  directory_.open_to_others();
  for (const char* name : {"spool", "log"}) {
    fs::create_directory(directory_ / name);
    give_to_account(directory_ / name);
  }
  const fs::path key = directory_.write("key.pem", read_file(certificate_.key_file));
  give_to_account(key);
  const fs::path certificate = directory_.write("certificate.pem", read_file(certificate_.certificate_file));
  give_to_account(certificate);
  const fs::path configuration = directory_.write(
      "exim.conf",
      fmt::format(Configuration, fmt::arg("base", directory_.path().string()), fmt::arg("port", port_),
                  fmt::arg("program", Program), fmt::arg("certificate", certificate.string()),
                  fmt::arg("key", key.string()), fmt::arg("relay", relay_port)));
  fs::permissions(configuration, fs::perms(0644));
  const std::string account = fmt::format("Debian-exim:x:{}:", Account);
  const fs::path passwd =
      with_line(directory_, "/etc/passwd", account + fmt::format("{}::/:/bin/false", Account));
  const fs::path group = with_line(directory_, "/etc/group", account);
  for (const fs::path& file : {passwd, group}) fs::permissions(file, fs::perms(0644));
  server_ = std::make_unique<ChildProcess>(Command{
      .arguments = {"unshare", "-m", "sh", "-c",
                    fmt::format(
                        "mount --bind {} /etc/passwd && mount --bind {} /etc/group && exec {} -C {} -bdf",
                        passwd.string(), group.string(), Program, configuration.string())},
      .log = directory_ / "foreground.log"});
  const bool up = eventually([&] { return !server_->running() || has_listener(port_); });
  if (!up || !server_->running())
    throw std::runtime_error("Exim did not start: " + read_file(directory_ / "foreground.log"));
}

EximServer::~EximServer() {
  if (server_) server_->terminate();
}

std::string EximServer::log() const {
  const fs::path file = directory_ / "log/mainlog";
  return fs::exists(file) ? read_file(file) : std::string();
}

}  // namespace dialin::test
