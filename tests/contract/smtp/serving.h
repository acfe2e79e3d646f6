// SPDX-License-Identifier: Apache-2.0
// Scripts of servers that take messages until the client goes.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "contract/smtp/submission.h"

namespace dialin::test {

// Answers each command only when nothing else has come with it.
inline void play_without_pipelining(ScriptedPeer& peer) {
  for (const char* command : {"MAIL FROM:<marco@contoso.com>", "RCPT TO:", "DATA"}) {
    if (peer.has_unread()) throw std::runtime_error("a command came before its turn");
    const std::string line = peer.expect(command);
    if (peer.has_unread()) throw std::runtime_error("something came with " + line);
    peer.send(std::string(command) == "DATA" ? "354 go on\r\n" : "250 ok\r\n");
  }
  peer.read_content();
  peer.send("250 queued\r\n");
}

// What an otherwise obliging server does its own way.
struct Rules {
  std::function<std::string(const std::string& line)> rcpt = nullptr;  // its reply to RCPT
  std::function<void()> arrived = nullptr;  // a content has come; called before its reply
  int errors_until_goodbye = 0;             // then 421, at once; 0: never
  bool octets_apart = false;                // each octet of a reply in a packet of its own
};

// Follows RFC 5321 step by step, with the state that a real server keeps.
inline ScriptedSmtpServer::Script obliging(Rules rules) {
  return [rules](ScriptedPeer& peer) {
    bool sender = false;
    bool recipient = false;
    int errors = 0;
    const auto say = [&](const std::string& reply) {
      rules.octets_apart ? peer.send_octets_apart(reply) : peer.send(reply);
      if (reply.front() >= '4') ++errors;
    };
    peer.greet(usual_extensions);
    for (;;) {
      if (rules.errors_until_goodbye > 0 && errors >= rules.errors_until_goodbye) {
        return peer.send("421 4.7.0 too many errors\r\n");
      }
      const std::string line = peer.read_line();
      if (line.rfind("MAIL FROM:", 0) == 0) {
        say(sender ? "503 5.5.1 nested MAIL\r\n" : "250 2.1.0 ok\r\n");
        sender = true;
      } else if (line.rfind("RCPT TO:", 0) == 0) {
        const std::string reply = !sender      ? "503 5.5.1 need MAIL\r\n"
                                  : rules.rcpt ? rules.rcpt(line)
                                               : "250 2.1.5 ok\r\n";
        recipient = recipient || reply.front() == '2';
        say(reply);
      } else if (line == "DATA" && !recipient) {
        say("554 5.5.1 no valid recipients\r\n");
      } else if (line == "DATA") {
        say("354 go on\r\n");
        peer.read_content();
        if (rules.arrived) rules.arrived();
        say("250 2.0.0 queued\r\n");
        sender = recipient = false;
      } else if (line == "RSET") {
        say("250 2.0.0 ok\r\n");
        sender = recipient = false;
      } else if (line == "QUIT") {
        return peer.send("221 2.0.0 bye\r\n");
      } else {
        throw std::runtime_error("not a command: " + line);
      }
    }
  };
}

}  // namespace dialin::test
