// SPDX-License-Identifier: Apache-2.0
// An allocator for containers that a secret passes through: they lie in the memory of secrets, and what they
// give back, also when they grow, is wiped first.
#pragma once

#include <cstddef>

#include "base/secret_memory.h"

namespace dialin {

template <class T>
struct WipingAllocator {
  using value_type = T;

  WipingAllocator() = default;
  template <class U>
  WipingAllocator(const WipingAllocator<U>&) {}  // NOLINT(google-explicit-constructor): allocators convert

  T* allocate(std::size_t count) { return reinterpret_cast<T*>(allocate_secret(count * sizeof(T))); }
  void deallocate(T* memory, std::size_t count) {
    free_secret(reinterpret_cast<char*>(memory), count * sizeof(T));
  }
  template <class U>
  bool operator==(const WipingAllocator<U>&) const {
    return true;
  }
};

}  // namespace dialin
