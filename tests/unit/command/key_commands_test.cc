// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "unit/command/command_bench.h"

namespace dialin::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class KeyCommands : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(bench.run({"people", "add", "bob@contoso.com"}), 0) << bench.error();
    ASSERT_EQ(bench.run({"pin", "set", "bob@contoso.com", "--pin", "383042650"}), 0) << bench.error();
  }
  std::filesystem::path keys() const { return bench.data_directory() / "keys"; }

  CommandBench bench;
};

TEST_F(KeyCommands, AnExportedKeyBringsALostOneBack) {
  bench.prompter.secrets = {"correct horse battery", "correct horse battery"};
  const std::filesystem::path file = bench.directory / "key.txt";
  ASSERT_EQ(bench.run({"key", "export", file.string()}), 0) << bench.error();
  EXPECT_THAT(read_file(file), StartsWith("-----BEGIN DIALIN KEY-----"));
  struct stat status {};
  ASSERT_EQ(stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);

  std::filesystem::remove_all(keys());
  EXPECT_EQ(bench.run({"pin", "check", "bob@contoso.com", "--pin", "383042650"}), 78);
  EXPECT_THAT(bench.error(), HasSubstr("dialin key import"));
  bench.prompter.secrets = {"correct horse batterz"};
  EXPECT_EQ(bench.run({"key", "import", file.string()}), 64);
  bench.prompter.secrets = {"correct horse battery"};
  ASSERT_EQ(bench.run({"key", "import", file.string()}), 0) << bench.error();
  EXPECT_THAT(bench.output(), HasSubstr(keys().string()));
  EXPECT_EQ(bench.run({"pin", "check", "bob@contoso.com", "--pin", "383042650"}), 0) << bench.error();
}

TEST_F(KeyCommands, ThePassphraseMayComeFromAFileAndTheKeyGoThroughAPipe) {
  const auto passphrase = bench.file("passphrase", "correct horse battery\n");
  std::filesystem::permissions(passphrase, std::filesystem::perms::owner_read);
  ASSERT_EQ(bench.run({"key", "export", "--passphrase-file", passphrase.string()}), 0) << bench.error();
  const std::string block = bench.output();
  EXPECT_THAT(block, AllOf(StartsWith("-----BEGIN"), Not(HasSubstr("correct horse"))));
  CommandBench other;  // a host where there is no data directory yet
  other.input = block;
  ASSERT_EQ(other.run({"key", "import", "-", "--passphrase-file", passphrase.string()}), 0) << other.error();
  EXPECT_THAT(other.error(), HasSubstr("Made " + other.data_directory().string()));
  struct stat status {};
  ASSERT_EQ(stat(other.data_directory().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700U);
}

TEST_F(KeyCommands, APassphraseIsLongAndTypedTwiceTheSame) {
  bench.prompter.secrets = {"short"};
  EXPECT_EQ(bench.run({"key", "export"}), 64);
  bench.prompter.secrets = {"correct horse battery", "correct horse batterz"};
  EXPECT_EQ(bench.run({"key", "export"}), 64);
  EXPECT_THAT(bench.error(), Not(HasSubstr("horse")));
  EXPECT_EQ(bench.run({"key", "export"}), 78);  // nobody to ask
  EXPECT_THAT(bench.error(), HasSubstr("-PassphraseFile"));
  EXPECT_EQ(bench.output(), "");
}

TEST_F(KeyCommands, NothingIsOverwrittenAndNoRubbishIsImported) {
  const auto there = bench.file("there.txt", "mine");
  bench.prompter.secrets = {"correct horse battery", "correct horse battery"};
  EXPECT_EQ(bench.run({"key", "export", there.string()}), 1);
  EXPECT_EQ(read_file(there), "mine");
  bench.prompter.secrets = {"correct horse battery"};
  EXPECT_EQ(bench.run({"key", "import", there.string()}), 64);
}

TEST(KeyCommandsWithoutStore, ExportMakesNone) {
  CommandBench bench;
  EXPECT_EQ(bench.run({"key", "export"}), 1);
  EXPECT_FALSE(bench.store_exists());
}

}  // namespace
}  // namespace dialin::test
