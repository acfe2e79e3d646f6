// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

namespace dialin {

int exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidInput:
      return 64;
    case ErrorCode::NotFound:
    case ErrorCode::AlreadyExists:
    case ErrorCode::Precondition:
      return 1;
    case ErrorCode::Permission:
    case ErrorCode::Unauthenticated:
      return 77;
    case ErrorCode::Unavailable:
      return 69;
    case ErrorCode::TryAgain:
      return 75;
    case ErrorCode::Configuration:
      return 78;
    case ErrorCode::Internal:
      return 70;
    case ErrorCode::Interrupted:
      return 130;
  }
  return 70;
}

}  // namespace dialin
