// SPDX-License-Identifier: Apache-2.0
#include "mail/transfer_encoding.h"

#include <gmime/gmime.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/secret.h"

namespace dialin {
namespace {

constexpr std::size_t ComfortableLine = 78;
// RFC 2045 section 6.7, rule 5: at most 76 octets with the "=" of a soft line end.
constexpr std::size_t QuotedLine = 75;
constexpr std::size_t Base64Octets = 57;  // become 76

enum class Octet : std::uint8_t { Plain, Blank, LineEnd, Equals, Control, Foreign };

constexpr std::array<Octet, 256> octets_by_kind() {
  std::array<Octet, 256> kinds{};
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    kinds[i] = i >= 0x80 ? Octet::Foreign : i < 0x20 || i == 0x7F ? Octet::Control : Octet::Plain;
  }
  kinds[' '] = kinds['\t'] = Octet::Blank;
  kinds['\n'] = Octet::LineEnd;
  kinds['='] = Octet::Equals;
  return kinds;
}
constexpr std::array<Octet, 256> Kinds = octets_by_kind();

Octet kind_of(char c) {
  return Kinds[static_cast<unsigned char>(c)];
}

bool is_control(char c) {
  return kind_of(c) == Octet::Control;
}

// Counted with one addition an octet: a counter for each kind would wait for itself at every octet.
// In the lower half foreign octets, in the upper one all that are quoted.
constexpr std::array<std::uint64_t, 256> weights_by_octet() {
  std::array<std::uint64_t, 256> weights{};
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const bool quoted = Kinds[i] > Octet::LineEnd;
    weights[i] = (quoted ? std::uint64_t{1} << 32 : 0) + (Kinds[i] == Octet::Foreign ? 1 : 0);
  }
  return weights;
}
constexpr std::array<std::uint64_t, 256> Weights = weights_by_octet();

char* append(char* out, std::string_view octets) {
  if (!octets.empty()) std::memcpy(out, octets.data(), octets.size());
  return out + octets.size();
}

// Calls visit(line) for each line of `text`, without its end.
template <class Visit>
void for_each_line(std::string_view text, Visit&& visit) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    visit(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

char* write_quoted(char* out, std::string_view line) {
  static constexpr std::string_view Digits = "0123456789ABCDEF";
  std::size_t room = QuotedLine;
  for (std::size_t at = 0; at < line.size();) {
    std::size_t end = at;
    const std::size_t limit = std::min(line.size(), at + room);
    while (end < limit && kind_of(line[end]) <= Octet::Blank) ++end;
    // A blank at the end of a line could be lost on the way (rule 3).
    if (end == line.size() && end > at && kind_of(line[end - 1]) == Octet::Blank) --end;
    out = append(out, line.substr(at, end - at));
    room -= end - at;
    at = end;
    if (at == line.size()) break;
    // Here stands an octet to be quoted, or there is no room for any.
    if (room < 3) {
      out = append(out, "=\r\n");
      room = QuotedLine;
      continue;
    }
    const auto octet = static_cast<unsigned char>(line[at]);
    *out++ = '=';
    *out++ = Digits[octet >> 4];
    *out++ = Digits[octet & 15];
    room -= 3;
    ++at;
  }
  return append(out, "\r\n");
}

// GMime writes a line end of its own behind each piece, over which the next goes.
char* write_base64(char* out, std::string_view octets) {
  int state = 0;
  guint32 saved = 0;
  g_mime_encoding_base64_encode_close(reinterpret_cast<const unsigned char*>(octets.data()), octets.size(),
                                      reinterpret_cast<unsigned char*>(out), &state, &saved);
  return append(out + (octets.size() + 2) / 3 * 4, "\r\n");
}

char* write_base64_lines(char* out, std::string_view text) {
  std::array<char, Base64Octets> piece;
  std::size_t size = 0;
  const auto add = [&](std::string_view octets) {
    while (!octets.empty()) {
      const std::size_t count = std::min(octets.size(), piece.size() - size);
      std::memcpy(piece.data() + size, octets.data(), count);
      octets.remove_prefix(count);
      size += count;
      if (size < piece.size()) return;
      out = write_base64(out, {piece.data(), size});
      size = 0;
    }
  };
  // The canonical form of text has CRLF (RFC 2045 section 2.8) before it is encoded.
  for_each_line(text, [&](std::string_view line) {
    add(line);
    add("\r\n");
  });
  if (size > 0) out = write_base64(out, {piece.data(), size});
  wipe(piece.data(), piece.size());
  return out;
}

}  // namespace

TransferEncoding::TransferEncoding(std::string_view text, std::string_view boundary) : text_(text) {
  std::uint64_t weight = 0;
  for (const char c : text) weight += Weights[static_cast<unsigned char>(c)];
  const std::size_t foreign = weight & 0xFFFFFFFF;
  const std::size_t quoted = weight >> 32;
  std::size_t lines = 0;
  std::size_t longest = 0;
  for_each_line(text, [&](std::string_view line) {
    ++lines;
    longest = std::max(longest, line.size());
  });

  if (foreign == 0 && longest <= ComfortableLine && std::none_of(text.begin(), text.end(), is_control) &&
      text.find(boundary) == std::string_view::npos) {
    kind_ = Kind::SevenBit;
    largest_size_ = text.size() + 2 * lines;
  } else if (foreign * 4 <= text.size()) {
    kind_ = Kind::QuotedPrintable;
    // Each line may end with a blank, which is quoted too. Between soft line ends stand at least 73 octets.
    const std::size_t size = text.size() + 2 * (quoted + lines);
    largest_size_ = size + 2 * lines + 3 * (size / (QuotedLine - 2) + 1);
  } else {
    kind_ = Kind::Base64;
    // Behind the last piece, GMime writes one octet more than stays.
    largest_size_ = ((text.size() + 2 * lines) / Base64Octets + 1) * 78 + 1;
  }
}

std::string_view TransferEncoding::name() const {
  switch (kind_) {
    case Kind::SevenBit:
      return "7bit";
    case Kind::QuotedPrintable:
      return "quoted-printable";
    case Kind::Base64:
      return "base64";
  }
  return "";
}

char* TransferEncoding::write(char* out) const {
  switch (kind_) {
    case Kind::SevenBit:
      for_each_line(text_, [&out](std::string_view line) { out = append(append(out, line), "\r\n"); });
      return out;
    case Kind::QuotedPrintable:
      for_each_line(text_, [&out](std::string_view line) { out = write_quoted(out, line); });
      return out;
    case Kind::Base64:
      return write_base64_lines(out, text_);
  }
  return out;
}

}  // namespace dialin
