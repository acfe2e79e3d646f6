// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

namespace dialin {
namespace {

unsigned octet(std::string_view text, std::size_t position) {
  return static_cast<unsigned char>(text[position]);
}

bool is_scalar_value(char32_t code) {
  return code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
}

}  // namespace

Utf8Character decode_utf8(std::string_view text, std::size_t position) {
  const unsigned lead = octet(text, position);
  if (lead < 0x80) return {lead, 1};

  std::size_t size;
  char32_t code;
  char32_t least;  // a smaller code would be an overlong form
  if ((lead & 0xE0) == 0xC0) {
    size = 2, code = lead & 0x1F, least = 0x80;
  } else if ((lead & 0xF0) == 0xE0) {
    size = 3, code = lead & 0x0F, least = 0x800;
  } else if ((lead & 0xF8) == 0xF0) {
    size = 4, code = lead & 0x07, least = 0x10000;
  } else {
    return {};
  }
  if (text.size() - position < size) return {};
  for (std::size_t i = 1; i < size; ++i) {
    const unsigned next = octet(text, position + i);
    if ((next & 0xC0) != 0x80) return {};
    code = (code << 6) | (next & 0x3F);
  }
  if (code < least || !is_scalar_value(code)) return {};
  return {code, size};
}

void append_utf8(std::string& text, char32_t code) {
  const auto tail = [](char32_t bits) { return static_cast<char>(0x80 | (bits & 0x3F)); };
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0 | (code >> 6));
    text += tail(code);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0 | (code >> 12));
    text += tail(code >> 6);
    text += tail(code);
  } else {
    text += static_cast<char>(0xF0 | (code >> 18));
    text += tail(code >> 12);
    text += tail(code >> 6);
    text += tail(code);
  }
}

}  // namespace dialin
