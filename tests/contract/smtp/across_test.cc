// SPDX-License-Identifier: Apache-2.0
// Pipelining::Across: the envelope of the next message behind the content of this one, broken off after every
// reply in every way.
#include <gtest/gtest.h>

#include "contract/smtp/broken_group.h"
#include "contract/smtp/serving.h"
#include "contract/smtp/submission.h"

namespace dialin::test {
namespace {

SubmissionServer across(std::uint16_t port) {
  SubmissionServer server = at(port);
  server.pipelining = Pipelining::Across;
  return server;
}

TEST(Across, NextEnvelopeGoesWithTheFinalDot) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    peer.take_envelope();
    peer.read_content();
    if (!peer.has_unread()) throw std::runtime_error("nothing came with the final dot");
    peer.expect("MAIL FROM:<marco@contoso.com>");
    peer.expect("RCPT TO:<b@contoso.com>");
    peer.expect("DATA");
    peer.send("250 2.0.0 queued\r\n250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go on\r\n");
    peer.read_content();
    if (peer.has_unread()) throw std::runtime_error("more than the last content came");
    peer.send("250 2.0.0 queued\r\n");
    peer.expect("QUIT");
    peer.send("221 bye\r\n");
  });
  MessageList messages = MessageList::to({"a@contoso.com", "b@contoso.com"});
  const Submission done = submit(across(server.port()), messages);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_FALSE(done.problem);
  EXPECT_EQ(messages.delivery("a@contoso.com").result, DeliveryResult::Accepted);
  EXPECT_EQ(messages.delivery("b@contoso.com").result, DeliveryResult::Accepted);
  // Each content was asked for once, right before it.
  EXPECT_EQ(messages.asked, (std::vector<std::string>{"id-of-a@contoso.com", "id-of-b@contoso.com"}));
  EXPECT_NE(done.trace.find("C: <51 octets of content>\nC: MAIL FROM"), std::string::npos) << done.trace;
}

TEST(Across, IsNotUsedWhereTheServerDoesNotOfferPipelining) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet({"8BITMIME"});
    play_without_pipelining(peer);
    play_without_pipelining(peer);
    peer.expect("QUIT");
    peer.send("221 bye\r\n");
  });
  MessageList messages = MessageList::to({"a@contoso.com", "b@contoso.com"});
  EXPECT_FALSE(submit(across(server.port()), messages).problem);
  EXPECT_TRUE(played_to_the_end(server));
}

// As Dovecot's submission service 2.3, which sends the mail on and dies.
TEST(Across, AServerThatDiesOfItLosesOneReplyAndIsSpared) {
  const auto dies = [](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    peer.take_envelope();
    peer.read_content();
    if (peer.has_unread()) return peer.reset();
    peer.send("250 2.0.0 queued\r\n");
    for (int i = 0; i < 2; ++i) {
      peer.take_envelope();
      peer.read_content();
      if (peer.has_unread()) throw std::runtime_error("an envelope came with the final dot again");
      peer.send("250 2.0.0 queued\r\n");
    }
    peer.expect("QUIT");
    peer.send("221 bye\r\n");
  };
  ScriptedSmtpServer server(std::vector<ScriptedSmtpServer::Script>{dies, dies});
  SmtpTransport transport(patient);
  MessageList first = MessageList::to({"a@contoso.com", "b@contoso.com", "c@contoso.com"});
  EXPECT_TRUE(transport.submit(across(server.port()), first, nullptr, nullptr));
  EXPECT_EQ(first.delivery("a@contoso.com").result, DeliveryResult::Unknown);
  // Another call, as a run makes it for what is left.
  MessageList left = MessageList::to({"b@contoso.com", "c@contoso.com", "d@contoso.com"});
  EXPECT_FALSE(transport.submit(across(server.port()), left, nullptr, nullptr));
  EXPECT_EQ(left.delivery("d@contoso.com").result, DeliveryResult::Accepted);
  EXPECT_TRUE(played_to_the_end(server));
}

TEST(Across, IsNotUsedWhereBurlTellsDovecot) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet({"PIPELINING", "BURL imap"});
    for (int i = 0; i < 2; ++i) {
      peer.take_envelope();
      peer.read_content();
      if (peer.has_unread()) throw std::runtime_error("an envelope came with the final dot");
      peer.send("250 2.0.0 queued\r\n");
    }
    peer.expect("QUIT");
    peer.send("221 bye\r\n");
  });
  MessageList messages = MessageList::to({"a@contoso.com", "b@contoso.com"});
  EXPECT_FALSE(submit(across(server.port()), messages).problem);
  EXPECT_TRUE(played_to_the_end(server));
}

// The reply to the first message's dot, and to the second one's envelope.
const Group accepted = {"Accepted",
                        {"250 2.0.0 queued\r\n", "250 2.1.0 ok\r\n", "250 2.1.5 ok\r\n", "354 go on\r\n"}};
const Group refused = {"Refused",
                       {"250 2.0.0 queued\r\n", "250 2.1.0 ok\r\n", "550 5.1.1 no such user\r\n",
                        "554 5.5.1 no valid recipients\r\n"},
                       true};

class BrokenAcross : public ::testing::TestWithParam<Break> {};

TEST_P(BrokenAcross, OnlyTheFirstMayHaveArrivedAndNobodyIsLost) {
  const auto& [group, count, ending] = GetParam();
  std::string after;
  const auto broken = [&, group = group, count = count, ending = ending](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    peer.take_envelope();
    peer.read_content();
    peer.expect("MAIL");
    peer.expect("RCPT TO:<b@contoso.com>");
    peer.expect("DATA");
    after = break_off(peer, *group, count, ending);
  };
  ScriptedSmtpServer server({broken, obliging(Rules())});
  MessageList messages = MessageList::to({"a@contoso.com", "b@contoso.com"});
  const Submission done = submit(across(server.port()), messages, impatient);
  EXPECT_TRUE(played_to_the_end(server));
  ASSERT_EQ(messages.finished_count(), 2u);
  const Delivery& first = messages.delivery("a@contoso.com");
  const Delivery& second = messages.delivery("b@contoso.com");
  SCOPED_TRACE(describe(first) + "\n" + describe(second) + "\n" + done.trace);

  if (count > 0 || ending == Ending::OneTooMany) {
    EXPECT_EQ(first.result, DeliveryResult::Accepted);
  } else if (ending == Ending::Goodbye) {
    EXPECT_EQ(first.result, DeliveryResult::Deferred);
    EXPECT_EQ(first.problem, SessionProblem::TooBusy);
  } else {
    EXPECT_EQ(first.result, DeliveryResult::Unknown);
  }

  const bool replied = group->refuses ? count >= 3 : count == 4;
  if (ending == Ending::OneTooMany) {
    // Whoever is not certain goes again, one command at a time. Nothing of the second content went over the
    // first connection, whichever reply it could be taken to answer.
    if (group->refuses && count == 4) {
      EXPECT_EQ(second.result, DeliveryResult::Accepted);  // the refusal came in a group that cannot be right
    } else {
      EXPECT_NE(second.result, DeliveryResult::Unknown);
    }
    EXPECT_EQ(after.find("Subject"), std::string::npos);
    EXPECT_FALSE(done.problem);
  } else if (replied && group->refuses) {
    EXPECT_EQ(second.result, DeliveryResult::Refused);
    EXPECT_EQ(second.scope, DeliveryScope::Recipient);
    EXPECT_EQ(second.enhanced_code, "5.1.1");
  } else if (replied && ending == Ending::Silence) {
    EXPECT_NE(after.find("Subject"), std::string::npos);
    EXPECT_EQ(second.result, DeliveryResult::Unknown);
  } else if (replied && ending == Ending::Reset) {
    // Whether the content was handed over before the reset was seen is a race of the network.
    EXPECT_TRUE(second.result == DeliveryResult::Accepted || second.result == DeliveryResult::Unknown ||
                second.scope == DeliveryScope::Session);
  } else if (count > 0 && (ending == Ending::Goodbye || ending == Ending::Reset)) {
    // The server went after a message: a new connection takes the next.
    EXPECT_EQ(second.result, DeliveryResult::Accepted);
    EXPECT_EQ(server.connections(), 2u);
    EXPECT_FALSE(done.problem);
  } else {
    EXPECT_EQ(second.result, DeliveryResult::Deferred);
    EXPECT_EQ(second.scope, DeliveryScope::Session);
    EXPECT_TRUE(done.problem);
  }
}

INSTANTIATE_TEST_SUITE_P(AfterEveryPrefix, BrokenAcross, every_break(accepted, refused, {0, 1, 2, 3, 4}),
                         name_of_break);

std::vector<std::string> people(int count) {
  std::vector<std::string> addresses;
  for (int i = 0; i < count; ++i) addresses.push_back("p" + std::to_string(i) + "@contoso.com");
  return addresses;
}

TEST(Across, EveryTenthRecipientRefused) {
  const auto tenth = [](const std::string& line) { return line.find("0@contoso.com>") != std::string::npos; };
  ScriptedSmtpServer server(obliging({.rcpt = [&](const std::string& line) {
    return tenth(line) ? "550 5.1.1 no such user\r\n" : "250 2.1.5 ok\r\n";
  }}));
  MessageList messages = MessageList::to(people(200));
  EXPECT_FALSE(submit(across(server.port()), messages).problem);
  EXPECT_TRUE(played_to_the_end(server));
  ASSERT_EQ(messages.finished_count(), 200u);
  for (int i = 0; i < 200; ++i) {
    const Delivery& delivery = messages.delivery("p" + std::to_string(i) + "@contoso.com");
    EXPECT_EQ(delivery.result, i % 10 == 0 ? DeliveryResult::Refused : DeliveryResult::Accepted) << i;
  }
  // Isolated refusals open no connection.
  EXPECT_EQ(server.connections(), 1u);
}

TEST(Across, EverybodyGreylistedOnce) {
  std::set<std::string> seen;
  ScriptedSmtpServer server(obliging({.rcpt = [&](const std::string& line) {
    return seen.insert(line).second ? "450 4.7.1 greylisted\r\n" : "250 2.1.5 ok\r\n";
  }}));
  for (const DeliveryResult expected : {DeliveryResult::Deferred, DeliveryResult::Accepted}) {
    MessageList messages = MessageList::to(people(50));
    EXPECT_FALSE(submit(across(server.port()), messages).problem);
    EXPECT_TRUE(played_to_the_end(server));
    ASSERT_EQ(messages.finished_count(), 50u);
    for (const Delivery& delivery : messages.order) {
      EXPECT_EQ(delivery.result, expected) << describe(delivery);
      EXPECT_EQ(delivery.scope,
                expected == DeliveryResult::Deferred ? DeliveryScope::Recipient : DeliveryScope::None);
    }
  }
}

TEST(Across, ServerThatClosesAfterErrorsLosesNobody) {
  // It says 421 in the place of the next reply, whatever that is, and closes.
  for (const int limit : {1, 2, 3, 5}) {
    ScriptedSmtpServer server(obliging({.rcpt =
                                            [](const std::string& line) {
                                              return line.find("@bad.") != std::string::npos
                                                         ? "550 5.1.1 no such user\r\n"
                                                         : "250 2.1.5 ok\r\n";
                                            },
                                        .errors_until_goodbye = limit}));
    std::vector<std::string> recipients;
    for (int i = 0; i < 60; ++i) {
      recipients.push_back("p" + std::to_string(i) + (i % 3 == 0 ? "@contoso.com" : "@bad.contoso.com"));
    }
    MessageList messages = MessageList::to(recipients);
    const Submission done = submit(across(server.port()), messages);
    EXPECT_FALSE(done.problem) << describe(*done.problem);
    EXPECT_TRUE(played_to_the_end(server));
    ASSERT_EQ(messages.finished_count(), 60u);
    for (int i = 0; i < 60; ++i) {
      const Delivery& delivery = messages.delivery(recipients[static_cast<std::size_t>(i)]);
      EXPECT_EQ(delivery.result, i % 3 == 0 ? DeliveryResult::Accepted : DeliveryResult::Refused)
          << limit << " " << i << " " << describe(delivery);
    }
  }
}

TEST(Across, RepliesInPiecesOfAnOctet) {
  ScriptedSmtpServer server(obliging({.octets_apart = true}));
  MessageList messages = MessageList::to(people(20));
  EXPECT_FALSE(submit(across(server.port()), messages).problem);
  EXPECT_TRUE(played_to_the_end(server));
  for (const Delivery& delivery : messages.order) EXPECT_EQ(delivery.result, DeliveryResult::Accepted);
}

TEST(Across, WithdrawnMessageTakesNoEnvelopeAlong) {
  std::string after;
  ScriptedSmtpServer server([&](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    peer.take_envelope();
    after = peer.read_rest();
  });
  MessageList messages = MessageList::to({"a@contoso.com", "b@contoso.com"});
  messages.refuse_at = 1;
  const Submission done = submit(across(server.port()), messages);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_EQ(after, "");
  EXPECT_EQ(done.why(), SessionProblem::LeaseLost);
  EXPECT_EQ(messages.delivery("a@contoso.com").problem, SessionProblem::LeaseLost);
  // It was not withdrawn, only not sent.
  EXPECT_EQ(messages.delivery("b@contoso.com").problem, SessionProblem::None);
  EXPECT_EQ(messages.delivery("b@contoso.com").scope, DeliveryScope::Session);
}

TEST(Across, ServerThatStopsReadingUntilItsReplyIsTakenIsNoDeadlock) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    peer.take_envelope();
    peer.read_content();
    peer.shrink_receive_buffer();
    std::string reply;
    for (int i = 0; i < 31; ++i) reply += "250-2.0.0 queued " + std::string(1900, 'x') + "\r\n";
    peer.send(reply + "250 2.0.0 queued\r\n");
    peer.expect("MAIL");
    peer.expect("RCPT");
    peer.expect("DATA");
    peer.send("250 ok\r\n250 ok\r\n354 go on\r\n");
    peer.read_content();
    peer.send("250 queued\r\n");
    peer.read_rest();
  });
  MessageList messages = MessageList::to({"a@contoso.com", "b@contoso.com"});
  EXPECT_FALSE(submit(across(server.port()), messages).problem);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_EQ(messages.order.at(0).result, DeliveryResult::Accepted);
  EXPECT_EQ(messages.order.at(1).result, DeliveryResult::Accepted);
}

}  // namespace
}  // namespace dialin::test
