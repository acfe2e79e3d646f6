// SPDX-License-Identifier: Apache-2.0
// A string for text with a PIN in it while it is being put together: whatever memory it gives back, also
// when it grows, is wiped first. (Text of fewer than 16 octets lies inside the object and is not.)
#pragma once

#include <cstddef>
#include <memory>
#include <string>

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

using WipedString = std::basic_string<char, std::char_traits<char>, WipingAllocator<char>>;

}  // namespace dialin
