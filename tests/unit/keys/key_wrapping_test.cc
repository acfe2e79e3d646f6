// SPDX-License-Identifier: Apache-2.0
#include "keys/key_wrapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/error.h"
#include "support/fake_random.h"
#include "unit/keys/test_keys.h"

namespace dialin {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* Passphrase = "correct horse battery staple";

// Wrapped with little memory by the same program, so that these tests are quick; the passphrase is the one
// above and the key is 32 times 'k'.
const std::string Wrapped = R"(-----BEGIN DIALIN KEY-----
Version: 1
Key: bd165c25be81659b
Derivation: argon2id 64 1
Salt: yyk+Z3DrOpXaIR5qZjvTcw==
Nonce: Eaq+y4a+2j/20MIzocTLd/6+Aj1R1vxT
Data: YOoFKevkbVOXjXRbbFsGakYsMjfdaEHAxAwjzlZTBZSuIm3QNBw6Gy2xpVY/SK8I
-----END DIALIN KEY-----
)";

std::string replace(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

std::string words_of_refusal(const std::string& text, const char* passphrase = Passphrase) {
  try {
    unwrap_key(text, Secret(passphrase));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::InvalidInput);
    return error.what();
  }
  ADD_FAILURE() << "unwrapped: " << text;
  return {};
}

TEST(KeyWrapping, WrapsAndUnwraps) {
  test::FakeRandom random(1);
  const Key key = test::key_of('k');
  const std::string text = wrap_key(key, Secret(Passphrase), random);
  EXPECT_THAT(text, StartsWith("-----BEGIN DIALIN KEY-----\nVersion: 1\nKey: " + key.id().text() +
                               "\nDerivation: argon2id 262144 3\n"));
  EXPECT_THAT(text, Not(HasSubstr(to_base64(std::string(32, 'k')))));
  const Key back = unwrap_key(text, Secret(Passphrase));
  EXPECT_TRUE(back.octets().same_as(key.octets()));
  EXPECT_EQ(back.id(), key.id());
}

TEST(KeyWrapping, OpensWhatEarlierVersionsWrote) {
  EXPECT_EQ(unwrap_key(Wrapped, Secret(Passphrase)).id(), test::key_of('k').id());
}

TEST(KeyWrapping, TextAroundTheBlockAndLineEndsOfMailDoNotMatter) {
  std::string mailed = "Dear colleague,\r\n\r\n";
  for (const char c : Wrapped) mailed += c == '\n' ? std::string("\r\n") : std::string(1, c);
  EXPECT_EQ(unwrap_key(mailed + "\r\nRegards\r\n", Secret(Passphrase)).id(), test::key_of('k').id());
}

TEST(KeyWrapping, AWrongPassphraseIsSaidToBeOne) {
  EXPECT_THAT(words_of_refusal(Wrapped, "correct horse battery stapl"), HasSubstr("the passphrase is wrong"));
  EXPECT_THAT(words_of_refusal(Wrapped, ""), HasSubstr("the passphrase is wrong"));
}

TEST(KeyWrapping, AnAlteredHeaderIsFound) {
  EXPECT_THAT(words_of_refusal(replace(Wrapped, test::key_of('k').id().text(), "0123456789abcdef")),
              HasSubstr("altered"));
  EXPECT_THAT(words_of_refusal(replace(Wrapped, "argon2id 64 1", "argon2id 64 2")), HasSubstr("altered"));
  EXPECT_THAT(words_of_refusal(replace(Wrapped, "argon2id 64 1", "argon2id 65 1")), HasSubstr("altered"));
}

TEST(KeyWrapping, AMalformedBlockIsNamed) {
  EXPECT_THAT(words_of_refusal(""), HasSubstr("first or last line"));
  EXPECT_THAT(words_of_refusal(Wrapped.substr(0, Wrapped.size() - 10)), HasSubstr("first or last line"));
  EXPECT_THAT(words_of_refusal(replace(Wrapped, "Version: 1\n", "")), HasSubstr("5 lines"));
  EXPECT_THAT(words_of_refusal(replace(Wrapped, "Version: 1", "Version: 2")), HasSubstr("version"));
  EXPECT_THAT(words_of_refusal(replace(Wrapped, "Salt:", "Pepper:")), HasSubstr("\"Salt: ...\""));
  EXPECT_THAT(words_of_refusal(replace(Wrapped, "Salt: ", "Salt: AAAA")), HasSubstr("16 octets"));
  EXPECT_THAT(words_of_refusal(replace(Wrapped, "Data: ", "Data: *")), HasSubstr("48 octets"));
  EXPECT_THAT(words_of_refusal(replace(Wrapped, "Key: ", "Key: x")), HasSubstr("key id"));
}

// A text that asks for a terabyte must not bring the machine down.
TEST(KeyWrapping, CostsBeyondReasonAreRefusedBeforeTheyArePaid) {
  for (const char* cost : {"argon2id 1073741824 1", "argon2id 64 1000000", "argon2id 7 1", "argon2id 64 0",
                           "argon2id -64 1", "argon2i 64 1", "argon2id 64", "argon2id 64 1 1"}) {
    EXPECT_THAT(words_of_refusal(replace(Wrapped, "argon2id 64 1", cost)), HasSubstr("Derivation")) << cost;
  }
}

TEST(KeyWrapping, ShortPassphrasesAreRefused) {
  test::FakeRandom random(1);
  for (const char* passphrase : {"", "elevenchars"}) {
    try {
      wrap_key(test::key_of('k'), Secret(passphrase), random);
      ADD_FAILURE() << passphrase;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::InvalidInput);
      EXPECT_THAT(error.next(), HasSubstr("12"));
    }
  }
}

}  // namespace
}  // namespace dialin
