// SPDX-License-Identifier: Apache-2.0
// How the text of a part is brought into 7-bit lines with CRLF (RFC 2045 section 6). It is written straight
// to where it is wanted, so that no copy of a PIN stays behind.
#pragma once

#include <cstddef>
#include <string_view>

namespace dialin {

class TransferEncoding {
 public:
  // Looks at `text`, which has LF only and must live as long as this, and chooses: as it is where that may
  // be; else quoted-printable, which stays readable where most letters are ASCII; else base64. A text that
  // contains `boundary` is not left as it is; in what the others write, no boundary with "=-" in it can
  // occur.
  TransferEncoding(std::string_view text, std::string_view boundary);

  // The value of Content-Transfer-Encoding.
  std::string_view name() const;
  // write() never writes more.
  std::size_t largest_size() const { return largest_size_; }
  // Returns the end of what it wrote. The last line ends with CRLF too.
  char* write(char* out) const;

 private:
  enum class Kind { SevenBit, QuotedPrintable, Base64 };
  std::string_view text_;
  Kind kind_;
  std::size_t largest_size_;
};

}  // namespace dialin
