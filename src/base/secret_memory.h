// SPDX-License-Identifier: Apache-2.0
// Where secrets lie: memory that is locked against swap where the limit on locked memory allows it (it is
// used unlocked where not), left out of core dumps, and wiped when it is given back.
//
// A block of libsodium's sodium_malloc costs 27 us and four mappings, so a secret of up to 64 KiB gets a cell
// of an arena instead: ten arenas, with cells of 128 octets to 64 KiB, each with pages around it that cannot
// be touched. Who reads or writes beyond the end of a secret is caught there only at the arena's end, not at
// the secret's. An arena grows by 64 KiB and keeps what it has: as much as the most secrets at a time needed,
// at most 32 MiB. Larger secrets, and those that find their arena full, get a block of their own, fenced at
// both ends.
#pragma once

#include <cstddef>

namespace dialin {

inline constexpr std::size_t LargestSecretInArena = std::size_t{64} * 1024;
inline constexpr std::size_t LargestSecretArena = std::size_t{32} * 1024 * 1024;

// Zeroed. Null for size 0. Any thread. Throws Error(Internal) if the system gives no more.
char* allocate_secret(std::size_t size);

// Wipes it, then gives it back. `size` is that of the allocation.
void free_secret(char* memory, std::size_t size) noexcept;

}  // namespace dialin
