// SPDX-License-Identifier: Apache-2.0
// Where secrets lie: memory of libsodium's sodium_malloc, which is locked against swap where the limit on
// locked memory allows it (it is used unlocked where not), left out of core dumps and fenced by pages that
// cannot be touched. A block of its own costs 27 us and four mappings, more than the rest of what a welcome
// does with its PIN, so small secrets share blocks.
#pragma once

#include <cstddef>

namespace dialin {

// Zeroed. Null for size 0. Any thread. Throws Error(Internal) if the system gives no more.
char* allocate_secret(std::size_t size);

// Wipes it, then gives it back. `size` is that of the allocation.
void free_secret(char* memory, std::size_t size) noexcept;

}  // namespace dialin
