// SPDX-License-Identifier: Apache-2.0
// Signing in by an OAuth 2 access token.
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/error.h"
#include "contract/smtp/serving.h"
#include "contract/smtp/submission.h"

namespace dialin::test {
namespace {

// In clear text, so that a script sees the lines.
SubmissionServer with_tokens(std::uint16_t port, std::vector<std::string> tokens) {
  SubmissionServer server = at(port);
  server.user = "user@contoso.com";
  server.allow_insecure_auth = true;
  auto left = std::make_shared<std::vector<std::string>>(std::move(tokens));
  server.access_token = [left] {
    const std::string token = left->front();
    if (left->size() > 1) left->erase(left->begin());
    return std::make_shared<const Secret>(std::string_view(token));
  };
  return server;
}

std::string bearer_line(const std::string& token, std::uint16_t port) {
  return to_base64(std::string_view("n,a=user@contoso.com,\1host=127.0.0.1\1port=" + std::to_string(port) +
                                    "\1auth=Bearer " + token + "\1\1"));
}

std::string xoauth2_line(const std::string& token) {
  return to_base64(std::string_view("user=user@contoso.com\1auth=Bearer " + token + "\1\1"));
}

const std::string error_challenge = "334 eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=\r\n";

void expect_line(ScriptedPeer& peer, const std::string& line) {
  const std::string got = peer.read_line();
  if (got != line) throw std::runtime_error("expected " + line + ", got " + got);
}

Submission submit_none(const SubmissionServer& server) {
  MessageList none;
  return submit(server, none);
}

TEST(Token, OauthbearerIsPreferred) {
  std::uint16_t port = 0;
  ScriptedSmtpServer server([&](ScriptedPeer& peer) {
    peer.greet({"AUTH PLAIN XOAUTH2 OAUTHBEARER"});
    expect_line(peer, "AUTH OAUTHBEARER " + bearer_line("canary-token", port));
    peer.send("235 2.7.0 welcome\r\n");
    peer.expect("QUIT");
    peer.send("221 bye\r\n");
  });
  port = server.port();
  const Submission done = submit_none(with_tokens(port, {"canary-token"}));
  EXPECT_FALSE(done.problem);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_EQ(done.trace.find("canary"), std::string::npos);
  EXPECT_EQ(done.trace.find(bearer_line("canary-token", port)), std::string::npos);
}

TEST(Token, RenewedOneIsTriedOnce) {
  for (const bool bearer : {true, false}) {
    std::uint16_t port = 0;
    const auto line = [&](const std::string& token) {
      return bearer ? "AUTH OAUTHBEARER " + bearer_line(token, port) : "AUTH XOAUTH2 " + xoauth2_line(token);
    };
    ScriptedSmtpServer server([&](ScriptedPeer& peer) {
      peer.greet({bearer ? "AUTH OAUTHBEARER" : "AUTH XOAUTH2"});
      expect_line(peer, line("old"));
      peer.send(error_challenge);
      expect_line(peer, bearer ? "AQ==" : "");
      peer.send("535 5.7.3 Authentication unsuccessful\r\n");
      expect_line(peer, line("new"));
      peer.send("235 2.7.0 welcome\r\n");
      peer.expect("QUIT");
      peer.send("221 bye\r\n");
    });
    port = server.port();
    EXPECT_FALSE(submit_none(with_tokens(port, {"old", "new"})).problem);
    EXPECT_TRUE(played_to_the_end(server));
  }
}

TEST(Token, RefusedOneIsRefusedForGood) {
  // The same one is not sent again, a renewed one that is refused too is the last.
  for (const std::vector<std::string>& tokens :
       {std::vector<std::string>{"canary-1"}, std::vector<std::string>{"canary-1", "canary-2", "canary-3"}}) {
    std::string after;
    ScriptedSmtpServer server([&](ScriptedPeer& peer) {
      peer.greet({"AUTH XOAUTH2"});
      for (std::size_t i = 0; i < std::min<std::size_t>(tokens.size(), 2); ++i) {
        expect_line(peer, "AUTH XOAUTH2 " + xoauth2_line(tokens[i]));
        peer.send(error_challenge);
        expect_line(peer, "");
        // A server that quotes what it does not like.
        peer.send("535 5.7.3 no " + tokens[i] + " " + xoauth2_line(tokens[i]) + "\r\n");
      }
      after = peer.read_rest(std::chrono::milliseconds(500));
    });
    const Submission done = submit_none(with_tokens(server.port(), tokens));
    EXPECT_TRUE(played_to_the_end(server));
    EXPECT_EQ(done.why(), SessionProblem::PasswordRefused);
    EXPECT_EQ(after, "QUIT\r\n");
    for (const std::string& shown : {done.trace, describe(*done.problem)}) {
      EXPECT_EQ(shown.find("canary"), std::string::npos) << shown;
      EXPECT_EQ(shown.find(xoauth2_line("canary-1")), std::string::npos) << shown;
    }
  }
}

TEST(Token, LongOneWaitsForTheServersWord) {
  const std::string token(3000, 'x');
  ScriptedSmtpServer server([&](ScriptedPeer& peer) {
    peer.greet({"AUTH XOAUTH2"});
    expect_line(peer, "AUTH XOAUTH2");
    peer.send("334 \r\n");
    expect_line(peer, xoauth2_line(token));
    peer.send("235 2.7.0 welcome\r\n");
    peer.expect("QUIT");
    peer.send("221 bye\r\n");
  });
  EXPECT_FALSE(submit_none(with_tokens(server.port(), {token})).problem);
  EXPECT_TRUE(played_to_the_end(server));
}

TEST(Token, NeitherWithoutTlsNorByAnotherMechanism) {
  std::string after;
  ScriptedSmtpServer server([&](ScriptedPeer& peer) {
    peer.greet({"AUTH PLAIN LOGIN"});
    after = peer.read_rest(std::chrono::milliseconds(500));
  });
  SubmissionServer way = with_tokens(server.port(), {"token"});
  const Submission done = submit_none(way);
  EXPECT_EQ(done.why(), SessionProblem::AuthNotOffered);
  EXPECT_NE(done.problem->text.find("OAUTHBEARER or XOAUTH2"), std::string::npos);
  way.allow_insecure_auth = false;
  EXPECT_EQ(submit_none(way).why(), SessionProblem::AuthNotOffered);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_EQ(after, "QUIT\r\n");
}

TEST(Token, WhatCannotBeOneOrBeHadComesOut) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet({"AUTH OAUTHBEARER"});
    peer.read_rest();
  });
  for (const std::string& token :
       {std::string(), std::string("a\1b"), std::string("a b"), std::string("a\r\nb")}) {
    EXPECT_THROW(submit_none(with_tokens(server.port(), {token})), Error);
  }
  SubmissionServer way = with_tokens(server.port(), {"token"});
  way.access_token = []() -> std::shared_ptr<const Secret> {
    throw Error(ErrorCode::Configuration, "no token");
  };
  EXPECT_THROW(submit_none(way), Error);
}

}  // namespace
}  // namespace dialin::test
