// SPDX-License-Identifier: Apache-2.0
#include "base/secret_memory.h"

#include <sodium.h>
#include <sys/mman.h>

#include <array>
#include <bit>
#include <cstring>
#include <mutex>
#include <new>

#include "base/error.h"
#include "base/libsodium.h"

namespace dialin {
namespace {

constexpr std::size_t SmallestCell = 128;  // holds a PIN, a key, a password, a verifier (97)
constexpr std::size_t Step = LargestSecretInArena;
constexpr std::size_t Fence = Step;  // a multiple of every page size
constexpr std::size_t ArenaCount = 10;
static_assert(SmallestCell << (ArenaCount - 1) == LargestSecretInArena);

[[noreturn]] void fail() {
  throw Error(ErrorCode::Internal, "the system gives no more memory for secrets",
              "Raise the memory limit of the process or vm.max_map_count.");
}

// Cells of equal size; those that are free hold the address of the next one and zeros. Its addresses are
// reserved at the first use, so that they tell whose a cell is; what is not yet in use cannot be touched.
class Arena {
 public:
  // Null if it is full.
  char* take(std::size_t cell_size) {
    const std::lock_guard guard(mutex_);
    if (free_ == nullptr && !grow(cell_size)) return nullptr;
    Cell* cell = free_;
    free_ = cell->next;
    cell->next = nullptr;
    return reinterpret_cast<char*>(cell);
  }

  // False if it is not of this arena.
  bool give_back(char* memory, std::size_t size) noexcept {
    // Whoever has a cell to give back has synchronised with the take() that reserved the addresses.
    if (begin_ == nullptr || memory < begin_ || memory >= begin_ + LargestSecretArena) return false;
    sodium_memzero(memory, size);
    Cell* cell = new (memory) Cell;
    const std::lock_guard guard(mutex_);
    cell->next = free_;
    free_ = cell;
    return true;
  }

 private:
  struct Cell {
    Cell* next;
  };

  void reserve() {
    void* memory = mmap(nullptr, LargestSecretArena + 2 * Fence, PROT_NONE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) fail();
    begin_ = static_cast<char*>(memory) + Fence;
  }

  bool grow(std::size_t cell_size) {
    if (begin_ == nullptr) reserve();
    if (used_ == LargestSecretArena) return false;
    char* const cells = begin_ + used_;
    if (mprotect(cells, Step, PROT_READ | PROT_WRITE) != 0) fail();
    // Leaves it out of core dumps too, even where it may not be locked.
    static_cast<void>(sodium_mlock(cells, Step));
    used_ += Step;
    // The lowest address is taken first.
    for (std::size_t at = Step; at != 0; at -= cell_size) {
      Cell* cell = new (cells + at - cell_size) Cell;
      cell->next = free_;
      free_ = cell;
    }
    return true;
  }

  std::mutex mutex_;
  char* begin_ = nullptr;
  std::size_t used_ = 0;
  Cell* free_ = nullptr;
};

std::size_t arena_of(std::size_t size) {
  return static_cast<std::size_t>(std::bit_width((size - 1) / SmallestCell));
}

// The process's memory is one thing, so this is too. Never destroyed: a Secret may live in a static object.
std::array<Arena, ArenaCount>& arenas() {
  static auto& only = *new std::array<Arena, ArenaCount>;
  return only;
}

}  // namespace

char* allocate_secret(std::size_t size) {
  if (size == 0) return nullptr;
  require_libsodium();
  if (size <= LargestSecretInArena) {
    const std::size_t number = arena_of(size);
    if (char* memory = arenas()[number].take(SmallestCell << number)) return memory;
  }
  void* memory = sodium_malloc(size);
  if (memory == nullptr) fail();
  std::memset(memory, 0, size);
  return static_cast<char*>(memory);
}

void free_secret(char* memory, std::size_t size) noexcept {
  if (memory == nullptr) return;
  if (size <= LargestSecretInArena && arenas()[arena_of(size)].give_back(memory, size)) return;
  sodium_free(memory);  // wipes
}

}  // namespace dialin
