// SPDX-License-Identifier: Apache-2.0
// The client's side of each mechanism, against RFC 4616's form, LOGIN's questions, and GNU SASL's own server
// for SCRAM, since the client's nonce is random.
#include "mail/smtp/sasl.h"

#include <gsasl.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "mail/smtp/redactor.h"

namespace dialin::smtp {
namespace {

std::string clear(const std::optional<Secret>& line) {
  return line ? std::string(line->reveal(ClearSecretAccess())) : "nothing";
}

std::shared_ptr<const Secret> password(std::string_view text) {
  return std::make_shared<const Secret>(text);
}

TEST(Sasl, BestMechanismsFirst) {
  EXPECT_EQ(usable_mechanisms({"LOGIN", "GSSAPI", "PLAIN", "SCRAM-SHA-1", "CRAM-MD5", "SCRAM-SHA-256"}),
            (std::vector<std::string>{"SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN"}));
  EXPECT_TRUE(usable_mechanisms({"GSSAPI"}).empty());
}

TEST(Sasl, PlainIsOneLine) {
  SaslExchange plain("PLAIN", "tim", password("tanstaaftanstaaf"));
  EXPECT_TRUE(plain.client_first());
  // RFC 4616 section 4, without an authorization identity.
  EXPECT_EQ(from_base64(clear(plain.respond(""))), std::string("\0tim\0tanstaaftanstaaf", 21));
  EXPECT_TRUE(plain.complete());
}

TEST(Sasl, LoginAnswersTwoQuestions) {
  SaslExchange login("LOGIN", "tim", password("p\xc3\xa4ss word"));
  EXPECT_FALSE(login.client_first());
  EXPECT_EQ(from_base64(clear(login.respond("VXNlcm5hbWU6"))), "tim");
  EXPECT_FALSE(login.complete());
  EXPECT_EQ(from_base64(clear(login.respond("UGFzc3dvcmQ6"))), "p\xc3\xa4ss word");
  EXPECT_TRUE(login.complete());
}

// GNU SASL's server side, which knows `right`.
class ScramServer {
 public:
  ScramServer(const char* mechanism, const std::string& right) : right_(right) {
    gsasl_init(&context_);
    gsasl_callback_set(context_, [](Gsasl* context, Gsasl_session* session, Gsasl_property property) -> int {
      if (property != GSASL_PASSWORD) return GSASL_NO_CALLBACK;
      const auto* self = static_cast<ScramServer*>(gsasl_callback_hook_get(context));
      return gsasl_property_set(session, GSASL_PASSWORD, self->right_.c_str());
    });
    gsasl_callback_hook_set(context_, this);
    gsasl_server_start(context_, mechanism, &session_);
  }
  ~ScramServer() {
    gsasl_finish(session_);
    gsasl_done(context_);
  }
  std::string step(const std::string& line) {
    char* out = nullptr;
    result = gsasl_step64(session_, line.c_str(), &out);
    const std::string answer = out == nullptr ? "" : out;
    gsasl_free(out);
    return answer;
  }
  int result = GSASL_OK;

 private:
  std::string right_;
  Gsasl* context_ = nullptr;
  Gsasl_session* session_ = nullptr;
};

TEST(Sasl, ScramBothProveThePassword) {
  for (const char* mechanism : {"SCRAM-SHA-1", "SCRAM-SHA-256"}) {
    ScramServer server(mechanism, "pencil");
    SaslExchange client(mechanism, "user", password("pencil"));
    const std::string first = clear(client.respond(""));
    EXPECT_EQ(from_base64(first)->rfind("n,,n=user,r=", 0), 0u);
    const std::string last = clear(client.respond(server.step(first)));
    EXPECT_FALSE(client.complete());
    const std::string proof = server.step(last);
    EXPECT_EQ(server.result, GSASL_OK) << mechanism;
    EXPECT_EQ(clear(client.respond(proof)), "");
    EXPECT_TRUE(client.complete());
  }
}

TEST(Sasl, ScramServerWithoutThePasswordIsFoundOut) {
  ScramServer server("SCRAM-SHA-256", "pencil");
  SaslExchange client("SCRAM-SHA-256", "user", password("pencil"));
  const std::string last = clear(client.respond(server.step(clear(client.respond("")))));
  EXPECT_NE(last, "nothing");
  EXPECT_FALSE(client.respond(to_base64(std::string_view("v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="))));
  EXPECT_FALSE(client.complete());
  EXPECT_NE(client.error(), "");
}

TEST(Sasl, NonsenseIsAnError) {
  for (const char* challenge : {"", "!!!", "AAAA", "cj14"}) {
    SaslExchange client("SCRAM-SHA-256", "user", password("pencil"));
    client.respond("");
    EXPECT_FALSE(client.respond(challenge)) << challenge;
    EXPECT_EQ(client.error().find("pencil"), std::string::npos);
  }
}

TEST(Redactor, HidesASecretAndItsBase64) {
  Redactor redactor;
  redactor.hide("canary");
  redactor.hide("");
  std::string text = "535 canarycanary, Y2FuYXJ5 and can ary";
  redactor.clean(text);
  EXPECT_EQ(text, "535 <redacted><redacted>, <redacted> and can ary");
}

}  // namespace
}  // namespace dialin::smtp
