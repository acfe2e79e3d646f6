// SPDX-License-Identifier: Apache-2.0
#include "base/secret.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <thread>
#include <vector>

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
  for (const std::size_t size : {100U, 128U}) {
    const char* where;
    {
      Secret secret(std::string(size, 'S'));
      where = secret.reveal(ClearSecretAccess()).data();
    }
    // Small secrets share a block that is never given back, so the place may still be read; its first octets
    // now link the free places.
    EXPECT_EQ(std::string_view(where, size).find('S'), std::string_view::npos);
    EXPECT_EQ(std::string_view(where + sizeof(void*), size - sizeof(void*)),
              std::string(size - sizeof(void*), '\0'));
    EXPECT_EQ(text_of(Secret::of_size(size)), std::string(size, '\0'));
  }
  EXPECT_EQ(text_of(Secret::of_size(5000)), std::string(5000, '\0'));
}

TEST(Secret, ManyAtATimeDoNotTouchEachOther) {
  std::vector<Secret> secrets;
  for (int i = 0; i < 5000; ++i) secrets.emplace_back("secret number " + std::to_string(i));
  for (std::size_t i = 0; i < secrets.size(); i += 2) secrets[i] = Secret();
  for (std::size_t i = 1; i < secrets.size(); i += 2) {
    EXPECT_EQ(text_of(secrets[i]), "secret number " + std::to_string(i));
  }
}

TEST(Secret, ThreadsMakeAndEndThem) {
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([number, &wrong] {
      for (int i = 0; i < 5000; ++i) {
        const std::string text = std::to_string(number) + "/" + std::to_string(i);
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

TEST(SecretDeathTest, ReadingBeyondALargeOneIsCaught) {
  EXPECT_DEATH(
      {
        const Secret secret(std::string(4096, 'x'));
        // The volatile makes the compiler read it.
        const volatile char* text = secret.reveal(ClearSecretAccess()).data();
        [[maybe_unused]] const char beyond = text[4096];
      },
      "");
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
