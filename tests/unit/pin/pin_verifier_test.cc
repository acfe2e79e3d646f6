// SPDX-License-Identifier: Apache-2.0
#include "pin/pin_verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>

#include "base/error.h"

namespace dialin {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr PinHashCost Cheap{8, 1};

std::string text_of(const Secret& secret) {
  return std::string(secret.reveal(ClearSecretAccess()));
}

TEST(PinVerifier, KnowsItsPinAndNoOther) {
  const Secret verifier = hash_pin(*Pin::parse("18723834"), Cheap);
  EXPECT_TRUE(verify_pin(*Pin::parse("18723834"), verifier));
  for (const char* other : {"18723835", "08723834", "1872383", "187238340", "018723834"}) {
    EXPECT_FALSE(verify_pin(*Pin::parse(other), verifier)) << other;
  }
}

TEST(PinVerifier, DefaultCostIsWrittenInPhcFormat) {
  const Secret verifier = hash_pin(*Pin::parse("18723834"), {});
  EXPECT_THAT(text_of(verifier), StartsWith("$argon2id$v=19$m=7168,t=5,p=1,l=08,c=0$"));
  EXPECT_THAT(text_of(verifier), Not(HasSubstr("18723834")));
  EXPECT_TRUE(verify_pin(*Pin::parse("18723834"), verifier));
}

TEST(PinVerifier, SaysHowLongThePinIsAndWhetherItWasACommonPattern) {
  const PinOwnerNumbers bob{.number = "14255551297", .extension = "51297"};
  const Secret good = hash_pin(*Pin::parse("73519"), Cheap, bob);
  EXPECT_EQ(pin_length_of(good), 5u);
  EXPECT_EQ(was_common_pattern(good), false);
  EXPECT_EQ(was_common_pattern(hash_pin(*Pin::parse("12345"), Cheap, bob)), true);
  const Secret own = hash_pin(*Pin::parse("51297"), Cheap, bob);
  EXPECT_EQ(was_common_pattern(own), true);
  EXPECT_EQ(was_common_pattern(hash_pin(*Pin::parse("51297"), Cheap)), false) << "somebody else's";
  EXPECT_EQ(text_of(own).size(), text_of(good).size()) << "the size of what is sealed would tell it";
}

TEST(PinVerifier, OneThatSaysLessIsReadAndRenewed) {
  const Secret full = hash_pin(*Pin::parse("73519"), Cheap);
  for (const char* left_out : {",c=0", ",l=05,c=0"}) {
    std::string text = text_of(full);
    text.erase(text.find(left_out), std::string(left_out).size());
    const Secret older{std::string_view(text)};
    EXPECT_TRUE(verify_pin(*Pin::parse("73519"), older));
    EXPECT_FALSE(was_common_pattern(older));
    EXPECT_TRUE(needs_rehash(older, Cheap));
  }
  EXPECT_FALSE(needs_rehash(full, Cheap));
  std::string damaged = text_of(full);
  damaged.replace(damaged.find(",c=0"), 4, ",c=7");
  EXPECT_THROW(was_common_pattern(Secret(std::string_view(damaged))), Error);
}

// Made by the reference implementation's program:
// printf 18723834 | argon2 somesaltsomesalt -id -t 2 -k 64 -p 1 -l 32 -e
TEST(PinVerifier, AgreesWithTheReferenceImplementation) {
  const Secret verifier(
      "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$q2d+S/sUCuWq3CwdcCLG5mkmnLexT8wjeJSO6FB91Pw");
  EXPECT_TRUE(verify_pin(*Pin::parse("18723834"), verifier));
  EXPECT_FALSE(verify_pin(*Pin::parse("18723835"), verifier));
}

TEST(PinVerifier, SaltsEveryOne) {
  const Pin pin = *Pin::parse("18723834");
  EXPECT_FALSE(hash_pin(pin, Cheap).same_as(hash_pin(pin, Cheap)));
}

TEST(PinVerifier, KnowsWhenTheCostChanged) {
  const Secret verifier = hash_pin(*Pin::parse("18723834"), {16, 2});
  EXPECT_FALSE(needs_rehash(verifier, {16, 2}));
  EXPECT_TRUE(needs_rehash(verifier, {16, 3}));
  EXPECT_TRUE(needs_rehash(verifier, {17, 2}));
  EXPECT_TRUE(needs_rehash(verifier, {8, 2}));
}

TEST(PinVerifier, TellsHowManyDigitsThePinHas) {
  EXPECT_EQ(pin_length_of(hash_pin(*Pin::parse("1872"), Cheap)), 4u);
  EXPECT_EQ(pin_length_of(hash_pin(*Pin::parse("187238341872383418723834"), Cheap)), 24u);
  // Its size does not.
  EXPECT_EQ(hash_pin(*Pin::parse("1872"), Cheap).size(), hash_pin(*Pin::parse("18723834187"), Cheap).size());
  const Secret former(
      "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$q2d+S/sUCuWq3CwdcCLG5mkmnLexT8wjeJSO6FB91Pw");
  EXPECT_FALSE(pin_length_of(former));
  EXPECT_TRUE(needs_rehash(former, {64, 2}));
}

TEST(PinVerifier, RefusesCostsBelowTheLeast) {
  EXPECT_THROW(hash_pin(*Pin::parse("18723834"), {7, 1}), Error);
  EXPECT_THROW(hash_pin(*Pin::parse("18723834"), {8, 0}), Error);
}

TEST(PinVerifier, WhatIsNoVerifierIsAnErrorNotAWrongPin) {
  const Pin pin = *Pin::parse("18723834");
  const std::string good = text_of(hash_pin(pin, Cheap));
  const auto changed = [&good](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  for (const std::string& text :
       {std::string(), std::string("x"), good.substr(0, good.size() - 1), good + "A", good + "$", " " + good,
        changed("argon2id", "argon2i"), changed("v=19", "v=16"), changed("p=1", "p=2"), changed("m=8", "m=7"),
        changed("m=8", "m="), changed("m=8", "m=99999999999"), changed("m=8", "m=-8"), changed("t=1", "t=0"),
        changed("l=08", "l=03"), changed("l=08", "l=25"), changed("l=08", "l="), changed("l=08", "l=-8"),
        good.substr(0, good.rfind('$'))}) {
    EXPECT_THROW(verify_pin(pin, Secret(text)), Error) << text;
  }
}

TEST(PinVerifier, ErrorsShowNeitherPinNorVerifier) {
  const std::string good = text_of(hash_pin(*Pin::parse("18723834"), Cheap));
  try {
    verify_pin(*Pin::parse("18723834"), Secret(good + "x"));
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Internal);
    const std::string words = error.what() + error.next();
    EXPECT_THAT(words, Not(HasSubstr("18723834")));
    EXPECT_THAT(words, Not(HasSubstr(good.substr(good.size() - 20))));
  }
}

// libsodium's own check answers "wrong" here.
TEST(PinVerifier, NoMemoryIsAnErrorNotAWrongPin) {
#if defined(DIALIN_SANITIZED)
  GTEST_SKIP() << "sanitizers need the address space that this test takes away";
#else
  std::string text = text_of(hash_pin(*Pin::parse("18723834"), Cheap));
  text.replace(text.find("m=8"), 3, "m=1048576");
  const auto check = [&text] {
    const rlimit limit{512U << 20, 512U << 20};
    setrlimit(RLIMIT_AS, &limit);
    try {
      verify_pin(*Pin::parse("18723834"), Secret(text));
      _exit(1);
    } catch (const Error& error) {
      _exit(error.code() == ErrorCode::Internal ? 0 : 2);
    }
  };
  EXPECT_EXIT(check(), testing::ExitedWithCode(0), "");
#endif
}

}  // namespace
}  // namespace dialin
