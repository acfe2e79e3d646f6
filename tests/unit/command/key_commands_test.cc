// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <nlohmann/json.hpp>

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

std::string key_in_state(CommandBench& bench, const std::string& state) {
  EXPECT_EQ(bench.run({"key", "status", "-Output", "json"}), 0) << bench.error();
  for (const nlohmann::json& key : nlohmann::json::parse(bench.output())) {
    if (key["State"] == state) return key["Key"];
  }
  return "none";
}

TEST_F(KeyCommands, StatusSaysWhetherTheKeyWasExported) {
  EXPECT_EQ(bench.run({"key", "status"}), 0);
  EXPECT_THAT(bench.error(), HasSubstr("was not exported since it was made"));
  const auto passphrase = bench.file("passphrase", "correct horse battery\n");
  std::filesystem::permissions(passphrase, std::filesystem::perms::owner_read);
  ASSERT_EQ(bench.run({"key", "export", "--passphrase-file", passphrase.string()}), 0) << bench.error();
  EXPECT_EQ(bench.run({"key", "status"}), 0);
  EXPECT_EQ(bench.error(), "");
  EXPECT_EQ(bench.run({"key", "export", "--key-id", "0123456789abcdef"}), 1);
}

TEST_F(KeyCommands, AChangedKeyChecksTheSamePinsAndTheFormerOneCanBeForgotten) {
  const std::string first = key_in_state(bench, "InUse");
  EXPECT_EQ(bench.run({"key", "forget", first, "--yes"}), 1);
  EXPECT_THAT(bench.error(), HasSubstr("is in use"));
  EXPECT_EQ(bench.run({"key", "rotate", "--what-if"}), 0);
  EXPECT_THAT(bench.output(), HasSubstr("1 PIN under the key " + first));
  EXPECT_EQ(key_in_state(bench, "InUse"), first);
  ASSERT_EQ(bench.run({"key", "rotate"}), 0) << bench.error();
  EXPECT_THAT(bench.error(), HasSubstr("dialin key export FILE"));
  EXPECT_NE(key_in_state(bench, "InUse"), first);
  EXPECT_EQ(bench.run({"key", "forget", first}), 64);  // nobody to ask
  EXPECT_THAT(bench.error(), HasSubstr("and it was never exported"));
  ASSERT_EQ(bench.run({"key", "forget", first, "--yes"}), 0) << bench.error();
  EXPECT_FALSE(std::filesystem::exists(keys() / (first + ".key")));
  EXPECT_EQ(bench.run({"key", "forget", first, "--yes"}), 0) << bench.error();
  EXPECT_EQ(bench.run({"pin", "check", "bob@contoso.com", "--pin", "383042650"}), 0) << bench.error();
  EXPECT_EQ(bench.run({"key", "forget", "rubbish", "--yes"}), 64);
  EXPECT_EQ(bench.run({"key", "forget", "0123456789abcdef", "--yes"}), 1);
}

TEST_F(KeyCommands, AKeyIsPreparedForOtherHosts) {
  const std::string first = key_in_state(bench, "InUse");
  ASSERT_EQ(bench.run({"key", "rotate", "--prepare"}), 0) << bench.error();
  const std::string prepared = key_in_state(bench, "Prepared");
  EXPECT_THAT(bench.error(), Not(HasSubstr("never named")));
  ASSERT_EQ(bench.run({"key", "rotate", "--prepare"}), 0) << bench.error();
  EXPECT_EQ(key_in_state(bench, "Prepared"), prepared);
  EXPECT_EQ(key_in_state(bench, "InUse"), first);
  ASSERT_EQ(bench.run({"key", "rotate"}), 0) << bench.error();
  EXPECT_EQ(key_in_state(bench, "InUse"), prepared);
  EXPECT_EQ(key_in_state(bench, "Retired"), first);
}

TEST(KeyCommandsWithoutStore, ExportMakesNone) {
  CommandBench bench;
  EXPECT_EQ(bench.run({"key", "export"}), 1);
  EXPECT_FALSE(bench.store_exists());
}

}  // namespace
}  // namespace dialin::test
