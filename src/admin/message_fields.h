// SPDX-License-Identifier: Apache-2.0
// The fields of a message's body: a tag, the size in four octets (big-endian), the octets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "admin/message.h"

namespace dialin {

// Error(InvalidInput).
[[noreturn]] void malformed(const std::string& why);

void append_number(MessageOctets& octets, std::size_t number);
std::uint32_t read_number(std::string_view four_octets);

class FieldWriter {
 public:
  void add(std::uint8_t tag, std::string_view octets);
  void add_number(std::uint8_t tag, std::uint32_t number);
  MessageOctets take() { return std::move(octets_); }

 private:
  MessageOctets octets_;
};

// Reads fields in their order; whatever is not as expected is malformed().
class FieldReader {
 public:
  // `body` outlives this.
  explicit FieldReader(std::string_view body) : rest_(body) {}

  // Whether the next field has this tag.
  bool at(std::uint8_t tag) const { return !rest_.empty() && static_cast<std::uint8_t>(rest_[0]) == tag; }
  // How many fields of this tag follow each other here, as far as they are whole.
  std::size_t count(std::uint8_t tag) const;
  // Without NUL, which would end it early for the system.
  std::string text(std::uint8_t tag, std::size_t longest);
  Secret secret(std::uint8_t tag, std::size_t longest);
  std::uint32_t number(std::uint8_t tag, std::uint32_t largest);
  void end() const;

 private:
  std::string_view take(std::uint8_t tag, std::size_t longest);
  std::string_view rest_;
};

}  // namespace dialin
