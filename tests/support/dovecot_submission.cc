// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <stdexcept>

#include "support/free_port.h"
#include "support/mail_servers.h"

namespace dialin::test {
namespace {

// Without the listener of anvil-auth-penalty, a wrong password does not slow down what comes after it.
constexpr const char* Configuration = R"(
base_dir = {base}/run
state_dir = {base}/run
instance_name = dialin-test
protocols = submission
listen = 127.0.0.1
log_path = {base}/log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{base}/home
first_valid_uid = 0
ssl = required
ssl_cert = <{base}/cert.pem
ssl_key = <{base}/key.pem
auth_mechanisms = plain login scram-sha-1 scram-sha-256
auth_failure_delay = 0
submission_relay_host = 127.0.0.1
submission_relay_port = {relay_port}
submission_relay_ssl = no
hostname = sub.example.org
service submission-login {{
  chroot =
  inet_listener submission {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener submissions {{
    address = 127.0.0.1
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
passdb {{
  driver = passwd-file
  args = {base}/passwd
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/home
}}
{extra}
)";

std::string scram_verifier(const std::string& password) {
  std::string text = run_successfully({.arguments = {find_program("doveadm", "dovecot-core"), "-O", "pw",
                                                     "-s", "SCRAM-SHA-256", "-p", password}});
  text.erase(text.find_last_not_of('\n') + 1);
  return text;
}

}  // namespace

DovecotSubmission::DovecotSubmission(std::uint16_t relay_port, const std::string& extra)
    : port_(free_port()), tls_port_(free_port()) {
  const std::string program = find_program("dovecot", "dovecot-core");
  if (!std::filesystem::exists("/usr/lib/dovecot/submission")) {
    throw std::runtime_error(
        "Dovecot's submission service is not installed; it is in the Debian package "
        "dovecot-submissiond (script/install-packages test)");
  }
  // All of it runs as one account without rights, which must be able to read its certificate's key.
  const bool root = ::geteuid() == 0;
  const passwd* account = root ? ::getpwnam("nobody") : ::getpwuid(::geteuid());
  if (account == nullptr) throw std::runtime_error("there is no account to run Dovecot as");
  const std::string user = account->pw_name;
  const struct group* members = ::getgrgid(account->pw_gid);

  const Certificate certificate = authority_.issue(
      {.common_name = "sub.example.org", .names = {"DNS:sub.example.org", "DNS:localhost", "IP:127.0.0.1"}});
  directory_.write("cert.pem", read_file(certificate.certificate_file));
  directory_.write("key.pem", read_file(certificate.key_file));
  directory_.write("passwd", "user:{PLAIN}secret\nscram:" + scram_verifier("secret") + "\n");
  std::filesystem::create_directory(directory_ / "run");
  std::filesystem::create_directory(directory_ / "home");
  directory_.write(
      "dovecot.conf",
      fmt::format(Configuration, fmt::arg("base", directory_.path().string()), fmt::arg("user", user),
                  fmt::arg("uid", account->pw_uid), fmt::arg("gid", account->pw_gid),
                  fmt::arg("group", members != nullptr ? members->gr_name : user.c_str()),
                  fmt::arg("port", port_), fmt::arg("tls_port", tls_port_),
                  fmt::arg("relay_port", relay_port), fmt::arg("extra", extra)));
  if (root) {
    directory_.open_to_others();
    give_to(directory_.path(), user);
  }
  master_ =
      std::make_unique<ChildProcess>(Command{.arguments = {program, "-F", "-c", directory_ / "dovecot.conf"},
                                             .user = root ? user : std::string(),
                                             .log = directory_ / "foreground.log"});
  const bool up =
      eventually([&] { return !master_->running() || (has_listener(port_) && has_listener(tls_port_)); });
  if (!up || !master_->running()) {
    throw std::runtime_error("Dovecot did not start: " + read_file(directory_ / "foreground.log") + log());
  }
}

// All its processes stay in the master's group, which ends with `master_`; a decent end would take seconds.
DovecotSubmission::~DovecotSubmission() = default;

std::string DovecotSubmission::log() const {
  const std::filesystem::path file = directory_ / "log";
  return std::filesystem::exists(file) ? read_file(file) : std::string();
}

}  // namespace dialin::test
