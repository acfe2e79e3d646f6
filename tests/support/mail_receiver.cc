// SPDX-License-Identifier: Apache-2.0
#include "support/mail_receiver.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <tuple>

#include "support/free_port.h"

namespace dialin::test {
namespace {

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

std::string between(const std::string& line, char open, char close) {
  const std::size_t begin = line.find(open);
  if (begin == std::string::npos) return {};
  const std::size_t end = line.find(close, begin + 1);
  if (end == std::string::npos) return {};
  return line.substr(begin + 1, end - begin - 1);
}

std::string decode_base64(const std::string& text) {
  static const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string decoded;
  unsigned bits = 0;
  int count = 0;
  for (char c : text) {
    const std::size_t value = digits.find(c);
    if (value == std::string::npos) continue;
    bits = bits << 6 | static_cast<unsigned>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      decoded += static_cast<char>(bits >> count & 0xFF);
    }
  }
  return decoded;
}

std::string decode_quoted_printable(const std::string& text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      decoded += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == '\n') {
      ++i;
    } else if (i + 2 < text.size()) {
      decoded += static_cast<char>(std::strtol(text.substr(i + 1, 2).c_str(), nullptr, 16));
      i += 2;
    }
  }
  return decoded;
}

// One field of a header block, unfolded; empty if it is not there.
std::string field(const std::string& headers, const std::string& name) {
  std::istringstream lines(headers);
  std::string value;
  bool inside = false;
  for (std::string line; std::getline(lines, line) && !line.empty();) {
    if (line[0] == ' ' || line[0] == '\t') {
      if (inside) value += line;
      continue;
    }
    inside = upper(line.substr(0, name.size() + 1)) == upper(name) + ":";
    if (inside) value = line.substr(std::min(line.size(), name.size() + 2));
  }
  return value;
}

}  // namespace

std::string KeptMail::header(const std::string& name) const {
  std::string value = field(content, name);
  if (value.empty()) throw std::runtime_error("the mail has no header " + name + ":\n" + content);
  return value;
}

std::string KeptMail::message_id() const {
  return between(header("Message-ID"), '<', '>');
}

std::string KeptMail::text() const {
  std::string part = content;
  const std::string type = header("Content-Type");
  if (type.rfind("multipart/", 0) == 0) {
    const std::size_t at = type.find("boundary=");
    if (at == std::string::npos) throw std::runtime_error("a multipart mail without a boundary: " + type);
    const std::string boundary = "\n--" + between(type.substr(at), '"', '"');
    // Our first part is the plain text (RFC 2046 section 5.1.4: the plainest first).
    const std::size_t begin = content.find(boundary);
    if (begin == std::string::npos) throw std::runtime_error("a multipart mail without parts:\n" + content);
    const std::size_t start = content.find('\n', begin + 1) + 1;
    part = content.substr(start, content.find(boundary, start) - start);
  }
  if (field(part, "Content-Type").rfind("text/plain", 0) != 0)
    throw std::runtime_error("no text part stands where it should:\n" + content);
  const std::string body = part.substr(part.find("\n\n") + 2);
  const std::string encoding = upper(field(part, "Content-Transfer-Encoding"));
  if (encoding == "BASE64") return decode_base64(body);
  if (encoding == "QUOTED-PRINTABLE") return decode_quoted_printable(body);
  return body;
}

std::string KeptMail::pin() const {
  std::istringstream lines(text());
  for (std::string line; std::getline(lines, line);) {
    const bool digits =
        std::all_of(line.begin(), line.end(), [](unsigned char c) { return std::isdigit(c); });
    if (digits && line.size() >= 4 && line.size() <= 24) return line;
  }
  throw std::runtime_error("the mail shows no PIN:\n" + text());
}

// Lines of one connection.
struct MailReceiver::Session {
  explicit Session(int its_socket) : socket(its_socket) {}

  std::optional<std::string> line() {
    for (;;) {
      if (const std::size_t end = buffer.find("\r\n"); end != std::string::npos) {
        std::string found = buffer.substr(0, end);
        buffer.erase(0, end + 2);
        return found;
      }
      std::array<char, 65536> octets;
      const ssize_t count = recv(socket, octets.data(), octets.size(), 0);
      if (count <= 0) return std::nullopt;
      buffer.append(octets.data(), static_cast<std::size_t>(count));
    }
  }
  // Content up to its dot; nothing if the connection ended before.
  std::optional<std::string> content() {
    std::string all;
    while (auto next = line()) {
      if (*next == ".") return all;
      all += next->rfind("..", 0) == 0 ? next->substr(1) : *next;
      all += '\n';
    }
    return std::nullopt;
  }
  void send(const std::string& reply) {
    const std::string lines = reply + "\r\n";
    [[maybe_unused]] const ssize_t sent = ::send(socket, lines.data(), lines.size(), MSG_NOSIGNAL);
  }

  int socket;
  std::string buffer;
};

MailReceiver::MailReceiver() {
  std::tie(listener_, port_) = listen_on_any_port();
  acceptor_ = std::thread([this] { serve(); });
}

MailReceiver::~MailReceiver() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    for (int socket : sockets_) shutdown(socket, SHUT_RDWR);
  }
  changed_.notify_all();
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (std::thread& talk : talks_) talk.join();
  close(listener_);
}

void MailReceiver::serve() {
  for (;;) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex_);
    if (ending_) {
      if (socket >= 0) close(socket);
      return;
    }
    if (socket < 0) continue;
    sockets_.insert(socket);
    const std::size_t connection = ++connections_;
    most_connections_ = std::max(most_connections_, open_connections());
    talks_.emplace_back([this, socket, connection] {
      talk(socket, connection);
      const std::lock_guard closing(mutex_);
      sockets_.erase(socket);
      leaving_.erase(socket);
      close(socket);
    });
  }
}

// Asks the kernel: our threads may not have got to read the end of a connection yet.
std::size_t MailReceiver::open_connections() const {
  return static_cast<std::size_t>(std::count_if(sockets_.begin(), sockets_.end(), [&](int socket) {
    pollfd look{.fd = socket, .events = POLLRDHUP, .revents = 0};
    return !leaving_.contains(socket) && poll(&look, 1, 0) == 0;
  }));
}

std::optional<std::string> MailReceiver::reply_at(At at, std::string good) {
  std::unique_lock lock(mutex_);
  if (holds_.contains(at)) {
    ++held_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return ending_ || !holds_.contains(at); });
    --held_;
  }
  if (ending_) return std::nullopt;
  std::deque<std::string>& others = answers_[at];
  if (others.empty()) return good;
  std::string other = others.front();
  others.pop_front();
  if (other.empty()) return std::nullopt;
  return other;
}

bool MailReceiver::signs_in(const std::string& response) {
  const std::string message = decode_base64(response);
  const std::lock_guard lock(mutex_);
  ++sign_ins_;
  return message.substr(message.rfind('\0') + 1) == password_.value_or("");
}

void MailReceiver::talk(int socket, std::size_t connection) {
  Session session(socket);
  bool needs_password = false;
  {
    const std::lock_guard lock(mutex_);
    needs_password = password_.has_value();
  }
  std::string sender, recipient;
  std::chrono::steady_clock::time_point begun{};
  // False: the connection is closed.
  const auto say = [&](At at, const std::string& good) {
    const std::optional<std::string> reply = reply_at(at, good);
    if (reply) session.send(*reply);
    return reply.has_value();
  };
  if (!say(At::Connection, "220 receiver.example.org ESMTP")) return;
  while (auto line = session.line()) {
    const std::string verb = upper(line->substr(0, 4));
    if (verb == "EHLO") {
      if (!say(At::Hello, needs_password ? "250-receiver.example.org\r\n250-AUTH PLAIN\r\n250 PIPELINING"
                                         : "250-receiver.example.org\r\n250 PIPELINING"))
        return;
    } else if (verb == "AUTH") {
      std::string response = line->size() > 11 ? line->substr(11) : std::string();
      if (response.empty()) {
        session.send("334 ");
        response = session.line().value_or("");
      }
      const bool right = signs_in(response);
      if (right) needs_password = false;
      if (!say(At::Auth, right ? "235 2.7.0 welcome" : "535 5.7.8 the password is wrong")) return;
    } else if (verb == "MAIL") {
      begun = std::chrono::steady_clock::now();
      sender = between(*line, '<', '>');
      recipient.clear();
      if (!say(At::Mail, needs_password ? "530 5.7.0 sign in first" : "250 2.1.0 ok")) return;
    } else if (verb == "RCPT") {
      const std::optional<std::string> reply =
          reply_at(At::Rcpt, needs_password ? "530 5.7.0 sign in first" : "250 2.1.5 ok");
      if (!reply) return;
      if (reply->front() == '2') recipient = between(*line, '<', '>');
      session.send(*reply);
    } else if (verb == "DATA") {
      if (recipient.empty()) {
        session.send("503 5.5.1 no recipient");
        continue;
      }
      const std::optional<std::string> reply = reply_at(At::Data, "354 go on");
      if (!reply) return;
      session.send(*reply);
      if (reply->front() != '3') continue;
      std::optional<std::string> content = session.content();
      if (!content) return;
      std::size_t index = 0;
      {
        const std::lock_guard lock(mutex_);
        index = mails_.size();
        mails_.push_back({.connection = connection,
                          .sender = sender,
                          .recipient = recipient,
                          .content = *content,
                          .begun = begun});
      }
      const std::optional<std::string> answer = reply_at(At::Dot, "250 2.0.0 kept");
      if (!answer) return;
      {
        const std::lock_guard lock(mutex_);
        mails_[index].accepted = answer->front() == '2';
      }
      session.send(*answer);
    } else if (verb == "QUIT") {
      {
        const std::lock_guard lock(mutex_);
        leaving_.insert(socket);
      }
      session.send("221 2.0.0 bye");
      return;
    } else {
      session.send(verb == "RSET" ? "250 2.0.0 ok" : "500 5.5.1 what?");
    }
  }
}

void MailReceiver::require_password(const std::string& password) {
  const std::lock_guard lock(mutex_);
  password_ = password;
}

void MailReceiver::answer(At at, std::vector<std::string> replies) {
  const std::lock_guard lock(mutex_);
  answers_[at].assign(replies.begin(), replies.end());
}

void MailReceiver::hold(At at) {
  const std::lock_guard lock(mutex_);
  holds_.insert(at);
}

void MailReceiver::wait_until_held(std::size_t count, std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, limit, [&] { return held_ >= count; }))
    throw std::runtime_error(fmt::format("{} connections wait at the mail receiver, not {}", held_, count));
}

void MailReceiver::release() {
  {
    const std::lock_guard lock(mutex_);
    holds_.clear();
  }
  changed_.notify_all();
}

std::vector<KeptMail> MailReceiver::mails() const {
  const std::lock_guard lock(mutex_);
  return mails_;
}

std::size_t MailReceiver::mail_count() const {
  const std::lock_guard lock(mutex_);
  return mails_.size();
}

std::vector<KeptMail> MailReceiver::mails_to(const std::string& recipient) const {
  std::vector<KeptMail> found;
  for (const KeptMail& mail : mails()) {
    if (mail.recipient == recipient) found.push_back(mail);
  }
  return found;
}

std::size_t MailReceiver::accepted_to(const std::string& recipient) const {
  const std::vector<KeptMail> found = mails_to(recipient);
  return static_cast<std::size_t>(
      std::count_if(found.begin(), found.end(), [](const KeptMail& mail) { return mail.accepted; }));
}

std::size_t MailReceiver::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

std::size_t MailReceiver::most_connections() const {
  const std::lock_guard lock(mutex_);
  return most_connections_;
}

std::size_t MailReceiver::sign_ins() const {
  const std::lock_guard lock(mutex_);
  return sign_ins_;
}

}  // namespace dialin::test
