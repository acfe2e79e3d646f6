// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <gtest/gtest.h>

namespace dialin {
namespace {

TEST(Error, CarriesItsWords) {
  const Error error(ErrorCode::TryAgain, "sending: busy", "Try again.");
  EXPECT_STREQ(error.what(), "sending: busy");
  EXPECT_EQ(error.next(), "Try again.");
  EXPECT_EQ(error.code(), ErrorCode::TryAgain);
}

TEST(Error, ExitCodesAreTheDocumentedOnes) {
  const std::pair<ErrorCode, int> codes[] = {
      {ErrorCode::InvalidInput, 64}, {ErrorCode::NotFound, 1},      {ErrorCode::AlreadyExists, 1},
      {ErrorCode::Precondition, 1},  {ErrorCode::Permission, 77},   {ErrorCode::Unauthenticated, 77},
      {ErrorCode::Unavailable, 69},  {ErrorCode::TryAgain, 75},     {ErrorCode::Configuration, 78},
      {ErrorCode::Internal, 70},     {ErrorCode::Interrupted, 130},
  };
  for (const auto& [code, exit] : codes) EXPECT_EQ(exit_code(code), exit);
}

}  // namespace
}  // namespace dialin
