// SPDX-License-Identifier: Apache-2.0
// A mail server for tests of the whole program: takes many connections at a time, keeps what came, waits
// where it is told, answers what it is told, and looks at passwords. No TLS.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace dialin::test {

// A message whose final dot has come.
struct KeptMail {
  std::size_t connection = 0;  // from 1, in the order of the connections
  std::string sender;          // of the envelope
  std::string recipient;
  std::string content;                            // lines ended by LF, dots unstuffed
  std::chrono::steady_clock::time_point begun{};  // when its MAIL was read
  bool accepted = false;  // a 2yz reply to the dot was decided; the client may have been gone by then

  // Parts of `content`; throw std::runtime_error if there is none.
  std::string message_id() const;  // without the angle brackets
  std::string text() const;        // the text/plain part, decoded
  std::string pin() const;         // the line of digits in the text part
  std::string header(const std::string& name) const;
};

class MailReceiver {
 public:
  // Where it can wait or answer something else: before the reply to these.
  enum class At { Connection, Hello, Auth, Mail, Rcpt, Data, Dot };

  MailReceiver();
  ~MailReceiver();
  MailReceiver(const MailReceiver&) = delete;
  MailReceiver& operator=(const MailReceiver&) = delete;

  std::uint16_t port() const { return port_; }

  // Offers AUTH PLAIN, and refuses whoever has not signed in with this password (any user).
  void require_password(const std::string& password);
  // The next replies at `at`, one a time, instead of the good one: "550 5.1.1 no such user"; "" closes the
  // connection without an answer. After them the good one again.
  void answer(At at, std::vector<std::string> replies);
  // From now on every connection waits at `at` until release().
  void hold(At at);
  // Waits until `count` connections wait at a hold. Throws std::runtime_error after `limit`.
  void wait_until_held(std::size_t count = 1, std::chrono::milliseconds limit = std::chrono::seconds(60));
  void release();

  // In the order of their dots.
  std::vector<KeptMail> mails() const;
  std::size_t mail_count() const;
  std::vector<KeptMail> mails_to(const std::string& recipient) const;
  std::size_t accepted_to(const std::string& recipient) const;
  std::size_t connections() const;
  // The most that were open at the same time: neither said QUIT nor closed by the client.
  std::size_t most_connections() const;
  std::size_t sign_ins() const;  // passwords that were tried, right or wrong

 private:
  struct Session;
  void serve();
  void talk(int socket, std::size_t connection);
  // The reply at `at`, after the hold; nothing: close without one.
  std::optional<std::string> reply_at(At at, std::string good);
  bool signs_in(const std::string& response);
  std::size_t open_connections() const;

  int listener_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::set<At> holds_;
  std::map<At, std::deque<std::string>> answers_;
  std::optional<std::string> password_;
  std::vector<KeptMail> mails_;
  std::set<int> sockets_;
  std::set<int> leaving_;  // of sockets_: QUIT was read
  std::size_t most_connections_ = 0;
  std::size_t held_ = 0;
  std::size_t connections_ = 0;
  std::size_t sign_ins_ = 0;
  bool ending_ = false;
  std::list<std::thread> talks_;
  std::thread acceptor_;
};

// For the names of parametrized tests: the position in the list above.
inline void PrintTo(MailReceiver::At at, std::ostream* out) {
  *out << static_cast<int>(at);
}

}  // namespace dialin::test
