// SPDX-License-Identifier: Apache-2.0
// Passwords, keys, passphrases and encoded secrets: text that must not be seen in passing.
//
// A Secret cannot be printed, copied, compared with == or logged; it lives in memory that is locked against
// swap where the system allows it, is left out of core dumps, and is wiped when it ends
// (base/secret_memory.h). What wiping does not reach is said in doc/security.md: registers, TLS library
// buffers, and the text it was made from. Make it as early as possible.
//
// The text is seen only through reveal(ClearSecretAccess): a token whose users script/lint lists.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace dialin {

// Proof that the caller means to see a secret. Whoever writes its name must stand in
// script/clear-access.list.
class ClearSecretAccess {
 public:
  explicit ClearSecretAccess() = default;
};

class Secret {
 public:
  Secret();
  // Copies `text`; the caller wipes the source (wipe() below).
  explicit Secret(std::string_view text);
  ~Secret();
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  // A second one with the same text, said aloud.
  Secret duplicate() const;

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  // Valid as long as this Secret; never a null pointer, which C libraries do not take even for no octets.
  std::string_view reveal(ClearSecretAccess) const {
    return size_ == 0 ? std::string_view("") : std::string_view(data_, size_);
  }
  // For libraries that write into place.
  char* reveal_mutable(ClearSecretAccess) { return data_; }

  // A Secret of `size` zero bytes, to be filled through reveal_mutable.
  static Secret of_size(std::size_t size);

  // Equal, in a time that depends on the lengths only.
  bool same_as(const Secret& other) const;

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
};

// Overwrites the bytes of `text` (its whole capacity) so that the compiler cannot leave it out, then empties
// it.
void wipe(std::string& text);
void wipe(void* data, std::size_t size);

}  // namespace dialin
