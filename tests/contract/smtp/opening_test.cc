// SPDX-License-Identifier: Apache-2.0
// Connecting, greeting, EHLO, STARTTLS and AUTH, as servers and those between do them wrong.
#include <gtest/gtest.h>

#include <atomic>

#include "base/encoding.h"
#include "base/error.h"
#include "contract/smtp/submission.h"
#include "support/free_port.h"

namespace dialin::test {
namespace {

void take_one(ScriptedPeer& peer) {
  peer.take_envelope();
  peer.read_content();
  peer.send("250 2.0.0 queued\r\n");
  peer.expect("QUIT");
  peer.send("221 bye\r\n");
}

Submission submit_one(const SubmissionServer& way, const smtp::Timeouts& timeouts = patient) {
  MessageList messages = MessageList::to({"bob@contoso.com"});
  Submission done = submit(way, messages, timeouts);
  // Before the session is open nothing is asked for.
  if (done.problem) {
    EXPECT_EQ(messages.taken(), 0u);
    EXPECT_EQ(done.problem->result, DeliveryResult::Deferred);
    EXPECT_EQ(done.problem->scope, DeliveryScope::Session);
  } else {
    EXPECT_EQ(messages.order.at(0).result, DeliveryResult::Accepted);
  }
  return done;
}

SubmissionServer requiring_tls(std::uint16_t port, const CertificateAuthority& authority) {
  SubmissionServer way = at(port);
  way.tls = TlsMode::Required;
  way.ca_file = authority.file().string();
  return way;
}

TEST(Opening, NobodyListens) {
  const Submission done = submit_one(at(free_port()));
  EXPECT_EQ(done.why(), SessionProblem::Unreachable);
  EXPECT_NE(describe(*done.problem).find("127.0.0.1: Connection refused"), std::string::npos);
}

TEST(Opening, NoSuchName) {
  SubmissionServer way = at(25);
  way.host = "no-such-host.invalid";
  EXPECT_EQ(submit_one(way).why(), SessionProblem::Unreachable);
}

TEST(Opening, EveryAddressIsTried) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    take_one(peer);
  });
  // ::1 first on most hosts, where nobody listens.
  SubmissionServer way = at(server.port());
  way.host = "localhost";
  EXPECT_FALSE(submit_one(way).problem);
  EXPECT_TRUE(played_to_the_end(server));
}

TEST(Opening, RepliesMayComeOctetByOctet) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.send_octets_apart("220-a greeting\r\n220 of two lines\r\n");
    peer.expect("EHLO client.example.org");
    peer.send_octets_apart("250-scripted\r\n250-PIPELINING\r\n250 DSN\r\n");
    peer.expect("MAIL");
    peer.expect("RCPT");
    peer.expect("DATA");
    peer.send_octets_apart("250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go on\r\n");
    peer.read_content();
    peer.send_octets_apart("250 2.0.0 queued\r\n");
    peer.expect("QUIT");
    peer.send("221 bye\r\n");
  });
  EXPECT_FALSE(submit_one(at(server.port())).problem);
  EXPECT_TRUE(played_to_the_end(server));
}

TEST(Opening, ServerThatKnowsOnlyHelo) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.send("220 old\r\n");
    peer.expect("EHLO");
    peer.send("502 what?\r\n");
    peer.expect("HELO client.example.org");
    peer.send("250 hello\r\n");
    if (peer.expect("MAIL") != "MAIL FROM:<marco@contoso.com>")
      throw std::runtime_error("parameters after HELO");
    peer.send("250 ok\r\n");
    peer.expect("RCPT");
    peer.send("250 ok\r\n");
    peer.expect("DATA");
    peer.send("354 go on\r\n");
    peer.read_content();
    peer.send("250 queued\r\n");
    peer.expect("QUIT");
    peer.send("221 bye\r\n");
  });
  EXPECT_FALSE(submit_one(at(server.port())).problem);
  EXPECT_TRUE(played_to_the_end(server));
}

TEST(Opening, GreetingThatIsNone) {
  struct Case {
    std::string greeting;
    SessionProblem problem;
  };
  for (const Case& c :
       {Case{"554 no service for you\r\n", SessionProblem::Unreachable},
        Case{"421 4.3.2 too many connections\r\n", SessionProblem::TooBusy},
        Case{"SSH-2.0-OpenSSH_9.2\r\n", SessionProblem::ProtocolBroken},
        Case{"220 " + std::string(100'000, 'x'), SessionProblem::ProtocolBroken},
        Case{"220 a\r\n220 b\r\n", SessionProblem::ProtocolBroken}, Case{"", SessionProblem::Unreachable}}) {
    ScriptedSmtpServer server([&](ScriptedPeer& peer) {
      if (!c.greeting.empty()) peer.send(c.greeting);
      if (!c.greeting.empty()) peer.read_rest(std::chrono::seconds(2));
    });
    EXPECT_EQ(submit_one(at(server.port())).why(), c.problem) << c.greeting.substr(0, 40);
  }
}

TEST(Opening, StalledServerAtEveryStep) {
  for (int step = 0; step < 2; ++step) {
    ScriptedSmtpServer server([&](ScriptedPeer& peer) {
      if (step == 1) peer.send("220 hello\r\n");
      peer.read_rest();
    });
    const Submission done = submit_one(at(server.port()), impatient);
    EXPECT_EQ(done.why(), SessionProblem::Unreachable);
    EXPECT_NE(done.problem->text.find("in time"), std::string::npos);
  }
}

TEST(Opening, CancelledWhileItWaits) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) { peer.read_rest(); });
  MessageList messages = MessageList::to({"bob@contoso.com"});
  const auto begin = std::chrono::steady_clock::now();
  const Submission done = submit(at(server.port()), messages, patient, [&] {
    return std::chrono::steady_clock::now() - begin > std::chrono::milliseconds(100);
  });
  EXPECT_TRUE(done.problem);
  EXPECT_EQ(done.why(), SessionProblem::None);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

void offer_tls(ScriptedPeer& peer, const Certificate& certificate) {
  peer.greet({"STARTTLS", "PIPELINING", "AUTH PLAIN"});
  peer.expect("STARTTLS");
  peer.send("220 go\r\n");
  peer.start_tls(certificate);
}

TEST(Tls, ExtensionsAreForgottenAndAskedAgain) {
  const CertificateAuthority authority;
  const Certificate certificate = authority.issue();
  ScriptedSmtpServer server([&](ScriptedPeer& peer) {
    offer_tls(peer, certificate);
    // Neither PIPELINING nor DSN any more.
    peer.answer_hello({"SIZE 1000"});
    if (peer.expect("MAIL") != "MAIL FROM:<marco@contoso.com> SIZE=51")
      throw std::runtime_error("not forgotten");
    if (peer.has_unread()) throw std::runtime_error("PIPELINING was not forgotten");
    peer.send("250 ok\r\n");
    peer.expect("RCPT");
    peer.send("250 ok\r\n");
    peer.expect("DATA");
    peer.send("354 go on\r\n");
    peer.read_content();
    peer.send("250 queued\r\n");
    peer.expect("QUIT");
    peer.send("221 bye\r\n");
  });
  const Submission done = submit_one(requiring_tls(server.port(), authority));
  EXPECT_FALSE(done.problem) << describe(*done.problem);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_NE(done.trace.find("certificate verified"), std::string::npos);
}

TEST(Tls, StrippedStartTlsIsFoundOut) {
  std::string after;
  ScriptedSmtpServer server([&](ScriptedPeer& peer) {
    peer.greet({"PIPELINING", "AUTH PLAIN"});
    after = peer.read_rest();
  });
  const CertificateAuthority authority;
  EXPECT_EQ(submit_one(requiring_tls(server.port(), authority)).why(), SessionProblem::TlsNotOffered);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_EQ(after, "QUIT\r\n");
}

TEST(Tls, RefusedStartTlsIsNotFollowedByClearText) {
  std::string after;
  ScriptedSmtpServer server([&](ScriptedPeer& peer) {
    peer.greet({"STARTTLS"});
    peer.expect("STARTTLS");
    peer.send("454 4.7.0 not now\r\n");
    after = peer.read_rest();
  });
  EXPECT_EQ(submit_one(at(server.port())).why(), SessionProblem::TlsFailed);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_EQ(after, "QUIT\r\n");
}

TEST(Tls, FailedHandshakeIsNotFollowedByClearText) {
  std::string after;
  ScriptedSmtpServer server([&](ScriptedPeer& peer) {
    peer.greet({"STARTTLS"});
    peer.expect("STARTTLS");
    peer.send("220 go\r\n");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    peer.send("this is no TLS at all\r\n");
    after = peer.read_rest();
  });
  EXPECT_EQ(submit_one(at(server.port())).why(), SessionProblem::TlsFailed);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_EQ(after.find("MAIL"), std::string::npos);
}

TEST(Tls, PlainTextAfterTheReplyToStartTlsIsAnInjection) {
  for (const char* injected :
       {"220 go\r\n250 PIPELINING\r\n", "220 go\r\n2", "220-go\r\n220 on\r\nEHLO x\r\n"}) {
    std::string after;
    ScriptedSmtpServer server([&](ScriptedPeer& peer) {
      peer.greet({"STARTTLS"});
      peer.expect("STARTTLS");
      peer.send(injected);
      after = peer.read_rest();
    });
    const Submission done = submit_one(at(server.port()));
    EXPECT_TRUE(done.why() == SessionProblem::TlsFailed) << injected << describe(*done.problem);
    EXPECT_TRUE(played_to_the_end(server));
    EXPECT_EQ(after, "") << "the handshake was begun";
  }
}

TEST(Tls, UnverifiedCertificateOnlyWhereNothingWasAskedFor) {
  const CertificateAuthority authority;
  const Certificate certificate = authority.issue();
  ScriptedSmtpServer server([&](ScriptedPeer& peer) {
    offer_tls(peer, certificate);
    peer.answer_hello(usual_extensions);
    take_one(peer);
  });
  const Submission done = submit_one(at(server.port()));
  EXPECT_FALSE(done.problem);
  EXPECT_NE(done.trace.find("certificate not verified: "), std::string::npos);
}

Submission refused_certificate(const Certificate& certificate, SubmissionServer way, bool implicit = false) {
  std::string after;
  ScriptedSmtpServer server([&](ScriptedPeer& peer) {
    if (implicit) {
      peer.start_tls(certificate);
      peer.send("220 hello\r\n");
    } else {
      offer_tls(peer, certificate);
    }
    after = peer.read_rest();
  });
  way.port = server.port();
  Submission done = submit_one(way);
  EXPECT_EQ(done.why(), SessionProblem::CertificateRefused);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_EQ(after, "");
  return done;
}

TEST(Tls, WrongCertificatesAreRefusedWithWhatMendsIt) {
  const CertificateAuthority authority;
  const CertificateAuthority stranger("Stranger");
  const SubmissionServer way = requiring_tls(0, authority);

  const std::string for_other =
      describe(*refused_certificate(authority.issue_for_another_host(), way).problem);
  EXPECT_NE(for_other.find("it is not for 127.0.0.1"), std::string::npos) << for_other;
  EXPECT_NE(for_other.find("other.example.net"), std::string::npos);
  EXPECT_NE(for_other.find("Name the server as its certificate does."), std::string::npos);

  const std::string expired = describe(*refused_certificate(authority.issue_expired(), way).problem);
  EXPECT_NE(expired.find("expired"), std::string::npos) << expired;
  EXPECT_NE(expired.find("Renew the certificate"), std::string::npos);

  const Certificate unknown = stranger.issue();
  const std::string untrusted = describe(*refused_certificate(unknown, way).problem);
  EXPECT_NE(untrusted.find("CN=Stranger"), std::string::npos) << untrusted;
  EXPECT_NE(untrusted.find(unknown.sha256_fingerprint), std::string::npos);
  EXPECT_NE(untrusted.find("smtp.ca_file"), std::string::npos);

  SubmissionServer pinned = way;
  pinned.fingerprint = authority.issue().sha256_fingerprint;
  const std::string other = describe(*refused_certificate(authority.issue(), pinned).problem);
  EXPECT_NE(other.find("smtp.fingerprint"), std::string::npos) << other;

  SubmissionServer pinned_by_chance = at(0);
  pinned_by_chance.fingerprint = pinned.fingerprint;
  refused_certificate(authority.issue(), pinned_by_chance);

  SubmissionServer implicit = way;
  implicit.tls = TlsMode::Implicit;
  refused_certificate(unknown, implicit, true);

  // A password asks for a verified server even where TLS was left to chance.
  SubmissionServer opportunistic = at(0);
  opportunistic.user = "user";
  opportunistic.password = std::make_shared<const Secret>("secret");
  refused_certificate(unknown, opportunistic);
}

TEST(Tls, FingerprintStandsForNameAndChain) {
  const CertificateAuthority stranger("Stranger");
  const Certificate certificate = stranger.issue_for_another_host();
  ScriptedSmtpServer server([&](ScriptedPeer& peer) {
    peer.start_tls(certificate);
    peer.greet(usual_extensions);
    take_one(peer);
  });
  SubmissionServer way = at(server.port());
  way.tls = TlsMode::Implicit;
  for (std::size_t i = 0; i < certificate.sha256_fingerprint.size(); i += 2) {
    way.fingerprint += (i == 0 ? "" : ":") + certificate.sha256_fingerprint.substr(i, 2);
  }
  EXPECT_FALSE(submit_one(way).problem);
  EXPECT_TRUE(played_to_the_end(server));
}

TEST(Tls, SettingsThatCannotBeUsed) {
  MessageList messages;
  SubmissionServer way = at(25);
  way.fingerprint = "12:34";
  EXPECT_THROW(submit(way, messages), Error);
  way.fingerprint.clear();
  way.ca_file = "/no/such/file.pem";
  EXPECT_THROW(submit(way, messages), Error);
}

SubmissionServer clear_auth(std::uint16_t port) {
  SubmissionServer way = at(port);
  way.user = "user";
  way.password = std::make_shared<const Secret>("canary-pass");
  way.allow_insecure_auth = true;
  return way;
}

TEST(Auth, NeverInClearTextUnlessAllowed) {
  std::string after;
  ScriptedSmtpServer server([&](ScriptedPeer& peer) {
    peer.greet({"AUTH PLAIN LOGIN"});
    after = peer.read_rest();
  });
  SubmissionServer way = clear_auth(server.port());
  way.allow_insecure_auth = false;
  EXPECT_EQ(submit_one(way).why(), SessionProblem::AuthNotOffered);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_EQ(after, "QUIT\r\n");
}

TEST(Auth, PlainInOneStep) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet({"AUTH=PLAIN"});
    const std::string sent = peer.expect("AUTH PLAIN ").substr(11);
    if (from_base64(sent) != std::string("\0user\0canary-pass", 17))
      throw std::runtime_error("not the credentials");
    peer.send("235 2.7.0 welcome\r\n");
    take_one(peer);
  });
  const Submission done = submit_one(clear_auth(server.port()));
  EXPECT_FALSE(done.problem) << describe(*done.problem);
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_NE(done.trace.find("C: AUTH PLAIN <redacted>"), std::string::npos);
}

// RFC 4954 section 4: a command line keeps within 512 octets, so the response waits for 334.
TEST(Auth, LongPasswordIsNoInitialResponse) {
  const std::string password(400, 'p');
  ScriptedSmtpServer server([&](ScriptedPeer& peer) {
    peer.greet({"AUTH PLAIN"});
    if (peer.expect("AUTH") != "AUTH PLAIN") throw std::runtime_error("too long a line");
    peer.send("334 \r\n");
    if (from_base64(peer.read_line()) != std::string("\0user\0", 6) + password)
      throw std::runtime_error("wrong");
    peer.send("235 welcome\r\n");
    take_one(peer);
  });
  SubmissionServer way = clear_auth(server.port());
  way.password = std::make_shared<const Secret>(password);
  EXPECT_FALSE(submit_one(way).problem);
  EXPECT_TRUE(played_to_the_end(server));
}

TEST(Auth, LoginAnswersOnlyWhenAsked) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet({"AUTH LOGIN"});
    if (peer.expect("AUTH") != "AUTH LOGIN") throw std::runtime_error("LOGIN has no initial response");
    peer.send("334 VXNlcm5hbWU6\r\n");
    if (from_base64(peer.read_line()) != "user") throw std::runtime_error("not the user");
    peer.send("334 UGFzc3dvcmQ6\r\n");
    if (from_base64(peer.read_line()) != "canary-pass") throw std::runtime_error("not the password");
    peer.send("235 welcome\r\n");
    take_one(peer);
  });
  EXPECT_FALSE(submit_one(clear_auth(server.port())).problem);
  EXPECT_TRUE(played_to_the_end(server));
}

TEST(Auth, RefusedPasswordIsTriedOnceAndQuotedNowhere) {
  std::string after;
  std::string sent;
  ScriptedSmtpServer server([&](ScriptedPeer& peer) {
    peer.greet({"AUTH PLAIN LOGIN"});
    sent = peer.expect("AUTH PLAIN ").substr(11);
    peer.send("535 5.7.8 no: " + sent + " says canary-pass, or " +
              to_base64(std::string_view("canary-pass")) + "\r\n");
    after = peer.read_rest();
  });
  const Submission done = submit_one(clear_auth(server.port()));
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_EQ(done.why(), SessionProblem::PasswordRefused);
  EXPECT_EQ(after, "QUIT\r\n");
  for (const std::string& shown : {done.trace, describe(*done.problem)}) {
    EXPECT_EQ(shown.find("canary-pass"), std::string::npos) << shown;
    EXPECT_EQ(shown.find(sent), std::string::npos) << shown;
    EXPECT_EQ(shown.find(to_base64(std::string_view("canary-pass"))), std::string::npos) << shown;
  }
}

TEST(Auth, NothingInCommon) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet({"AUTH GSSAPI CRAM-MD5"});
    peer.read_rest();
  });
  const Submission done = submit_one(clear_auth(server.port()));
  EXPECT_EQ(done.why(), SessionProblem::AuthNotOffered);
  EXPECT_NE(done.problem->text.find("GSSAPI CRAM-MD5"), std::string::npos);
}

TEST(Auth, ServerThatDoesNotKnowThePasswordIsNotBelieved) {
  // 235 in the middle of SCRAM, before the server has shown its signature.
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet({"AUTH SCRAM-SHA-256 PLAIN"});
    peer.expect("AUTH SCRAM-SHA-256 ");
    peer.send("235 2.7.0 come in\r\n");
    peer.read_rest();
  });
  EXPECT_EQ(submit_one(clear_auth(server.port())).why(), SessionProblem::PasswordRefused);
}

TEST(Auth, NonsenseFromTheServerIsAnswered) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet({"AUTH SCRAM-SHA-256"});
    peer.expect("AUTH SCRAM-SHA-256 ");
    peer.send("334 !!!not base64!!!\r\n");
    if (peer.read_line() != "*") throw std::runtime_error("the exchange was not cancelled");
    peer.send("501 5.7.0 cancelled\r\n");
    peer.expect("QUIT");
    peer.send("221 bye\r\n");
  });
  EXPECT_EQ(submit_one(clear_auth(server.port())).why(), SessionProblem::PasswordRefused);
  EXPECT_TRUE(played_to_the_end(server));
}

TEST(Auth, MechanismThatIsOfferedAndNotThereIsFollowedByTheNext) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet({"AUTH SCRAM-SHA-1 PLAIN"});
    peer.expect("AUTH SCRAM-SHA-1 ");
    peer.send("504 5.5.4 unrecognized\r\n");
    peer.expect("AUTH PLAIN ");
    peer.send("235 welcome\r\n");
    take_one(peer);
  });
  EXPECT_FALSE(submit_one(clear_auth(server.port())).problem);
  EXPECT_TRUE(played_to_the_end(server));
}

TEST(Probe, OpensComparesAndQuits) {
  ScriptedSmtpServer server([](ScriptedPeer& peer) {
    peer.greet({"SIZE 1000", "AUTH PLAIN LOGIN", "PIPELINING"});
    peer.expect("QUIT");
    peer.send("221 bye\r\n");
  });
  SmtpTransport transport(patient);
  const ProbeResult good = transport.probe(at(server.port()), 1000, nullptr, nullptr);
  EXPECT_FALSE(good.problem);
  EXPECT_TRUE(good.offer.answered);
  EXPECT_EQ(good.offer.encryption, "");
  EXPECT_EQ(good.offer.size_limit, 1000U);
  EXPECT_TRUE(good.offer.pipelining);
  EXPECT_EQ(good.offer.auth, (std::vector<std::string>{"PLAIN", "LOGIN"}));
  const std::optional<Delivery> refusal = transport.probe(at(server.port()), 1001, nullptr, nullptr).problem;
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->scope, DeliveryScope::Content);
  EXPECT_TRUE(played_to_the_end(server));
}

}  // namespace
}  // namespace dialin::test
