// SPDX-License-Identifier: Apache-2.0
// The replies to one message's envelope, broken off after every one of them in every way.
#include <gtest/gtest.h>

#include "contract/smtp/broken_group.h"
#include "contract/smtp/serving.h"
#include "contract/smtp/submission.h"

namespace dialin::test {
namespace {

const Group accepted = {"Accepted", {"250 2.1.0 ok\r\n", "250 2.1.5 ok\r\n", "354 go on\r\n"}};
const Group refused = {
    "Refused", {"250 2.1.0 ok\r\n", "550 5.1.1 no such user\r\n", "554 5.5.1 no valid recipients\r\n"}, true};

// One message without pipelining, and QUIT.
void play_step_by_step(ScriptedPeer& peer) {
  peer.greet(usual_extensions);
  play_without_pipelining(peer);
  peer.expect("QUIT");
  peer.send("221 bye\r\n");
}

class BrokenGroup : public ::testing::TestWithParam<Break> {};

TEST_P(BrokenGroup, FailsNobodyWhoWasNotRefused) {
  const auto& [group, count, ending] = GetParam();
  std::string after;
  ScriptedSmtpServer server({[&, group = group, count = count, ending = ending](ScriptedPeer& peer) {
                               peer.greet(usual_extensions);
                               peer.expect("MAIL FROM:<marco@contoso.com>");
                               peer.expect("RCPT TO:<bob@contoso.com>");
                               peer.expect("DATA");
                               after = break_off(peer, *group, count, ending);
                             },
                             play_step_by_step});
  MessageList messages = MessageList::to({"bob@contoso.com"});
  const Submission done = submit(at(server.port()), messages, impatient);
  EXPECT_TRUE(played_to_the_end(server));
  ASSERT_EQ(messages.finished_count(), 1u);
  const Delivery& delivery = messages.order[0];
  SCOPED_TRACE(describe(delivery) + "\n" + done.trace);
  // With a refused recipient the message has its outcome, and how the connection ends is nobody's problem;
  // after the last reply the server owes nothing that its silence could leave out.
  const bool decided = group->refuses && count >= 2;
  const bool no_problem =
      ending == Ending::OneTooMany || (decided && (ending != Ending::Silence || count == 3));
  EXPECT_EQ(done.problem.has_value(), !no_problem);

  const bool content_may_go = !group->refuses && count == 3;
  if (ending == Ending::OneTooMany) {
    // Nobody knows which reply belongs to which command: none of them counts, and the message goes over a new
    // connection one command at a time.
    EXPECT_EQ(delivery.result, DeliveryResult::Accepted);
    EXPECT_EQ(server.connections(), 2u);
    EXPECT_EQ(after.find("Subject"), std::string::npos);
  } else if (group->refuses && count >= 2) {
    EXPECT_EQ(delivery.result, DeliveryResult::Refused);
    EXPECT_EQ(delivery.scope, DeliveryScope::Recipient);
    EXPECT_EQ(delivery.enhanced_code, "5.1.1");
  } else if (content_may_go && ending == Ending::Silence) {
    EXPECT_NE(after.find("Subject"), std::string::npos);
    EXPECT_EQ(delivery.result, DeliveryResult::Unknown);
    EXPECT_EQ(delivery.scope, DeliveryScope::None);
  } else if (content_may_go && ending == Ending::Reset) {
    // Whether the content was handed over before the reset was seen is a race of the network.
    EXPECT_TRUE(delivery.result == DeliveryResult::Deferred || delivery.result == DeliveryResult::Unknown);
  } else {
    EXPECT_EQ(delivery.result, DeliveryResult::Deferred);
    EXPECT_EQ(delivery.scope, DeliveryScope::Session);
    EXPECT_EQ(delivery.problem,
              ending == Ending::Goodbye ? SessionProblem::TooBusy : SessionProblem::Unreachable);
  }
}

INSTANTIATE_TEST_SUITE_P(AfterEveryPrefix, BrokenGroup, every_break(accepted, refused, {0, 1, 2, 3}),
                         name_of_break);

TEST(Group, IsOneWriteWithPipelining) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    peer.expect("MAIL FROM:<marco@contoso.com> SIZE=51 RET=HDRS ENVID=id-of-bob@contoso.com");
    // All of it came in one packet.
    if (!peer.has_unread()) throw std::runtime_error("RCPT and DATA did not come with MAIL");
    peer.expect("RCPT TO:<bob@contoso.com>");
    peer.expect("DATA");
    peer.send("250 ok\r\n250 ok\r\n354 go on\r\n");
    if (peer.read_content() != "Subject: hello\r\n\r\n..A line that begins with a dot.\r\n.\r\n") {
      throw std::runtime_error("the dot was not doubled");
    }
    peer.send("250 2.0.0 queued\r\n");
    peer.expect("QUIT");
    peer.send("221 bye\r\n");
  });
  MessageList messages = MessageList::to({"bob@contoso.com"});
  const Submission done = submit(at(server.port()), messages);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_FALSE(done.problem) << describe(*done.problem);
  EXPECT_EQ(messages.order.at(0).result, DeliveryResult::Accepted);
  EXPECT_EQ(messages.asked.size(), 1u);
  EXPECT_NE(done.trace.find("C: <51 octets of content>"), std::string::npos);
  EXPECT_EQ(done.trace.find("begins with a dot"), std::string::npos);
}

TEST(Group, IsNotUsedWithoutPipelining) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet({"8BITMIME"});
    play_without_pipelining(peer);
    play_without_pipelining(peer);
    peer.expect("QUIT");
    peer.send("221 bye\r\n");
  });
  MessageList messages = MessageList::to({"a@contoso.com", "b@contoso.com"});
  const Submission done = submit(at(server.port()), messages);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_FALSE(done.problem);
  EXPECT_EQ(messages.order.at(1).result, DeliveryResult::Accepted);
}

TEST(Group, IsNotUsedWhenSwitchedOff) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    play_without_pipelining(peer);
    peer.expect("QUIT");
    peer.send("221 bye\r\n");
  });
  MessageList messages = MessageList::to({"a@contoso.com"});
  SubmissionServer way = at(server.port());
  way.pipelining = Pipelining::Off;
  submit(way, messages);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_EQ(messages.order.at(0).result, DeliveryResult::Accepted);
}

TEST(Group, RefusedRecipientCostsNoConnectionAndOneErrorEach) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    peer.expect("MAIL");
    peer.expect("RCPT TO:<a@contoso.com>");
    peer.expect("DATA");
    peer.send("250 ok\r\n550 5.1.1 no a\r\n503 no recipient\r\n");
    // The envelope is still open: RSET goes first, and DATA waits for RCPT.
    peer.expect("RSET");
    peer.expect("MAIL");
    peer.expect("RCPT TO:<b@contoso.com>");
    if (peer.has_unread()) throw std::runtime_error("DATA did not wait");
    peer.send("250 reset\r\n250 ok\r\n550 5.1.1 no b\r\n");
    peer.expect("RSET");
    peer.expect("MAIL");
    peer.expect("RCPT TO:<c@contoso.com>");
    peer.send("250 reset\r\n250 ok\r\n250 ok\r\n");
    peer.expect("DATA");
    peer.send("354 go on\r\n");
    peer.read_content();
    peer.send("250 queued\r\n");
    peer.expect("MAIL");
    peer.expect("RCPT TO:<d@contoso.com>");
    peer.expect("DATA");
    peer.send("250 ok\r\n250 ok\r\n354 go on\r\n");
    peer.read_content();
    peer.send("250 queued\r\n");
    peer.expect("QUIT");
    peer.send("221 bye\r\n");
  });
  MessageList messages =
      MessageList::to({"a@contoso.com", "b@contoso.com", "c@contoso.com", "d@contoso.com"});
  const Submission done = submit(at(server.port()), messages);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_FALSE(done.problem);
  EXPECT_EQ(server.connections(), 1u);
  EXPECT_EQ(messages.delivery("a@contoso.com").result, DeliveryResult::Refused);
  EXPECT_EQ(messages.delivery("b@contoso.com").text, "no b");
  EXPECT_EQ(messages.delivery("c@contoso.com").result, DeliveryResult::Accepted);
  EXPECT_EQ(messages.delivery("d@contoso.com").result, DeliveryResult::Accepted);
}

TEST(Group, LoneDotEndsADataThatNobodyRefused) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    peer.expect("MAIL");
    peer.expect("RCPT");
    peer.expect("DATA");
    peer.send("250 ok\r\n550 5.1.1 no a\r\n354 go on\r\n");
    if (peer.read_line() != ".") throw std::runtime_error("no lone dot");
    peer.send("554 5.5.1 no valid recipients\r\n");
    peer.expect("MAIL");
    peer.expect("RCPT TO:<b@contoso.com>");
    peer.send("250 ok\r\n250 ok\r\n");
    peer.expect("DATA");
    peer.send("354 go on\r\n");
    peer.read_content();
    peer.send("250 queued\r\n");
    peer.expect("QUIT");
    peer.send("221 bye\r\n");
  });
  MessageList messages = MessageList::to({"a@contoso.com", "b@contoso.com"});
  EXPECT_FALSE(submit(at(server.port()), messages).problem);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_EQ(messages.delivery("a@contoso.com").scope, DeliveryScope::Recipient);
  EXPECT_EQ(messages.delivery("b@contoso.com").result, DeliveryResult::Accepted);
}

TEST(Group, LoneDotThatIsAcceptedEndsTheSession) {
  const auto accept_nothing = [](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    peer.expect("MAIL");
    peer.expect("RCPT");
    peer.expect("DATA");
    peer.send("250 ok\r\n550 5.1.1 no a\r\n354 go on\r\n");
    if (peer.read_line() != ".") throw std::runtime_error("no lone dot");
    peer.send("250 2.0.0 queued\r\n");
    if (!peer.read_rest().empty()) throw std::runtime_error("the client went on");
  };
  ScriptedSmtpServer server({accept_nothing, play_step_by_step});
  MessageList messages = MessageList::to({"a@contoso.com", "b@contoso.com"});
  EXPECT_FALSE(submit(at(server.port()), messages).problem);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_EQ(messages.delivery("a@contoso.com").result, DeliveryResult::Refused);
  EXPECT_EQ(messages.delivery("b@contoso.com").result, DeliveryResult::Accepted);
}

TEST(Group, SenderIsNotTheRecipientsFault) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    peer.expect("MAIL");
    peer.expect("RCPT");
    peer.expect("DATA");
    peer.send("550 5.7.1 not from you\r\n503 no sender\r\n503 no sender\r\n");
    peer.expect("QUIT");
    peer.send("221 bye\r\n");
  });
  MessageList messages = MessageList::to({"a@contoso.com"});
  EXPECT_FALSE(submit(at(server.port()), messages).problem);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_EQ(messages.order.at(0).result, DeliveryResult::Deferred);
  EXPECT_EQ(messages.order.at(0).scope, DeliveryScope::Sender);
}

TEST(Group, WhatIsTheSessionsFaultEndsIt) {
  std::string after;
  ScriptedSmtpServer server([&](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    peer.expect("MAIL");
    peer.expect("RCPT");
    peer.expect("DATA");
    peer.send("451 4.3.0 not now\r\n503 no sender\r\n503 no sender\r\n");
    after = peer.read_rest();
  });
  MessageList messages = MessageList::to({"a@contoso.com", "b@contoso.com"});
  const Submission done = submit(at(server.port()), messages);
  EXPECT_TRUE(played_to_the_end(server));
  ASSERT_TRUE(done.problem);
  EXPECT_EQ(done.problem->reply_code, 451);
  EXPECT_EQ(messages.taken(), 1u);
  EXPECT_EQ(messages.order.at(0).scope, DeliveryScope::Session);
  EXPECT_EQ(after, "QUIT\r\n");
}

TEST(Group, RefusedRsetEndsTheSession) {
  const auto know_no_rset = [](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    peer.expect("MAIL");
    peer.expect("RCPT");
    peer.expect("DATA");
    peer.send("250 ok\r\n550 5.1.1 no a\r\n503 no recipient\r\n");
    peer.expect("RSET");
    peer.send("500 what?\r\n250 ok\r\n250 ok\r\n");
    peer.read_rest();
  };
  ScriptedSmtpServer server({know_no_rset, play_step_by_step});
  MessageList messages = MessageList::to({"a@contoso.com", "b@contoso.com"});
  EXPECT_FALSE(submit(at(server.port()), messages).problem);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_EQ(messages.delivery("a@contoso.com").result, DeliveryResult::Refused);
  EXPECT_EQ(messages.delivery("b@contoso.com").result, DeliveryResult::Accepted);
}

TEST(Group, WornOutSessionIsFollowedByANewOne) {
  std::atomic<std::size_t> refusals = 0;
  ScriptedSmtpServer server([&](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    for (;;) {
      const std::string line = peer.read_line();
      if (line.rfind("RCPT", 0) == 0) {
        ++refusals;
        peer.send("550 5.1.1 no such user\r\n");
      } else if (line == "DATA") {
        peer.send("554 5.5.1 no valid recipients\r\n");
      } else if (line == "QUIT") {
        peer.send("221 bye\r\n");
        return;
      } else {
        peer.send("250 ok\r\n");
      }
    }
  });
  std::vector<std::string> recipients;
  for (int i = 0; i < 27; ++i) recipients.push_back("p" + std::to_string(i) + "@contoso.com");
  MessageList messages = MessageList::to(recipients);
  EXPECT_FALSE(submit(at(server.port()), messages).problem);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_EQ(refusals, 27u);
  EXPECT_EQ(messages.finished_count(), 27u);
  // Nine refused recipients are ten errors: RCPT each, and DATA once.
  EXPECT_EQ(server.connections(), 3u);
}

TEST(Group, ReplyTooManyAfterTheDotIsNotTheNextMessages) {
  std::string after;
  const auto say_it_twice = [&](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    peer.take_envelope();
    peer.read_content();
    peer.send("250 2.0.0 queued\r\n250 2.0.0 queued again\r\n");
    after = peer.read_rest();
  };
  ScriptedSmtpServer server({say_it_twice, play_step_by_step});
  MessageList messages = MessageList::to({"a@contoso.com", "b@contoso.com"});
  EXPECT_FALSE(submit(at(server.port()), messages).problem);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_EQ(messages.delivery("a@contoso.com").result, DeliveryResult::Accepted);
  EXPECT_EQ(messages.delivery("b@contoso.com").result, DeliveryResult::Accepted);
  EXPECT_EQ(server.connections(), 2u);
  EXPECT_EQ(after, "");
}

TEST(Group, MessageGoesOverANewConnectionWhenTheServerClosedAnIdleOne) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    peer.take_envelope();
    peer.read_content();
    peer.send("250 queued\r\n");
    // And closes: some take one message a connection.
  });
  MessageList messages = MessageList::to({"a@contoso.com", "b@contoso.com", "c@contoso.com"});
  const Submission done = submit(at(server.port()), messages);
  EXPECT_TRUE(played_to_the_end(server));
  for (const Delivery& delivery : messages.order) {
    EXPECT_EQ(delivery.result, DeliveryResult::Accepted) << describe(delivery);
  }
  EXPECT_EQ(messages.finished_count(), 3u);
}

TEST(Group, ServerThatClosesAfterErrorsIsAskedAgainOnANewConnection) {
  const auto refuse_one = [](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    peer.expect("MAIL");
    peer.expect("RCPT");
    peer.expect("DATA");
    peer.send("250 ok\r\n550 5.1.1 no\r\n503 no recipient\r\n");
    peer.expect("RSET");
    peer.send("421 4.7.0 too many errors\r\n");
  };
  ScriptedSmtpServer server(refuse_one);
  MessageList messages = MessageList::to({"a@contoso.com", "b@contoso.com", "c@contoso.com"});
  const Submission done = submit(at(server.port()), messages);
  EXPECT_EQ(messages.finished_count(), 3u);
  for (const Delivery& delivery : messages.order) EXPECT_EQ(delivery.result, DeliveryResult::Refused);
  EXPECT_EQ(server.connections(), 3u);
}

}  // namespace
}  // namespace dialin::test
