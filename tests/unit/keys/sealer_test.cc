// SPDX-License-Identifier: Apache-2.0
#include "keys/sealer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/encoding.h"
#include "base/error.h"
#include "support/fake_random.h"
#include "unit/keys/test_keys.h"

namespace dialin {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class SealerTest : public testing::Test {
 protected:
  static constexpr SealContext Context{"welcome PIN", "store", "person"};

  ErrorCode code_of_opening(const std::string& sealed, const SealContext& context = Context) {
    try {
      sealer_.open(sealed, context);
    } catch (const Error& error) {
      words_ = std::string(error.what()) + " " + error.next();
      return error.code();
    }
    ADD_FAILURE() << "opened: " << sealed;
    return ErrorCode::Interrupted;
  }

  test::FakeRandom random_{1};
  Sealer sealer_{test::key_of('k'), random_};
  std::string words_;  // of the last error
};

TEST_F(SealerTest, OpensWhatItSealed) {
  for (const std::size_t size : {0U, 1U, 4U, 31U, 32U, 33U, 97U, 128U, 5000U}) {
    const std::string clear(size, 'c');
    EXPECT_EQ(test::text_of(sealer_.open(sealer_.seal(Secret(clear), Context), Context)), clear);
  }
  const std::string zeros("\x80\0\0", 3);  // looks like padding
  EXPECT_EQ(test::text_of(sealer_.open(sealer_.seal(Secret(zeros), Context), Context)), zeros);
}

TEST_F(SealerTest, NamesItsKeyAndHidesTheRest) {
  const std::string sealed = sealer_.seal(Secret("18723834"), Context);
  EXPECT_THAT(sealed, StartsWith("v1." + sealer_.key_id().text() + "."));
  EXPECT_EQ(Sealer::key_of(sealed), sealer_.key_id());
  const auto content = from_base64(sealed.substr(sealed.rfind('.') + 1));
  ASSERT_TRUE(content);
  EXPECT_THAT(*content, Not(HasSubstr("18723834")));
}

TEST_F(SealerTest, DoesNotTellHowLongAPinIs) {
  const std::size_t size = sealer_.seal(Secret("1234"), Context).size();
  for (std::size_t length = 4; length <= 24; ++length) {
    EXPECT_EQ(sealer_.seal(Secret(std::string(length, '5')), Context).size(), size);
  }
}

TEST_F(SealerTest, SealsTheSameTextDifferentlyEachTime) {
  std::set<std::string> sealed;
  for (int i = 0; i < 100; ++i) sealed.insert(sealer_.seal(Secret("18723834"), Context));
  EXPECT_EQ(sealed.size(), 100U);
}

TEST_F(SealerTest, OpensInItsOwnContextOnly) {
  const std::string sealed = sealer_.seal(Secret("18723834"), Context);
  const SealContext others[] = {
      {"pin verifier", "store", "person"},
      {"welcome PIN", "store2", "person"},
      {"welcome PIN", "store", "person2"},
      {"welcome PIN", "person", "store"},
      {"welcome PINs", "tore", "person"},
      {"welcome PIN", "storep", "erson"},
      {"", "", ""},
  };
  for (const SealContext& other : others) EXPECT_EQ(code_of_opening(sealed, other), ErrorCode::Internal);
  EXPECT_THAT(words_, HasSubstr(sealer_.key_id().text()));
}

TEST_F(SealerTest, EveryFlippedBitIsFound) {
  const std::string sealed = sealer_.seal(Secret("18723834"), Context);
  const std::size_t begin = sealed.rfind('.') + 1;
  const std::string content = *from_base64(sealed.substr(begin));
  for (std::size_t bit = 0; bit < content.size() * 8; ++bit) {
    std::string changed = content;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_EQ(code_of_opening(sealed.substr(0, begin) + to_base64(changed)), ErrorCode::Internal);
  }
  EXPECT_THAT(words_, Not(HasSubstr("18723834")));
}

TEST_F(SealerTest, WhatIsNoSealedTextIsSaidToBeNone) {
  const std::string sealed = sealer_.seal(Secret("18723834"), Context);
  const std::string head = "v1." + sealer_.key_id().text() + ".";
  for (const std::string& text :
       {std::string(), std::string("v1"), std::string("v1."), "v2" + sealed.substr(2), head, head + "AAAA",
        sealed + "=", sealed.substr(0, sealed.size() - 4), " " + sealed,
        "v1.XYZ." + sealed.substr(head.size()), "v1." + sealed.substr(head.size())}) {
    EXPECT_EQ(code_of_opening(text), ErrorCode::Internal) << text;
  }
  EXPECT_FALSE(Sealer::key_of(""));
  EXPECT_FALSE(Sealer::key_of("v1.0123456789abcdef"));
  EXPECT_FALSE(Sealer::key_of("18723834"));
}

TEST_F(SealerTest, AnotherKeyIsNamed) {
  const Sealer other(test::key_of('o'), random_);
  const std::string sealed = other.seal(Secret("18723834"), Context);
  EXPECT_EQ(code_of_opening(sealed), ErrorCode::Configuration);
  EXPECT_THAT(words_, HasSubstr(other.key_id().text()));
  EXPECT_THAT(words_, HasSubstr("dialin key import"));
  EXPECT_THAT(words_, Not(HasSubstr(sealed.substr(sealed.rfind('.') + 1))));
  // Renaming the key on it does not help.
  EXPECT_EQ(code_of_opening("v1." + sealer_.key_id().text() + sealed.substr(sealed.rfind('.'))),
            ErrorCode::Internal);
}

TEST_F(SealerTest, AKeyedHashDependsOnKeyPurposeAndDataAndTellsNoneOfThem) {
  const std::string mac = sealer_.mac("credential", Secret("secret"));
  EXPECT_EQ(mac.size(), 64u);
  EXPECT_EQ(sealer_.mac("credential", Secret("secret")), mac);
  EXPECT_NE(sealer_.mac("credential", Secret("secreT")), mac);
  EXPECT_NE(sealer_.mac("another", Secret("secret")), mac);
  EXPECT_NE(Sealer(test::key_of('o'), random_).mac("credential", Secret("secret")), mac);
  EXPECT_EQ(sealer_.mac("credential", Secret()).size(), 64u);
}

TEST_F(SealerTest, KeysAreChangedByOpeningAndSealingAgain) {
  const Sealer next(test::key_of('n'), random_);
  const std::string sealed =
      next.seal(sealer_.open(sealer_.seal(Secret("18723834"), Context), Context), Context);
  EXPECT_EQ(test::text_of(next.open(sealed, Context)), "18723834");
}

// Sealed by version 0.1: what stands in stores must open with every later one.
TEST_F(SealerTest, OpensWhatEarlierVersionsSealed) {
  EXPECT_EQ(test::text_of(sealer_.open("v1.bd165c25be81659b.1w0yWeThy2McZjz01zxMBAIqsbqAQJjmeUXdbJ/"
                                       "mYhQQSnNqCqlcgaob/zWrR51Fu+Vhc2B+5lF6XBkm8slBhqlOzcw7MVi7",
                                       Context)),
            "18723834");
}

}  // namespace
}  // namespace dialin
