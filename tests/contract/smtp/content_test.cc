// SPDX-License-Identifier: Apache-2.0
// From the first octet of the content to its reply: what has certainly not arrived, what may have, and who is
// asked.
#include <gtest/gtest.h>

#include <atomic>

#include "base/error.h"
#include "contract/smtp/submission.h"

namespace dialin::test {
namespace {

// Larger than the buffers of both ends of a connection together.
std::string large_content(std::size_t lines = 120'000) {
  std::string content = "Subject: large\r\n\r\n";
  for (std::size_t i = 0; i < lines; ++i) {
    content +=
        ".a line of one hundred octets, or thereabouts, so that a few of them make a large content, line\r\n";
  }
  return content;
}

MessageList one_large() {
  return MessageList({message_to("bob@contoso.com", large_content())});
}

const std::vector<std::string> no_size_limit = {"PIPELINING", "8BITMIME"};

Delivery outcome_of(const std::string& reply) {
  ScriptedSmtpServer server([&](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    peer.take_envelope();
    peer.read_content();
    if (!reply.empty()) peer.send(reply);
    peer.read_rest(reply.empty() ? std::chrono::milliseconds(0) : std::chrono::milliseconds(2000));
  });
  MessageList messages = MessageList::to({"bob@contoso.com"});
  submit(at(server.port()), messages);
  EXPECT_TRUE(played_to_the_end(server));
  return messages.order.at(0);
}

TEST(Content, ReplyDecides) {
  EXPECT_EQ(outcome_of("250 2.0.0 queued as 4711\r\n").text, "queued as 4711");
  EXPECT_EQ(outcome_of("250 2.0.0 queued as 4711\r\n").result, DeliveryResult::Accepted);
  const Delivery refused = outcome_of("554 5.6.0 not liked\r\n");
  EXPECT_EQ(refused.result, DeliveryResult::Refused);
  EXPECT_EQ(refused.scope, DeliveryScope::Content);
  const Delivery later = outcome_of("451 4.3.0 later\r\n");
  EXPECT_EQ(later.result, DeliveryResult::Deferred);
  EXPECT_EQ(later.scope, DeliveryScope::Recipient);
  const Delivery busy = outcome_of("421 4.3.2 going down\r\n");
  EXPECT_EQ(busy.result, DeliveryResult::Deferred);
  EXPECT_EQ(busy.problem, SessionProblem::TooBusy);
}

TEST(Content, WithoutAReadableReplyTheOutcomeIsUnknown) {
  // Closed, a reply that cannot be one, a reply cut in two, an over-long one, and no SMTP at all.
  for (const std::string& reply :
       {std::string(), std::string("354 go on\r\n"), std::string("250-queued\r\n421 no\r\n"),
        "250 " + std::string(5000, 'x'), std::string("queued\r\n")}) {
    const Delivery delivery = outcome_of(reply);
    EXPECT_EQ(delivery.result, DeliveryResult::Unknown) << reply.substr(0, 40) << describe(delivery);
    EXPECT_EQ(delivery.scope, DeliveryScope::None);
  }
}

TEST(Content, SilenceAfterTheDotIsUnknown) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    peer.take_envelope();
    peer.read_content();
    peer.send("250-2.0.0 nearly");
    peer.read_rest();
  });
  MessageList messages = MessageList::to({"bob@contoso.com", "never@contoso.com"});
  const Submission done = submit(at(server.port()), messages, impatient);
  EXPECT_EQ(messages.order.at(0).result, DeliveryResult::Unknown);
  EXPECT_EQ(done.why(), SessionProblem::Unreachable);
  // The session is over; the second message was not taken.
  EXPECT_EQ(messages.taken(), 1u);
}

TEST(Content, ConnectionLostBeforeTheLastOctetIsDeferred) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet(no_size_limit);
    peer.take_envelope();
    for (int i = 0; i < 100; ++i) peer.read_line();
    peer.reset();
  });
  MessageList messages = one_large();
  const Submission done = submit(at(server.port()), messages);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_EQ(messages.order.at(0).result, DeliveryResult::Deferred) << describe(messages.order[0]);
  EXPECT_EQ(messages.order.at(0).scope, DeliveryScope::Session);
  EXPECT_EQ(done.why(), SessionProblem::Unreachable);
}

TEST(Content, StalledServerIsGivenUpWhileWriting) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet(no_size_limit);
    peer.take_envelope();
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  });
  MessageList messages = one_large();
  submit(at(server.port()), messages, impatient);
  EXPECT_EQ(messages.order.at(0).result, DeliveryResult::Deferred) << describe(messages.order[0]);
  EXPECT_EQ(messages.order.at(0).problem, SessionProblem::Unreachable);
}

TEST(Content, EveryBlockArrivesWithItsDotsDoubled) {
  std::string arrived;
  ScriptedSmtpServer server([&](ScriptedPeer& peer) {
    peer.greet(no_size_limit);
    peer.take_envelope();
    arrived = peer.read_content();
    peer.send("250 queued\r\n");
    peer.read_rest();
  });
  MessageList messages({message_to("bob@contoso.com", large_content(20'000))});
  submit(at(server.port()), messages);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_EQ(messages.order.at(0).result, DeliveryResult::Accepted);
  std::string expected = large_content(20'000) + ".\r\n";
  for (std::size_t i = expected.find("\r\n.a"); i != std::string::npos; i = expected.find("\r\n.a", i + 4)) {
    expected.insert(i + 2, ".");
  }
  EXPECT_TRUE(arrived == expected);
  // Before the first octet, and before those with the final dot.
  EXPECT_EQ(messages.asked.size(), 2u);
}

TEST(Content, ServerThatStopsReadingUntilItsReplyIsTakenIsNoDeadlock) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet(no_size_limit);
    peer.take_envelope();
    peer.shrink_receive_buffer();
    // Replies as large as a reply may be, in a send that returns only when the client has read most of them.
    std::string reply;
    for (int i = 0; i < 31; ++i) reply += "552-5.3.4 too large " + std::string(1900, 'x') + "\r\n";
    peer.send(reply + "552 5.3.4 too large\r\n");
    peer.read_rest();
  });
  MessageList messages = one_large();
  const Submission done = submit(at(server.port()), messages);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_EQ(messages.order.at(0).result, DeliveryResult::Refused) << describe(messages.order[0]);
  EXPECT_EQ(messages.order.at(0).scope, DeliveryScope::Content);
  EXPECT_EQ(messages.order.at(0).reply_code, 552);
}

TEST(Content, WithdrawnBeforeItsFirstOctet) {
  std::string after;
  ScriptedSmtpServer server([&](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    peer.take_envelope();
    after = peer.read_rest();
  });
  MessageList messages = MessageList::to({"bob@contoso.com", "never@contoso.com"});
  messages.refuse_at = 1;
  const Submission done = submit(at(server.port()), messages);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_EQ(after, "");
  EXPECT_EQ(messages.order.at(0).result, DeliveryResult::Deferred);
  EXPECT_EQ(messages.order.at(0).problem, SessionProblem::LeaseLost);
  EXPECT_EQ(done.why(), SessionProblem::LeaseLost);
  EXPECT_EQ(messages.taken(), 1u);
}

TEST(Content, WithdrawnBeforeItsFinalDot) {
  std::string after;
  ScriptedSmtpServer server([&](ScriptedPeer& peer) {
    peer.greet(no_size_limit);
    peer.take_envelope();
    after = peer.read_rest();
  });
  MessageList messages({message_to("bob@contoso.com", large_content(20'000))});
  messages.refuse_at = 2;
  submit(at(server.port()), messages);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_EQ(messages.order.at(0).problem, SessionProblem::LeaseLost);
  EXPECT_EQ(messages.asked.size(), 2u);
  EXPECT_EQ(after.find("\r\n.\r\n"), std::string::npos);
}

TEST(Content, LargerThanTheServersSizeIsNotTried) {
  std::string after;
  ScriptedSmtpServer server([&](ScriptedPeer& peer) {
    peer.greet({"PIPELINING", "SIZE 60"});
    peer.expect("MAIL FROM:<marco@contoso.com> SIZE=51");
    peer.expect("RCPT TO:<small@contoso.com>");
    peer.expect("DATA");
    peer.send("250 ok\r\n250 ok\r\n354 go on\r\n");
    peer.read_content();
    peer.send("250 queued\r\n");
    peer.expect("QUIT");
    peer.send("221 bye\r\n");
  });
  MessageList messages({message_to("large@contoso.com", sample_content + sample_content),
                        message_to("small@contoso.com", sample_content)});
  const Submission done = submit(at(server.port()), messages);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_FALSE(done.problem);
  EXPECT_EQ(messages.delivery("large@contoso.com").result, DeliveryResult::Refused);
  EXPECT_EQ(messages.delivery("large@contoso.com").scope, DeliveryScope::Content);
  EXPECT_EQ(messages.delivery("small@contoso.com").result, DeliveryResult::Accepted);
}

TEST(Content, NonAsciiLocalPartNeedsSmtpUtf8) {
  const auto play = [](bool offered) {
    return [offered](ScriptedPeer& peer) {
      peer.greet(offered ? std::vector<std::string>{"SMTPUTF8", "8BITMIME"}
                         : std::vector<std::string>{"8BITMIME"});
      if (offered) {
        if (peer.expect("MAIL") != "MAIL FROM:<marco@contoso.com> SMTPUTF8")
          throw std::runtime_error("no SMTPUTF8");
        peer.send("250 ok\r\n");
        peer.expect("RCPT TO:<j\xc3\xbcrgen@contoso.com>");
        peer.send("250 ok\r\n");
        peer.expect("DATA");
        peer.send("354 go on\r\n");
        peer.read_content();
        peer.send("250 queued\r\n");
      }
      peer.expect("QUIT");
      peer.send("221 bye\r\n");
    };
  };
  for (const bool offered : {true, false}) {
    ScriptedSmtpServer server(play(offered));
    MessageList messages = MessageList::to({"j\xc3\xbcrgen@contoso.com"});
    EXPECT_FALSE(submit(at(server.port()), messages).problem);
    EXPECT_TRUE(played_to_the_end(server));
    EXPECT_EQ(messages.order.at(0).result, offered ? DeliveryResult::Accepted : DeliveryResult::Refused);
    if (!offered) {
      EXPECT_EQ(messages.order[0].scope, DeliveryScope::Recipient);
      EXPECT_EQ(messages.order[0].reply_code, 0);
      EXPECT_EQ(messages.order[0].enhanced_code, "5.6.7");
    }
  }
}

TEST(Content, OctetsThatMustNotBeSentAreAnErrorOfOurs) {
  for (const std::string& content :
       {std::string("a\nb\r\n"), std::string("a\rb\r\n"), std::string("a"), std::string(),
        std::string("a\0b\r\n", 5), std::string("\xc3\xa9\r\n"), std::string(999, 'x') + "\r\n"}) {
    std::string after;
    ScriptedSmtpServer server([&](ScriptedPeer& peer) {
      peer.greet(usual_extensions);
      after = peer.read_rest();
    });
    MessageList messages({message_to("bob@contoso.com", content)});
    EXPECT_THROW(submit(at(server.port()), messages), Error);
    EXPECT_TRUE(played_to_the_end(server));
    EXPECT_EQ(after, "");
    EXPECT_EQ(messages.order.at(0).result, DeliveryResult::Deferred);
  }
  ScriptedSmtpServer server([](ScriptedPeer& peer) { peer.greet(usual_extensions), peer.read_rest(); });
  MessageList injected(
      {message_to("bob@contoso.com", sample_content, "a@b.example>\r\nRCPT TO:<c@d.example")});
  EXPECT_THROW(submit(at(server.port()), injected), Error);
}

TEST(Content, CancelledBetweenMessagesButNeverUnderway) {
  std::atomic<bool> cancelled = false;
  ScriptedSmtpServer server([&](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    peer.take_envelope();
    peer.read_content();
    cancelled = true;
    // Several looks at `cancelled` later.
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    peer.send("250 queued\r\n");
    peer.read_rest();
  });
  MessageList messages = MessageList::to({"a@contoso.com", "b@contoso.com"});
  const Submission done = submit(at(server.port()), messages, patient, [&] { return cancelled.load(); });
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_EQ(messages.order.at(0).result, DeliveryResult::Accepted);
  EXPECT_EQ(messages.taken(), 1u);
  ASSERT_TRUE(done.problem);
  EXPECT_EQ(done.why(), SessionProblem::None);
}

TEST(Content, CancelledInTheEnvelope) {
  std::atomic<bool> cancelled = false;
  ScriptedSmtpServer server([&](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    peer.expect("MAIL");
    cancelled = true;
    peer.read_rest();
  });
  MessageList messages = MessageList::to({"a@contoso.com"});
  const Submission done = submit(at(server.port()), messages, patient, [&] { return cancelled.load(); });
  EXPECT_EQ(messages.order.at(0).result, DeliveryResult::Deferred);
  EXPECT_EQ(messages.order.at(0).scope, DeliveryScope::Session);
  EXPECT_TRUE(done.problem);
}

// What the caller throws comes out of submit(), and every message that was taken has its outcome.
TEST(Content, ErrorsOfTheStreamComeThrough) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    peer.take_envelope();
    peer.read_content();
    peer.send("250 queued\r\n");
    peer.read_rest();
  });
  MessageList messages = MessageList::to({"a@contoso.com", "b@contoso.com"});
  messages.before_next = [](std::size_t taken) {
    if (taken == 1) throw Error(ErrorCode::Unavailable, "the store is down");
  };
  EXPECT_THROW(submit(at(server.port()), messages), Error);
  EXPECT_EQ(messages.finished_count(), 1u);
}

}  // namespace
}  // namespace dialin::test
