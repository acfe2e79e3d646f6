// SPDX-License-Identifier: Apache-2.0
#include "base/secret.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <set>
#include <thread>
#include <vector>

#include "base/secret_memory.h"

namespace dialin {
namespace {

std::string text_of(const Secret& secret) {
  return std::string(secret.reveal(ClearSecretAccess()));
}

TEST(Secret, HoldsTextOfAnySize) {
  for (const std::size_t size : {1U, 24U, 127U, 128U, 129U, 4096U, 100000U}) {
    const std::string text(size, 'x');
    EXPECT_EQ(text_of(Secret(text)), text);
  }
}

TEST(Secret, EmptyOnesAreEmpty) {
  EXPECT_TRUE(Secret().empty());
  EXPECT_TRUE(Secret("").empty());
  EXPECT_TRUE(Secret::of_size(0).empty());
  EXPECT_TRUE(Secret().same_as(Secret("")));
  EXPECT_TRUE(Secret().duplicate().empty());
  EXPECT_NE(Secret().reveal(ClearSecretAccess()).data(), nullptr);
}

TEST(Secret, KeepsZeroOctets) {
  const Secret secret(std::string_view("a\0b", 3));
  EXPECT_EQ(text_of(secret), std::string("a\0b", 3));
}

TEST(Secret, MovingEmptiesTheSource) {
  Secret first("first");
  Secret second(std::move(first));
  EXPECT_TRUE(first.empty());
  EXPECT_EQ(text_of(second), "first");
  Secret third("third");
  third = std::move(second);
  EXPECT_TRUE(second.empty());
  EXPECT_EQ(text_of(third), "first");
  Secret& self = third;
  third = std::move(self);
  EXPECT_EQ(text_of(third), "first");
}

TEST(Secret, ADuplicateStandsAlone) {
  Secret original("1234");
  Secret copy = original.duplicate();
  original.reveal_mutable(ClearSecretAccess())[0] = '9';
  EXPECT_EQ(text_of(original), "9234");
  EXPECT_EQ(text_of(copy), "1234");
}

TEST(Secret, ComparesWhole) {
  const Secret secret("pass word");
  EXPECT_TRUE(secret.same_as(Secret("pass word")));
  EXPECT_FALSE(secret.same_as(Secret("pass worD")));
  EXPECT_FALSE(secret.same_as(Secret("Pass word")));
  EXPECT_FALSE(secret.same_as(Secret("pass wor")));
  EXPECT_FALSE(secret.same_as(Secret()));
}

TEST(Secret, MemoryComesBackWipedAndIsZeroAtFirst) {
  for (const std::size_t size : {100U, 128U, 129U, 5000U, 15000U, 65536U}) {
    const char* where;
    {
      Secret secret(std::string(size, 'S'));
      where = secret.reveal(ClearSecretAccess()).data();
    }
    // An arena is never given back, so the place may still be read; its first octets now link the free
    // places.
    EXPECT_EQ(std::string_view(where + sizeof(void*), size - sizeof(void*)),
              std::string(size - sizeof(void*), '\0'));
    EXPECT_EQ(std::string_view(where, size).find('S'), std::string_view::npos);
    const Secret next = Secret::of_size(size);
    EXPECT_EQ(next.reveal(ClearSecretAccess()).data(), where);
    EXPECT_EQ(text_of(next), std::string(size, '\0'));
  }
  EXPECT_EQ(text_of(Secret::of_size(70000)), std::string(70000, '\0'));
}

TEST(Secret, ManyAtATimeDoNotTouchEachOther) {
  std::vector<Secret> secrets;
  for (int i = 0; i < 5000; ++i) secrets.emplace_back("secret number " + std::to_string(i));
  for (std::size_t i = 0; i < secrets.size(); i += 2) secrets[i] = Secret();
  for (std::size_t i = 1; i < secrets.size(); i += 2) {
    EXPECT_EQ(text_of(secrets[i]), "secret number " + std::to_string(i));
  }
}

TEST(Secret, AnArenaGrowsAndIsUsedAgain) {
  std::set<const void*> places;
  for (int round = 0; round < 3; ++round) {
    std::vector<Secret> secrets;
    for (int i = 0; i < 40; ++i) {
      secrets.emplace_back(std::string(40000, static_cast<char>('a' + i)));
      places.insert(secrets.back().reveal(ClearSecretAccess()).data());
    }
    for (int i = 0; i < 40; ++i) {
      ASSERT_EQ(text_of(secrets[static_cast<std::size_t>(i)]),
                std::string(40000, static_cast<char>('a' + i)));
    }
  }
  EXPECT_EQ(places.size(), 40u);
}

TEST(Secret, WhatAFullArenaCannotHoldHasItsOwnPlace) {
  std::vector<Secret> secrets;
  for (std::size_t i = 0; i < LargestSecretArena / LargestSecretInArena + 10; ++i) {
    secrets.push_back(Secret::of_size(LargestSecretInArena));
    secrets.back().reveal_mutable(ClearSecretAccess())[0] = static_cast<char>(i);
  }
  for (std::size_t i = 0; i < secrets.size(); ++i) {
    ASSERT_EQ(secrets[i].reveal(ClearSecretAccess())[0], static_cast<char>(i));
  }
  // In the order in which they were made, so that those of the arena come back while others are out.
  for (Secret& secret : secrets) secret = Secret();
  EXPECT_EQ(text_of(Secret::of_size(LargestSecretInArena)), std::string(LargestSecretInArena, '\0'));
}

TEST(Secret, ThreadsMakeAndEndThem) {
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([number, &wrong] {
      for (int i = 0; i < 5000; ++i) {
        std::string text = std::to_string(number) + "/" + std::to_string(i);
        text.resize(static_cast<std::size_t>(i % 20) * 1000 + 20, 'x');
        const Secret secret(text);
        const Secret copy = secret.duplicate();
        if (copy.reveal(ClearSecretAccess()) != text || !copy.same_as(secret)) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Secret, WorksWhereNoMemoryMayBeLocked) {
  EXPECT_EXIT(
      {
        rlimit none{};
        setrlimit(RLIMIT_MEMLOCK, &none);
        std::vector<Secret> secrets;
        for (int i = 0; i < 2000; ++i) secrets.emplace_back("secret");
        secrets.emplace_back(std::string(10000, 'x'));
        _exit(text_of(secrets[1999]) == "secret" && secrets.back().size() == 10000 ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

void touch(const char* memory) {
  // The volatile makes the compiler read it.
  [[maybe_unused]] const char octet = *static_cast<const volatile char*>(memory);
}

TEST(SecretDeathTest, LeavingAnArenaOrALargeSecretIsCaught) {
  // In a process of its own, so that the cell is the first of its arena.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(touch(Secret::of_size(9000).reveal(ClearSecretAccess()).data() - 1), "");
  EXPECT_DEATH(touch(Secret::of_size(9000).reveal(ClearSecretAccess()).data() + 65536), "");
  // A multiple of the page size ends where its fence begins.
  EXPECT_DEATH(touch(Secret::of_size(131072).reveal(ClearSecretAccess()).data() + 131072), "");
}

TEST(Wipe, OverwritesTheWholeCapacity) {
  std::string text(100, 'S');
  const char* where = text.data();
  const std::size_t capacity = text.capacity();
  text.resize(10);
  wipe(text);
  EXPECT_TRUE(text.empty());
  ASSERT_EQ(text.data(), where);
  // The octets between size and capacity are still the string's memory.
  EXPECT_EQ(std::string_view(where, capacity), std::string(capacity, '\0'));

  char buffer[] = "secret";
  wipe(buffer, sizeof buffer);
  EXPECT_EQ(std::string_view(buffer, sizeof buffer), std::string(sizeof buffer, '\0'));
}

}  // namespace
}  // namespace dialin
