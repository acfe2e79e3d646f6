// SPDX-License-Identifier: Apache-2.0
#include "mail/transfer_encoding.h"

#include <gtest/gtest.h>

#include <random>

#include "base/encoding.h"
#include "base/text.h"

namespace dialin {
namespace {

constexpr std::string_view Boundary = "=-boundary";

struct Encoded {
  std::string name;
  std::string octets;
};

// Fails if more is written than was promised.
Encoded encode(const std::string& text) {
  const TransferEncoding encoding(text, Boundary);
  std::string octets(encoding.largest_size() + 100, '\xEE');
  const auto size = static_cast<std::size_t>(encoding.write(octets.data()) - octets.data());
  EXPECT_LE(size, encoding.largest_size()) << encoding.name() << ": " << text;
  EXPECT_EQ(octets.find_first_not_of('\xEE', encoding.largest_size()), std::string::npos);
  octets.resize(size);
  return {std::string(encoding.name()), octets};
}

unsigned hexadecimal(char c) {
  return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'A' + 10);
}

std::string decode_quoted(const std::string& octets) {
  std::string text;
  for (std::size_t at = 0; at < octets.size(); ++at) {
    if (octets[at] != '=') {
      text += octets[at];
    } else if (octets.compare(at, 3, "=\r\n") == 0) {
      at += 2;
    } else {
      text += static_cast<char>(hexadecimal(octets[at + 1]) * 16 + hexadecimal(octets[at + 2]));
      at += 2;
    }
  }
  return text;
}

std::string decode(const Encoded& encoded) {
  if (encoded.name == "7bit") return encoded.octets;
  if (encoded.name == "quoted-printable") return decode_quoted(encoded.octets);
  EXPECT_EQ(encoded.name, "base64");
  return from_base64(join(split(encoded.octets, '\r'), "")).value_or("no base64");
}

// What arrives: CRLF, also at the end of the last line.
std::string canonical(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '\n' ? std::string("\r\n") : std::string(1, c);
  if (!text.empty() && text.back() != '\n') result += "\r\n";
  return result;
}

void expect_short_lines(const std::string& octets, std::size_t longest) {
  for (const std::string& line : split(octets, '\n')) {
    if (line.empty()) continue;
    EXPECT_EQ(line.back(), '\r');
    EXPECT_LE(line.size() - 1, longest) << line;
    const bool ends_with_blank =
        line.size() > 1 && (line[line.size() - 2] == ' ' || line[line.size() - 2] == '\t');
    EXPECT_FALSE(longest == 76 && ends_with_blank) << line;
  }
}

void expect_whole(const std::string& text) {
  const Encoded encoded = encode(text);
  Encoded without_line_ends = encoded;
  if (encoded.name == "base64") std::erase(without_line_ends.octets, '\n');
  EXPECT_EQ(decode(without_line_ends), canonical(text)) << encoded.name << ": " << encoded.octets;
  expect_short_lines(encoded.octets, encoded.name == "7bit" ? 78 : 76);
  for (const char c : encoded.octets) EXPECT_TRUE(c > 0);
  EXPECT_EQ(encoded.octets.find(Boundary), std::string::npos);
}

TEST(TransferEncoding, TheSimplestThatIsRight) {
  EXPECT_EQ(encode("").name, "7bit");
  EXPECT_EQ(encode("").octets, "");
  EXPECT_EQ(encode("a = b \n\tc").octets, "a = b \r\n\tc\r\n");
  EXPECT_EQ(encode(std::string(78, 'x')).name, "7bit");
  EXPECT_EQ(encode(std::string(79, 'x')).name, "quoted-printable");
  EXPECT_EQ(encode("a\rb").octets, "a=0Db\r\n");
  EXPECT_EQ(encode("the é of =41 \n").octets, "the =C3=A9 of =3D41=20\r\n");
  EXPECT_EQ(encode("ééaaaa").name, "base64");
  EXPECT_EQ(encode("éaaaaaa").name, "quoted-printable");
}

TEST(TransferEncoding, NoPartContainsTheBoundary) {
  EXPECT_EQ(encode("--=-boundary\nx").octets, "--=3D-boundary\r\nx\r\n");
  EXPECT_EQ(encode("--=-boundarx\nx").name, "7bit");
}

TEST(TransferEncoding, SoftLineEndsWhereTheLineIsFull) {
  EXPECT_EQ(encode(std::string(100, 'x')).octets,
            std::string(75, 'x') + "=\r\n" + std::string(25, 'x') + "\r\n");
  EXPECT_EQ(encode(std::string(73, 'x') + "éx").octets, std::string(73, 'x') + "=\r\n=C3=A9x\r\n");
  EXPECT_EQ(encode(std::string(75, 'x') + " x y\n" + std::string(75, 'x') + "y").octets,
            std::string(75, 'x') + "=\r\n x y\r\n" + std::string(75, 'x') + "=\r\ny\r\n");
  // As many blanks at the end as make the last of them the first of a line.
  EXPECT_EQ(encode("é" + std::string(70, ' ')).octets, "=C3=A9" + std::string(69, ' ') + "=\r\n=20\r\n");
}

TEST(TransferEncoding, EveryTextComesBackWhole) {
  std::mt19937 random(42);  // NOLINT(cert-msc51-cpp): the same texts each time
  const std::vector<std::string> pieces = {
      "x", "word ", "\n", " ", "\t", "=", "é", "電", ".", "--=-boundary", "\r", std::string(60, 'y')};
  for (int round = 0; round < 5000; ++round) {
    // A few of the pieces only, so that each encoding has its turn.
    const std::size_t kinds = 1 + random() % pieces.size();
    const std::size_t first = random() % pieces.size();
    std::string text;
    for (std::size_t count = random() % 80; count > 0; --count) {
      text += pieces[(first + random() % kinds) % pieces.size()];
    }
    expect_whole(text);
    if (HasFailure()) break;
  }
  // Everything quoted: as large as it can be.
  expect_whole(std::string(5000, '='));
  expect_whole(std::string(5000, '\n') + "é");
  std::string blanks;
  for (int i = 0; i < 1000; ++i) blanks += " \n";
  expect_whole(blanks + "\r");
}

}  // namespace
}  // namespace dialin
