// SPDX-License-Identifier: Apache-2.0
#include "keys/key_directory.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <set>
#include <thread>

#include "base/error.h"
#include "support/temporary_directory.h"
#include "unit/keys/test_keys.h"

namespace dialin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAreArray;

class KeyDirectoryTest : public testing::Test {
 protected:
  std::filesystem::path file(const KeyId& id) const { return path_ / (id.text() + ".key"); }

  static mode_t mode(const std::filesystem::path& path) {
    struct stat status {};
    EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777;
  }

  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_))
      names.push_back(entry.path().filename());
    return names;
  }

  // Expects an Error of `code`; gives its words.
  static std::string words_of(ErrorCode code, const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      return std::string(error.what()) + " | " + error.next();
    }
    ADD_FAILURE() << "no error";
    return {};
  }

  test::TemporaryDirectory temporary_;
  std::filesystem::path path_ = temporary_.path() / "keys";
  SystemRandom random_;
  KeyDirectory keys_{path_, random_};
};

TEST_F(KeyDirectoryTest, TouchesNothingUntilAKeyIsMade) {
  EXPECT_THAT(keys_.list(), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(KeyDirectoryTest, MakesAKeyThatOnlyTheOwnerMayRead) {
  const mode_t before = umask(0);
  const KeyId id = keys_.create();
  umask(before);
  EXPECT_EQ(mode(path_), 0700U);
  EXPECT_EQ(mode(file(id)), 0400U);
  EXPECT_THAT(files(), ElementsAre(id.text() + ".key"));
  const Key key = keys_.load(id);
  EXPECT_EQ(key.id(), id);
  EXPECT_FALSE(key.octets().same_as(Secret::of_size(Key::Size)));
  EXPECT_THAT(keys_.list(), ElementsAre(id));
}

TEST_F(KeyDirectoryTest, EveryKeyIsAnother) {
  std::set<KeyId> ids;
  for (int i = 0; i < 20; ++i) ids.insert(keys_.create());
  EXPECT_EQ(ids.size(), 20U);
  EXPECT_EQ(keys_.list(), std::vector<KeyId>(ids.begin(), ids.end()));
}

TEST_F(KeyDirectoryTest, APathThatEndsInASlashIsTheSame) {
  KeyDirectory keys(path_.string() + "/", random_);
  const KeyId id = keys.create();
  EXPECT_EQ(keys_.load(id).id(), id);
}

TEST_F(KeyDirectoryTest, AMissingKeyIsNamedAndNeverMade) {
  const KeyId id = *KeyId::parse("0123456789abcdef");
  for (int round = 0; round < 2; ++round) {
    const std::string words = words_of(ErrorCode::Configuration, [&] { keys_.load(id); });
    EXPECT_THAT(words, HasSubstr(id.text()));
    EXPECT_THAT(words, HasSubstr(path_.string()));
    EXPECT_THAT(words, HasSubstr("dialin key import"));
    EXPECT_EQ(std::filesystem::exists(path_), round == 1);
    if (round == 0) keys_.create();
  }
  EXPECT_EQ(keys_.list().size(), 1U);
}

TEST_F(KeyDirectoryTest, AnOpenDirectoryIsRefused) {
  const KeyId id = keys_.create();
  for (const mode_t open : {0710, 0750, 0702, 0701, 0755}) {
    ASSERT_EQ(chmod(path_.c_str(), open), 0);
    for (const std::function<void()>& action :
         std::initializer_list<std::function<void()>>{[&] { keys_.load(id); }, [&] { keys_.create(); },
                                                      [&] { keys_.list(); }, [&] { keys_.remove(id); }}) {
      const std::string words = words_of(ErrorCode::Configuration, action);
      EXPECT_THAT(words, HasSubstr("chmod 0700 " + path_.string()));
    }
  }
  ASSERT_EQ(chmod(path_.c_str(), 0700), 0);
  EXPECT_THAT(keys_.list(), ElementsAre(id));
}

TEST_F(KeyDirectoryTest, AnOpenKeyFileIsRefused) {
  const KeyId id = keys_.create();
  for (const mode_t open : {0440, 0404, 0444, 0420}) {
    ASSERT_EQ(chmod(file(id).c_str(), open), 0);
    const std::string words = words_of(ErrorCode::Configuration, [&] { keys_.load(id); });
    EXPECT_THAT(words, HasSubstr("chmod 0400 " + file(id).string()));
    EXPECT_THAT(words, HasSubstr(fmt::format("mode {:04o}", open)));
  }
  ASSERT_EQ(chmod(file(id).c_str(), 0600), 0);  // the owner's own business
  EXPECT_EQ(keys_.load(id).id(), id);
}

TEST_F(KeyDirectoryTest, ForeignOwnersAreRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  const KeyId id = keys_.create();
  ASSERT_EQ(chown(file(id).c_str(), 65534, static_cast<gid_t>(-1)), 0);
  EXPECT_THAT(words_of(ErrorCode::Permission, [&] { keys_.load(id); }), HasSubstr(file(id).string()));
  ASSERT_EQ(chown(path_.c_str(), 65534, static_cast<gid_t>(-1)), 0);
  const std::string words = words_of(ErrorCode::Permission, [&] { keys_.list(); });
  EXPECT_THAT(words, HasSubstr(path_.string()));
  EXPECT_THAT(words, HasSubstr("root"));
}

TEST_F(KeyDirectoryTest, WhatMayNotBeReadIsNeverTakenForMissing) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another account";
  const KeyId id = keys_.create();
  temporary_.open_to_others();
  const auto try_as_nobody = [&] {
    if (setgid(65534) != 0 || setuid(65534) != 0) _exit(9);
    for (const std::function<void()>& action : std::initializer_list<std::function<void()>>{
             [&] { keys_.load(id); }, [&] { keys_.list(); }, [&] { keys_.create(); }}) {
      try {
        action();
        _exit(1);
      } catch (const Error& error) {
        if (error.code() != ErrorCode::Permission) _exit(2);
      }
    }
    _exit(0);
  };
  EXPECT_EXIT(try_as_nobody(), testing::ExitedWithCode(0), "");
}

TEST_F(KeyDirectoryTest, ADamagedKeyFileIsNamed) {
  const KeyId id = keys_.create();
  const KeyId other = keys_.create();
  std::filesystem::remove(file(id));
  std::filesystem::copy(file(other), file(id));  // another key under this name
  const std::string words = words_of(ErrorCode::Configuration, [&] { keys_.load(id); });
  EXPECT_THAT(words, HasSubstr(file(id).string()));
  EXPECT_THAT(words, HasSubstr("damaged"));
}

TEST_F(KeyDirectoryTest, WhatIsNoFileIsRefused) {
  const KeyId id = keys_.create();
  std::filesystem::rename(file(id), path_ / "elsewhere");
  std::filesystem::create_symlink(path_ / "elsewhere", file(id));
  words_of(ErrorCode::Configuration, [&] { keys_.load(id); });
  std::filesystem::remove(file(id));
  ASSERT_EQ(mkfifo(file(id).c_str(), 0400), 0);
  words_of(ErrorCode::Configuration, [&] { keys_.load(id); });  // and does not wait for a writer
  std::filesystem::remove(file(id));
  ASSERT_EQ(mkdir(file(id).c_str(), 0700), 0);
  words_of(ErrorCode::Configuration, [&] { keys_.load(id); });
}

TEST_F(KeyDirectoryTest, AMissingParentIsAnErrorNotMade) {
  KeyDirectory keys(temporary_.path() / "not" / "there", random_);
  EXPECT_THAT(words_of(ErrorCode::Configuration, [&] { keys.create(); }), HasSubstr("not/there"));
  EXPECT_FALSE(std::filesystem::exists(temporary_.path() / "not"));
}

TEST_F(KeyDirectoryTest, AFileInItsPlaceIsAnError) {
  temporary_.write("keys", "");
  words_of(ErrorCode::Configuration, [&] { keys_.create(); });
  words_of(ErrorCode::Configuration, [&] { keys_.list(); });
}

TEST_F(KeyDirectoryTest, ListsKeysOnly) {
  const KeyId id = keys_.create();
  for (const char* name : {".0123456789abcdef.key", "0123456789abcdef", "0123456789abcdef.key.bak", "x.key",
                           ".key", "0123456789ABCDEF.key"}) {
    temporary_.write(std::string("keys/") + name, "");
  }
  EXPECT_THAT(keys_.list(), ElementsAre(id));
}

TEST_F(KeyDirectoryTest, AnUnusedKeyCanBeRemovedAnyNumberOfTimes) {
  const KeyId winner = keys_.create();
  const KeyId loser = keys_.create();
  keys_.remove(loser);
  keys_.remove(loser);
  EXPECT_THAT(keys_.list(), ElementsAre(winner));
  KeyDirectory(temporary_.path() / "none", random_).remove(loser);
}

TEST_F(KeyDirectoryTest, RacingCreatorsAllGetTheirOwn) {
  std::vector<std::optional<KeyId>> made(16);
  std::vector<std::thread> threads;
  for (auto& id : made) threads.emplace_back([this, &id] { id = KeyDirectory(path_, random_).create(); });
  for (std::thread& thread : threads) thread.join();
  std::vector<std::string> expected;
  for (const auto& id : made) {
    ASSERT_TRUE(id);
    EXPECT_EQ(keys_.load(*id).id(), *id);
    expected.push_back(id->text() + ".key");
  }
  EXPECT_THAT(files(), UnorderedElementsAreArray(expected));
}

TEST_F(KeyDirectoryTest, KilledAtAnyInstantLeavesWholeKeysOnly) {
  for (std::size_t round = 1; round <= 10; ++round) {
    const pid_t child = fork();
    if (child == 0) {
      for (;;) keys_.create();
    }
    while (keys_.list().size() < round * 20) {
    }
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    for (const KeyId& id : keys_.list()) EXPECT_EQ(keys_.load(id).id(), id);
  }
}

TEST_F(KeyDirectoryTest, AKeyMovesToAnotherHost) {
  const Secret passphrase("correct horse battery staple");
  const KeyId id = keys_.create();
  const std::string wrapped = keys_.export_wrapped(id, passphrase);
  KeyDirectory elsewhere(temporary_.path() / "elsewhere", random_);
  EXPECT_EQ(elsewhere.import_wrapped(wrapped, passphrase), id);
  EXPECT_TRUE(elsewhere.load(id).octets().same_as(keys_.load(id).octets()));
  EXPECT_EQ(mode(elsewhere.path() / (id.text() + ".key")), 0400U);
  // Where it is already, it stays.
  EXPECT_EQ(keys_.import_wrapped(wrapped, passphrase), id);
  EXPECT_THAT(files(), ElementsAre(id.text() + ".key"));
  // Nor does it replace a file that is damaged: that is said.
  std::filesystem::remove(file(id));
  temporary_.write("keys/" + id.text() + ".key", "nonsense");
  ASSERT_EQ(chmod(file(id).c_str(), 0400), 0);
  EXPECT_THAT(words_of(ErrorCode::Configuration, [&] { keys_.import_wrapped(wrapped, passphrase); }),
              HasSubstr("damaged"));
}

TEST_F(KeyDirectoryTest, AWrongPassphraseImportsNothing) {
  const KeyId id = keys_.create();
  const std::string wrapped = keys_.export_wrapped(id, Secret("correct horse battery staple"));
  KeyDirectory elsewhere(temporary_.path() / "elsewhere", random_);
  EXPECT_THAT(
      words_of(ErrorCode::InvalidInput, [&] { elsewhere.import_wrapped(wrapped, Secret("wrong horse")); }),
      HasSubstr("passphrase"));
  EXPECT_THAT(elsewhere.list(), IsEmpty());
  words_of(ErrorCode::Configuration,
           [&] { keys_.export_wrapped(*KeyId::parse("0123456789abcdef"), Secret("correct horse battery")); });
}

}  // namespace
}  // namespace dialin
