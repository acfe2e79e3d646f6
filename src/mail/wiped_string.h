// SPDX-License-Identifier: Apache-2.0
// A string for text with a PIN in it while it is being put together: it lies in the memory of secrets, and
// what it gives back, also when it grows, is wiped first. (Text of fewer than 16 octets lies inside the
// object and is not.)
#pragma once

#include <cstddef>
#include <string>

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

using WipedString = std::basic_string<char, std::char_traits<char>, WipingAllocator<char>>;

}  // namespace dialin
