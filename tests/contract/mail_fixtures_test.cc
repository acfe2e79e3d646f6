// SPDX-License-Identifier: Apache-2.0
// The mail servers of tests/support, tried with Python's smtplib.
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "support/certificate.h"
#include "support/child_process.h"
#include "support/mail_servers.h"

namespace dialin::test {
namespace {

// Runs Python statements in which `s` is a connection to 127.0.0.1:`port`.
std::string talk(std::uint16_t port, const std::string& statements) {
  const Completed completed =
      run({.arguments = {"python3", "-c",
                         "import smtplib, ssl, sys\n"
                         "s = smtplib.SMTP('127.0.0.1', int(sys.argv[1]), 'test.example')\n" +
                             statements,
                         std::to_string(port)}});
  return completed.exit_code == 0 ? completed.output : "failed: " + completed.error;
}

const std::string SendOne =
    "s.sendmail('marco@contoso.com', ['bob@contoso.com'], 'Subject: hello\\r\\n\\r\\n.dot\\r\\n')\n"
    "s.quit()\n";

std::string start_tls(const std::filesystem::path& ca_file) {
  return "s.starttls(context=ssl.create_default_context(cafile='" + ca_file.string() + "'))\n";
}

TEST(SmtpSink, KeepsWhatItIsSent) {
  const SmtpSink sink;
  EXPECT_EQ(talk(sink.port(), SendOne), "");
  const auto mails = sink.wait_for(1);
  ASSERT_EQ(mails.size(), 1u);
  EXPECT_EQ(mails[0].mail_arguments.substr(0, 19), "<marco@contoso.com>");
  EXPECT_EQ(mails[0].rcpt_arguments, std::vector<std::string>{"<bob@contoso.com>"});
  EXPECT_EQ(mails[0].message, "Subject: hello\n\n.dot\n");
}

TEST(SmtpSink, RefusesWhatItIsTold) {
  const SmtpSink sink({"-f", "RCPT"});
  EXPECT_NE(talk(sink.port(), SendOne).find("500, b'5.3.0"), std::string::npos);
  EXPECT_TRUE(sink.mails().empty());
}

TEST(PostfixServer, TakesMailAfterStartTlsAndAuthAndRelaysIt) {
  const SmtpSink sink;
  const PostfixServer server({.relay_for_everybody = false, .relay_port = sink.port()});
  EXPECT_EQ(talk(server.port(), start_tls(server.ca_file()) + "s.login('user', 'secret')\n" + SendOne), "");
  EXPECT_NE(sink.wait_for(1)[0].message.find("Subject: hello"), std::string::npos);
  EXPECT_EQ(server.connections(), 1u);
  EXPECT_NE(talk(server.port(), start_tls(server.ca_file()) + "s.login('user', 'wrong')\n").find("535"),
            std::string::npos);
}

TEST(PostfixServer, SpeaksTlsFromTheStart) {
  const PostfixServer server;
  const Completed completed =
      run({.arguments = {"openssl", "s_client", "-quiet", "-verify_return_error", "-CAfile", server.ca_file(),
                         "-verify_hostname", "localhost", "-connect",
                         "127.0.0.1:" + std::to_string(server.tls_port())}},
          "QUIT\r\n");
  EXPECT_NE(completed.output.find("220 mx.example.org"), std::string::npos) << completed.error;
}

TEST(PostfixServer, RefusesRelayingSendersAndRecipients) {
  const PostfixServer closed({.relay_for_everybody = false});
  EXPECT_NE(talk(closed.port(), SendOne).find("Relay access denied"), std::string::npos);
  const PostfixServer server({.sender_owners = {{"marco@contoso.com", "other@example.org"}},
                              .recipient_answers = {{"bob@contoso.com", "550 5.1.1 no such user"}}});
  EXPECT_NE(talk(server.port(), start_tls(server.ca_file()) + "s.login('user', 'secret')\n" + SendOne)
                .find("not owned by user user"),
            std::string::npos);
  EXPECT_NE(talk(server.port(), "s.sendmail('anna@contoso.com', ['bob@contoso.com'], 'x')\n").find("5.1.1"),
            std::string::npos);
}

TEST(PostfixServer, ShowsTheCertificateThatItIsGiven) {
  const CertificateAuthority authority;
  for (const Certificate& certificate : {authority.issue_for_another_host(), authority.issue_expired()}) {
    const PostfixServer server({.certificate = certificate});
    EXPECT_NE(talk(server.port(), start_tls(authority.file())).find("CERTIFICATE_VERIFY_FAILED"),
              std::string::npos);
  }
}

TEST(EximServer, TakesMailAndRelaysItAndRefusesWhomItDoesNotKnow) {
  const SmtpSink sink;
  const EximServer server(sink.port());
  EXPECT_EQ(talk(server.port(), start_tls(server.ca_file()) + "s.login('user', 'secret')\n" + SendOne), "")
      << server.log();
  EXPECT_NE(sink.wait_for(1)[0].message.find("Subject: hello"), std::string::npos);
  EXPECT_NE(talk(server.port(), "s.sendmail('anna@contoso.com', ['bad1@contoso.com'], 'x')\n").find("5.1.1"),
            std::string::npos);
}

TEST(DovecotSubmission, TakesMailAfterStartTlsAndAuthAndRelaysIt) {
  const SmtpSink sink;
  const DovecotSubmission server(sink.port());
  EXPECT_EQ(talk(server.port(), start_tls(server.ca_file()) + "s.login('scram', 'secret')\n" + SendOne), "")
      << server.log();
  EXPECT_NE(sink.wait_for(1)[0].message.find("Subject: hello"), std::string::npos);
  EXPECT_NE(talk(server.port(), start_tls(server.ca_file()) + SendOne).find("530"), std::string::npos);
  EXPECT_NE(talk(server.port(), start_tls(server.ca_file()) + "s.login('user', 'wrong')\n").find("535"),
            std::string::npos);
}

}  // namespace
}  // namespace dialin::test
