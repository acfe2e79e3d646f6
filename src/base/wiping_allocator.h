// SPDX-License-Identifier: Apache-2.0
// An allocator for containers that a secret passes through: whatever memory they give back, also when they
// grow, is wiped first.
#pragma once

#include <cstddef>
#include <memory>

#include "base/secret.h"

namespace dialin {

template <class T>
struct WipingAllocator {
  using value_type = T;

  WipingAllocator() = default;
  template <class U>
  WipingAllocator(const WipingAllocator<U>&) {}  // NOLINT(google-explicit-constructor): allocators convert

  T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
  void deallocate(T* memory, std::size_t count) {
    wipe(static_cast<void*>(memory), count * sizeof(T));
    std::allocator<T>().deallocate(memory, count);
  }
  template <class U>
  bool operator==(const WipingAllocator<U>&) const {
    return true;
  }
};

}  // namespace dialin
