// SPDX-License-Identifier: Apache-2.0
#include "admin/message_fields.h"

#include <fmt/format.h>

#include "base/error.h"

namespace dialin {
namespace {

constexpr std::size_t NumberSize = 4;
constexpr std::size_t FieldHeaderSize = 1 + NumberSize;

}  // namespace

void malformed(const std::string& why) {
  throw Error(ErrorCode::InvalidInput, "a message of the admin socket is malformed: " + why);
}

void append_number(MessageOctets& octets, std::size_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) octets += static_cast<char>((number >> shift) & 0xFF);
}

std::uint32_t read_number(std::string_view four_octets) {
  std::uint32_t number = 0;
  for (char octet : four_octets) number = (number << 8) | static_cast<unsigned char>(octet);
  return number;
}

void FieldWriter::add(std::uint8_t tag, std::string_view octets) {
  octets_ += static_cast<char>(tag);
  append_number(octets_, octets.size());
  octets_ += octets;
}

void FieldWriter::add_number(std::uint8_t tag, std::uint32_t number) {
  octets_ += static_cast<char>(tag);
  append_number(octets_, NumberSize);
  append_number(octets_, number);
}

std::size_t FieldReader::count(std::uint8_t tag) const {
  std::size_t count = 0;
  for (std::string_view rest = rest_;
       rest.size() >= FieldHeaderSize && static_cast<std::uint8_t>(rest[0]) == tag;) {
    const std::size_t size = read_number(rest.substr(1, NumberSize));
    if (size > rest.size() - FieldHeaderSize) break;
    rest.remove_prefix(FieldHeaderSize + size);
    ++count;
  }
  return count;
}

std::string_view FieldReader::take(std::uint8_t tag, std::size_t longest) {
  if (!at(tag)) malformed(fmt::format("field {} is missing", tag));
  if (rest_.size() < FieldHeaderSize) malformed(fmt::format("field {} is cut off", tag));
  const std::size_t size = read_number(rest_.substr(1, NumberSize));
  if (size > longest) malformed(fmt::format("field {} has more than {} octets", tag, longest));
  if (size > rest_.size() - FieldHeaderSize) malformed(fmt::format("field {} is cut off", tag));
  const std::string_view octets = rest_.substr(FieldHeaderSize, size);
  rest_.remove_prefix(FieldHeaderSize + size);
  return octets;
}

std::string FieldReader::text(std::uint8_t tag, std::size_t longest) {
  const std::string_view octets = take(tag, longest);
  if (octets.find('\0') != std::string_view::npos) malformed(fmt::format("field {} holds a NUL", tag));
  return std::string(octets);
}

Secret FieldReader::secret(std::uint8_t tag, std::size_t longest) {
  return Secret(take(tag, longest));
}

std::uint32_t FieldReader::number(std::uint8_t tag, std::uint32_t largest) {
  const std::string_view octets = take(tag, NumberSize);
  if (octets.size() != NumberSize) malformed(fmt::format("field {} is no number", tag));
  const std::uint32_t number = read_number(octets);
  if (number > largest) malformed(fmt::format("field {} is larger than {}", tag, largest));
  return number;
}

void FieldReader::end() const {
  if (!rest_.empty())
    malformed(fmt::format("field {} does not belong here", static_cast<std::uint8_t>(rest_[0])));
}

}  // namespace dialin
