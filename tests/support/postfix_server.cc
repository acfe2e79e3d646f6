// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "support/free_port.h"
#include "support/mail_servers.h"

namespace dialin::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* Configuration = R"(
compatibility_level = 3.6
queue_directory = {base}/spool
data_directory = {base}/data
maillog_file = {base}/mail.log
maillog_file_prefixes = {base}
mail_owner = postfix
setgid_group = postdrop
import_environment = MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LANG=C
myhostname = mx.example.org
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mydestination =
relay_domains =
local_recipient_maps =
alias_maps =
local_transport = discard:
default_transport = {transport}
mynetworks = {networks}
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = cyrus
smtpd_sasl_path = smtpd
smtpd_sasl_security_options = noanonymous
smtpd_sasl_local_domain = example.org
)";

constexpr const char* Services = R"(
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
)";

void set_owner(const fs::path& path, const char* user, const char* group, mode_t mode) {
  const passwd* account = ::getpwnam(user);
  const struct group* members = ::getgrnam(group);
  if (account == nullptr || members == nullptr) {
    throw std::runtime_error(std::string("no account ") + user + " or group " + group +
                             ": is postfix installed?");
  }
  if (::chown(path.c_str(), account->pw_uid, members->gr_gid) != 0 || ::chmod(path.c_str(), mode) != 0) {
    throw std::runtime_error("cannot prepare " + path.string() + ": " + std::strerror(errno));
  }
}

// {marco@contoso.com = user@example.org} as an inline: table; the inner braces keep spaces in values.
std::string inline_table(const std::map<std::string, std::string>& entries) {
  std::string table = "inline:{ ";
  for (const auto& [key, value] : entries) table += "{ " + key + " = " + value + " } ";
  return table + "}";
}

// What `postfix check` would make; it takes up to two seconds on a fresh tree.
void make_spool(const fs::path& spool) {
  fs::create_directory(spool);
  for (const char* name : {"active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming",
                           "private", "saved", "trace"}) {
    fs::create_directory(spool / name);
    set_owner(spool / name, "postfix", "root", 0700);
  }
  fs::create_directory(spool / "pid");
  for (const auto& [name, mode] : {std::pair{"maildrop", 0730}, std::pair{"public", 02710}}) {
    fs::create_directory(spool / name);
    set_owner(spool / name, "postfix", "postdrop", static_cast<mode_t>(mode));
  }
}

std::string main_configuration(const PostfixOptions& options, const fs::path& directory,
                               const Certificate& certificate) {
  std::string text = fmt::format(
      Configuration, fmt::arg("base", directory.string()),
      fmt::arg("networks", options.relay_for_everybody ? "127.0.0.0/8" : ""),
      fmt::arg("transport",
               options.relay_port ? fmt::format("smtp:[127.0.0.1]:{}", *options.relay_port) : "discard:"));
  if (options.tls) {
    text += "smtpd_tls_security_level = may\nsmtpd_tls_cert_file = " + certificate.certificate_file.string() +
            "\nsmtpd_tls_key_file = " + certificate.key_file.string() + "\n";
  }
  if (!options.sender_owners.empty()) {
    text += "smtpd_sender_restrictions = reject_sender_login_mismatch\nsmtpd_sender_login_maps = " +
            inline_table(options.sender_owners) + "\n";
  }
  if (!options.recipient_answers.empty()) {
    text += "smtpd_recipient_restrictions = check_recipient_access " +
            inline_table(options.recipient_answers) + "\n";
  }
  for (const std::string& line : options.main_lines) text += line + "\n";
  return text;
}

std::string services(std::uint16_t port, std::optional<std::uint16_t> tls_port) {
  std::string text = fmt::format("127.0.0.1:{} inet n - n - - smtpd\n", port);
  if (tls_port) {
    text += fmt::format(
        "127.0.0.1:{} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes -o "
        "smtpd_tls_security_level=encrypt\n",
        *tls_port);
  }
  return text + Services;
}

}  // namespace

PostfixServer::PostfixServer(const PostfixOptions& options)
    : certificate_(options.certificate ? *options.certificate : authority_.issue()),
      port_(free_port()),
      tls_port_(free_port()) {
  if (::geteuid() != 0)
    throw std::runtime_error("Postfix needs root: run the tests as root (script/test does)");
  const fs::path master = "/usr/lib/postfix/sbin/master";
  if (!fs::exists(master)) {
    throw std::runtime_error(
        "Postfix is not installed; it is in the Debian package postfix "
        "(script/install-packages test)");
  }
  directory_.open_to_others();
  fs::create_directory(directory_ / "data");
  set_owner(directory_ / "data", "postfix", "root", 0700);
  make_spool(directory_ / "spool");

  // Debian's Postfix looks for smtpd.conf in the folder `sasl` of its configuration directory.
  const fs::path accounts = directory_ / "etc/sasl/sasldb2";
  directory_.write("etc/sasl/smtpd.conf",
                   "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: " + accounts.string() +
                       "\nmech_list: PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256\n");
  const std::string saslpasswd = find_program("saslpasswd2", "sasl2-bin");
  for (const auto& [user, password] : options.users) {
    run_successfully({.arguments = {saslpasswd, "-p", "-c", "-f", accounts, "-u", "example.org", user}},
                     password);
  }
  if (!options.users.empty()) set_owner(accounts, "root", "postfix", 0640);

  for (const fs::path& file :
       {directory_.write("etc/main.cf", main_configuration(options, directory_.path(), certificate_)),
        directory_.write("etc/master.cf",
                         services(port_, options.tls ? std::optional(tls_port_) : std::nullopt))}) {
    // Postfix waits until its configuration is at least two seconds old.
    fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::minutes(1));
  }
  master_ = std::make_unique<ChildProcess>(
      Command{.arguments = {master, "-c", directory_ / "etc", "-s"}, .log = directory_ / "foreground.log"});
  const bool up = eventually([&] {
    return !master_->running() || (has_listener(port_) && (!options.tls || has_listener(tls_port_)));
  });
  if (!up || !master_->running()) {
    throw std::runtime_error("Postfix did not start: " + read_file(directory_ / "foreground.log") + log());
  }
}

PostfixServer::~PostfixServer() {
  if (master_) master_->terminate();  // master ends its daemons, which would else outlive it for a while
}

std::string PostfixServer::log() const {
  const fs::path file = directory_ / "mail.log";
  return fs::exists(file) ? read_file(file) : std::string();
}

std::size_t PostfixServer::connections() const {
  const std::string text = log();
  std::size_t count = 0;
  for (std::size_t at = text.find(": connect from "); at != std::string::npos;
       at = text.find(": connect from ", at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace dialin::test
