// SPDX-License-Identifier: Apache-2.0
// Bytes as text: base64 (RFC 4648 section 4, with padding) and hexadecimal.
#pragma once

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

}  // namespace dialin
