// SPDX-License-Identifier: Apache-2.0
#include "base/secret_memory.h"

#include <sodium.h>

#include <cstring>
#include <mutex>

#include "base/error.h"
#include "base/libsodium.h"

namespace dialin {
namespace {

constexpr std::size_t CellSize = 128;  // holds a PIN, a key, a password, a verifier (97)
constexpr std::size_t CellsInBlock = 512;

void* allocate_fenced(std::size_t size) {
  require_libsodium();
  void* memory = sodium_malloc(size);
  if (memory == nullptr) {
    throw Error(ErrorCode::Internal, "the system gives no more memory for secrets",
                "Raise the memory limit of the process or vm.max_map_count.");
  }
  return memory;
}

// Cells of equal size; those that are free hold the address of the next one and zeros. Blocks are kept until
// the process ends: there are as many as the most secrets at a time needed.
class CellPool {
 public:
  char* take() {
    const std::lock_guard guard(mutex_);
    if (free_ == nullptr) add_block();
    Cell* cell = free_;
    free_ = cell->next;
    cell->next = nullptr;
    return reinterpret_cast<char*>(cell);
  }

  void give_back(char* memory) noexcept {
    sodium_memzero(memory, CellSize);
    Cell* cell = reinterpret_cast<Cell*>(memory);
    const std::lock_guard guard(mutex_);
    cell->next = free_;
    free_ = cell;
  }

 private:
  union Cell {
    Cell* next;
    char octets[CellSize];
  };
  static_assert(sizeof(Cell) == CellSize);

  void add_block() {
    // A multiple of the page size, so that sodium_malloc, which aligns the end, aligns the beginning too.
    static_assert(CellSize * CellsInBlock % 65536 == 0);
    auto* cells = static_cast<Cell*>(allocate_fenced(CellSize * CellsInBlock));
    std::memset(static_cast<void*>(cells), 0, CellSize * CellsInBlock);
    for (std::size_t i = 0; i < CellsInBlock; ++i) {
      cells[i].next = free_;
      free_ = &cells[i];
    }
  }

  std::mutex mutex_;
  Cell* free_ = nullptr;
};

// The process's memory is one thing, so this is too. Never destroyed: a Secret may live in a static object.
CellPool& pool() {
  static CellPool& only = *new CellPool;
  return only;
}

}  // namespace

char* allocate_secret(std::size_t size) {
  if (size == 0) return nullptr;
  if (size <= CellSize) return pool().take();
  void* memory = allocate_fenced(size);
  std::memset(memory, 0, size);
  return static_cast<char*>(memory);
}

void free_secret(char* memory, std::size_t size) noexcept {
  if (memory == nullptr) return;
  if (size <= CellSize) {
    pool().give_back(memory);
  } else {
    sodium_free(memory);  // wipes
  }
}

}  // namespace dialin
