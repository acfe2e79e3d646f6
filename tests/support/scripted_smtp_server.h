// SPDX-License-Identifier: Apache-2.0
// A mail server that does what its script says, for what real ones do not do: replies cut at any octet, too
// many of them or none, resets, injected plain text.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/certificate.h"

struct ssl_st;
struct ssl_ctx_st;

namespace dialin::test {

// One connection, from the server's side. Every wait ends after 20 seconds with an exception.
class ScriptedPeer {
 public:
  explicit ScriptedPeer(int socket);
  ~ScriptedPeer();
  ScriptedPeer(const ScriptedPeer&) = delete;
  ScriptedPeer& operator=(const ScriptedPeer&) = delete;

  // `lines` as they are, CRLF included.
  void send(std::string_view lines);
  // Each octet in a packet of its own.
  void send_octets_apart(std::string_view lines);
  // A line without its CRLF. Throws Closed at the end of the connection.
  std::string read_line();
  // A line that begins with `start`, or an exception.
  std::string expect(std::string_view start);
  // Everything up to and including the final dot, as it came.
  std::string read_content();
  // Sends `greeting`, answers EHLO with `extensions`.
  void greet(const std::vector<std::string>& extensions, const std::string& greeting = "220 ready\r\n");
  void answer_hello(const std::vector<std::string>& extensions);
  // Takes MAIL, RCPT, DATA, which may have come in one group, and answers each with a good reply.
  void take_envelope();
  // The server's side of the handshake; false if it fails.
  bool start_tls(const Certificate& certificate);
  // Ends the connection with RST.
  void reset();
  // Whatever still comes, until the client closes or `limit` is over.
  std::string read_rest(std::chrono::milliseconds limit = std::chrono::seconds(20));
  // Sets the size of the receive window, as far as the system does that.
  void shrink_receive_buffer();
  // Octets of commands that have been read and not yet given.
  bool has_unread() const { return !buffer_.empty(); }

  struct Closed : std::runtime_error {
    Closed() : std::runtime_error("the client closed the connection") {}
  };

 private:
  // False: the connection has ended, or nothing came within `limit`.
  bool receive(std::chrono::milliseconds limit);

  int socket_;
  ssl_st* tls_ = nullptr;
  ssl_ctx_st* context_ = nullptr;
  std::string buffer_;
};

enum class Playing {
  OneByOne,  // a connection waits until the script of the one before has ended
  AtOnce,    // each in a thread of its own
};

// Listens on 127.0.0.1 and plays `scripts`, one a connection; the last is played again for every further one.
// A script that throws (but ScriptedPeer::Closed) fails the test through failures().
class ScriptedSmtpServer {
 public:
  using Script = std::function<void(ScriptedPeer&)>;

  explicit ScriptedSmtpServer(std::vector<Script> scripts, Playing playing = Playing::OneByOne);
  explicit ScriptedSmtpServer(Script script, Playing playing = Playing::OneByOne)
      : ScriptedSmtpServer(std::vector<Script>{std::move(script)}, playing) {}
  ~ScriptedSmtpServer();

  std::uint16_t port() const { return port_; }
  // Waits until the scripts that are being played have ended.
  std::vector<std::string> failures();
  std::size_t connections() const { return connections_; }

 private:
  void serve();
  void play(int socket);

  const Playing how_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::vector<Script> scripts_;
  std::atomic<std::size_t> connections_ = 0;
  std::atomic<bool> stopping_ = false;
  std::mutex playing_;  // held while a script is played, one by one
  std::mutex noting_;
  std::vector<std::string> failures_;
  std::vector<std::thread> players_;  // at once
  std::thread thread_;
};

}  // namespace dialin::test
