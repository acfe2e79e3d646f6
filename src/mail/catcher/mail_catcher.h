// SPDX-License-Identifier: Apache-2.0
// The small SMTP server for trying templates: keeps every mail in files and sends nothing on.
//
//   MailCatcher catcher(ListenAddress::parse("127.0.0.1:0"), "mails",
//                       [&](const CaughtMail& mail) { out << summary(mail) << '\n'; },
//                       [&](const Error& error) { ... });
//   out << "listening on port " << catcher.port();
//   catcher.run(stop);
//
// The mails hold PINs: it listens on loopback addresses only, files have mode 0600.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/error.h"
#include "mail/catcher/listen_address.h"
#include "mail/catcher/mail_keeper.h"

namespace dialin {

class MailCatcher {
 public:
  static constexpr std::size_t MaximumConnections = 64;

  using OnMail = std::function<void(const CaughtMail&)>;
  using OnProblem = std::function<void(const Error&)>;

  // Listens from here on, so that clients may connect before run(). `on_mail` is called, in the thread of
  // run(), for each mail when its files are complete and before its client is told; `on_problem` when a mail
  // could not be kept (its client is told 452). Throws Error: those of MailKeeper; Precondition if the port
  // is taken, Permission if it may not be used.
  MailCatcher(const ListenAddress& address, const std::filesystem::path& directory, OnMail on_mail,
              OnProblem on_problem);
  ~MailCatcher();
  MailCatcher(const MailCatcher&) = delete;
  MailCatcher& operator=(const MailCatcher&) = delete;

  // The port that it listens on, also where 0 was asked for.
  std::uint16_t port() const { return port_; }

  // Serves connections, many at once, until `stop` is true (seen within 100 ms; a signal handler may set it).
  // Mails that are not complete then are dropped. A client that says nothing for five minutes is let go.
  void run(const std::atomic<bool>& stop);

 private:
  class Connection;

  void accept_connection(std::vector<Connection>& connections);
  bool keep(const CaughtEnvelope& envelope, const std::string& message);

  MailKeeper keeper_;
  OnMail on_mail_;
  OnProblem on_problem_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
};

// One line for people: "0001.eml 0001.html 0001.txt  from <marco@contoso.com> to <bob@contoso.com>: Subject".
std::string summary(const CaughtMail& mail);

}  // namespace dialin
