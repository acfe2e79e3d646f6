// SPDX-License-Identifier: Apache-2.0
// A PIN: 4 to 24 decimal digits, kept as text, so that a leading zero stays.
//
// It cannot be printed, copied, logged or compared naively, and wipes itself. Its digits are seen only
// through reveal(ClearPinAccess); script/lint holds the list of files that may write that word. It lies in
// locked memory (base/secret.h).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/secret.h"

namespace dialin {

// Proof that the caller means to see a PIN. Whoever writes its name must stand in script/clear-access.list.
class ClearPinAccess {
 public:
  explicit ClearPinAccess() = default;
};

class Pin {
 public:
  static constexpr std::size_t MinimumLength = 4;
  static constexpr std::size_t MaximumLength = 24;

  // Nothing if `digits` is not 4 to 24 ASCII digits. The caller wipes the source.
  static std::optional<Pin> parse(std::string_view digits);

  Pin(Pin&&) noexcept = default;
  Pin& operator=(Pin&&) noexcept = default;
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;

  Pin duplicate() const { return Pin(digits_.duplicate()); }
  std::size_t length() const { return digits_.size(); }
  // Equal; takes the same time whichever digit differs.
  bool same_as(const Pin& other) const { return digits_.same_as(other.digits_); }
  // Valid as long as this Pin.
  std::string_view reveal(ClearPinAccess) const { return digits_.reveal(ClearSecretAccess()); }

 private:
  explicit Pin(Secret digits) : digits_(std::move(digits)) {}
  Secret digits_;
};

}  // namespace dialin
