// SPDX-License-Identifier: Apache-2.0
// A host on which Dialin is installed: an account for the service that alone owns /var/lib/dialin, the
// groups, people of each role, and `dialin serve` with the admin socket.
//
// Accounts and groups are made by useradd and groupadd, and everything stands where it stands on a real host;
// but in a mount namespace of this process, with an /etc, a /run and a /var/lib of its own, so that nothing
// is left behind and other tests see nothing of it. Needs root.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/child_process.h"
#include "support/mail_receiver.h"

namespace dialin::test {

class InstalledHost {
 public:
  // The one of this process, made by the first call.
  static InstalledHost& shared();
  ~InstalledHost();
  InstalledHost(const InstalledHost&) = delete;
  InstalledHost& operator=(const InstalledHost&) = delete;

  static constexpr const char* Administrator = "anna";  // of RTCUniversalServerAdmins
  static constexpr const char* HelpDesk = "hannah";     // of CsHelpDesk
  static constexpr const char* Nobody = "norman";       // of neither
  static constexpr const char* Socket = "/run/dialin/admin.sock";
  static constexpr const char* Program = "/run/program/dialin";

  // The program as `user` calls it, without groups of the process: what counts stands in the system's files.
  Command command(const std::string& user, const std::vector<std::string>& arguments) const;
  Completed run(const std::string& user, const std::vector<std::string>& arguments,
                std::string_view input = {}) const;
  // A file of `user`, in their home, that nobody else may read. Gives its path.
  std::string write(const std::string& user, const std::string& name, const std::string& content) const;
  std::string home(const std::string& user) const;

  // Runs a program of the system as root; throws if it fails.
  static void system(const std::vector<std::string>& arguments);
  // Rows of the audit trail of an event and an operator, as the store's owner reads them.
  std::size_t audited(const std::string& event, const std::string& by) const;
  std::string newest_audit_detail(const std::string& event) const;

  MailReceiver& mails() { return mails_; }
  // What `dialin serve` has said.
  std::string log() const;
  void stop_service();
  void start_service();

 private:
  InstalledHost();
  void make_place();
  void make_accounts();
  void configure();
  std::string query(const std::string& sql) const;

  MailReceiver mails_;
  std::unique_ptr<ChildProcess> service_;
};

}  // namespace dialin::test
