// SPDX-License-Identifier: Apache-2.0
// A file's octets as UTF-8, in pieces: without its byte order mark, from UTF-16 where the mark says so, from
// the encoding that the caller names where there is no mark, else as they stand.
//
// Octets that mean nothing in the encoding become NotText, which is nowhere valid UTF-8: so the one check for
// UTF-8 behind this finds them, with their line. The octets lie in wiped memory on their way, because a file
// may hold PINs. One thread at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace dialin {

class TextDecoder {
 public:
  // Writes at most `size` octets to `buffer` and returns how many; 0 at the end. What it throws passes
  // through.
  using Read = std::function<std::size_t(char* buffer, std::size_t size)>;
  static constexpr char NotText = '\xFF';

  // `encoding`: of iconv; empty: UTF-8. Error(InvalidInput) if iconv does not know it; `name` is the file's
  // in messages.
  TextDecoder(Read read, const std::string& name, const std::string& encoding);
  ~TextDecoder();
  TextDecoder(TextDecoder&&) noexcept;

  // `size` is at least 16: a character with what may stand before it.
  std::size_t read(char* buffer, std::size_t size);
  // "windows-1252"; empty for UTF-8 and before the first read().
  const std::string& encoding() const;
  // SHA-256 in hexadecimal of all octets read so far, as they stand in the file.
  std::string digest() const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace dialin
