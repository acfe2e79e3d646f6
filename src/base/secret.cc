// SPDX-License-Identifier: Apache-2.0
#include "base/secret.h"

#include <sodium.h>

#include <cstring>
#include <utility>

#include "base/secret_memory.h"

namespace dialin {

Secret::Secret() = default;

Secret::Secret(std::string_view text) : data_(allocate_secret(text.size())), size_(text.size()) {
  if (size_ != 0) std::memcpy(data_, text.data(), size_);
}

Secret::~Secret() {
  free_secret(data_, size_);
}

Secret::Secret(Secret&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    free_secret(data_, size_);
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

Secret Secret::duplicate() const {
  return Secret(std::string_view(data_, size_));
}

Secret Secret::of_size(std::size_t size) {
  Secret secret;
  secret.data_ = allocate_secret(size);
  secret.size_ = size;
  return secret;
}

bool Secret::same_as(const Secret& other) const {
  if (size_ != other.size_) return false;
  return size_ == 0 || sodium_memcmp(data_, other.data_, size_) == 0;
}

void wipe(std::string& text) {
  // What stands between size and capacity may be a longer, former text.
  text.resize(text.capacity());
  sodium_memzero(text.data(), text.size());
  text.clear();
}

void wipe(void* data, std::size_t size) {
  sodium_memzero(data, size);
}

}  // namespace dialin
