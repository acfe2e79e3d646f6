// SPDX-License-Identifier: Apache-2.0
// Bytes as text: base64 (RFC 4648 section 4, with padding) and hexadecimal.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace dialin {

std::string to_base64(std::span<const std::byte> bytes);
std::string to_base64(std::string_view bytes);
// Nothing if `text` is not strictly valid base64.
std::optional<std::string> from_base64(std::string_view text);

std::string to_hex(std::string_view bytes);

// SHA-256 of `bytes` as 64 hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

// The same of bytes that come in pieces. Copies go on from where the original stands.
class Sha256 {
 public:
  Sha256();
  void add(std::string_view bytes);
  std::string hex() const;  // of all that was added so far

 private:
  alignas(8) std::array<std::byte, 104> state_{};  // libsodium's, whose header stays out of this one
};

}  // namespace dialin
