// SPDX-License-Identifier: Apache-2.0
#include "base/secret.h"

#include <sodium.h>

#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/libsodium.h"

namespace dialin {
namespace {

// sodium_malloc locks the memory where the limit on locked memory allows it and goes on unlocked where not.
char* allocate(std::size_t size) {
  if (size == 0) return nullptr;
  require_libsodium();
  void* memory = sodium_malloc(size);
  if (memory == nullptr) {
    throw Error(ErrorCode::Internal, "the system gives no more memory for secrets",
                "Raise the memory limit of the process or vm.max_map_count.");
  }
  return static_cast<char*>(memory);
}

}  // namespace

Secret::Secret() = default;

Secret::Secret(std::string_view text) : data_(allocate(text.size())), size_(text.size()) {
  if (size_ != 0) std::memcpy(data_, text.data(), size_);
}

Secret::~Secret() {
  sodium_free(data_);
}

Secret::Secret(Secret&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    sodium_free(data_);
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
  secret.data_ = allocate(size);
  secret.size_ = size;
  if (size != 0) std::memset(secret.data_, 0, size);
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
