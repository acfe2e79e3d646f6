// SPDX-License-Identifier: Apache-2.0
#include "config/places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "base/error.h"

namespace dialin {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

// Root may read everything; rights are tried as another account.
class WithoutPrivileges {
 public:
  WithoutPrivileges() {
    if (geteuid() == 0) changed_ = setegid(65534) == 0 && seteuid(65534) == 0;
  }
  ~WithoutPrivileges() {
    if (changed_ && (seteuid(0) != 0 || setegid(0) != 0)) std::abort();
  }

 private:
  bool changed_ = false;
};

class Places : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "dialin-places-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    ASSERT_EQ(chmod(name.c_str(), 0755), 0);
    surroundings_.root = root_;
    surroundings_.environment["HOME"] = (root_ / "home").string();
  }
  void TearDown() override {
    for (const auto& entry : fs::directory_iterator(root_)) fs::permissions(entry, fs::perms::owner_all);
    fs::remove_all(root_);
  }

  fs::path write(const std::string& file, const std::string& text = "[smtp]\n") {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
    return root_ / file;
  }
  void make(const std::string& directory) { fs::create_directories(root_ / directory); }

  template <typename Call>
  static Error error_of(Call call) {
    try {
      call();
    } catch (const Error& error) {
      return error;
    }
    return Error(ErrorCode::Internal, "nothing was thrown");
  }
  Error configuration_error(const std::optional<std::string>& named = std::nullopt) {
    return error_of([&] { find_configuration_file(named, surroundings_); });
  }
  Error data_error(const std::string& configured = {}) {
    return error_of([&] { find_data_directory(configured, surroundings_); });
  }

  fs::path root_;
  Surroundings surroundings_;
};

TEST_F(Places, TheConfigurationIsLookedForInOrder) {
  ConfigurationPlace place = find_configuration_file(std::nullopt, surroundings_);
  EXPECT_FALSE(place.file);
  EXPECT_THAT(place.reason, HasSubstr("built-in defaults"));

  const fs::path home = write("home/.config/dialin/dialin.toml");
  EXPECT_EQ(find_configuration_file(std::nullopt, surroundings_).file, home);

  surroundings_.environment["XDG_CONFIG_HOME"] = "relative";  // to be ignored
  EXPECT_EQ(find_configuration_file(std::nullopt, surroundings_).file, home);
  surroundings_.environment["XDG_CONFIG_HOME"] = (root_ / "xdg").string();
  EXPECT_FALSE(find_configuration_file(std::nullopt, surroundings_).file);
  const fs::path xdg = write("xdg/dialin/dialin.toml");
  EXPECT_EQ(find_configuration_file(std::nullopt, surroundings_).file, xdg);

  const fs::path system = write("etc/dialin/dialin.toml");
  EXPECT_EQ(find_configuration_file(std::nullopt, surroundings_).file, system);

  surroundings_.environment["DIALIN_CONFIG"] = "";  // counts as not set
  EXPECT_EQ(find_configuration_file(std::nullopt, surroundings_).file, system);
  const fs::path variable = write("variable.toml");
  surroundings_.environment["DIALIN_CONFIG"] = variable.string();
  place = find_configuration_file(std::nullopt, surroundings_);
  EXPECT_EQ(place.file, variable);
  EXPECT_EQ(place.reason, "$DIALIN_CONFIG");

  const fs::path named = write("named.toml");
  place = find_configuration_file(named.string(), surroundings_);
  EXPECT_EQ(place.file, named);
  EXPECT_EQ(place.reason, "--config");
}

TEST_F(Places, AFileThatWasNamedMustExist) {
  write("etc/dialin/dialin.toml");
  const Error named = configuration_error((root_ / "missing.toml").string());
  EXPECT_EQ(named.code(), ErrorCode::Configuration);
  EXPECT_THAT(named.what(), AllOf(HasSubstr("missing.toml does not exist"), HasSubstr("--config")));
  surroundings_.environment["DIALIN_CONFIG"] = (root_ / "missing.toml").string();
  EXPECT_THAT(configuration_error().what(), HasSubstr("$DIALIN_CONFIG"));
  EXPECT_THAT(configuration_error(root_.string()).what(), HasSubstr("is a directory"));
}

TEST_F(Places, AConfigurationThatMayNotBeReadIsAnError) {
  const fs::path file = write("etc/dialin/dialin.toml");
  write("home/.config/dialin/dialin.toml");
  ASSERT_EQ(chmod(file.c_str(), 0), 0);
  {
    const WithoutPrivileges other;
    const Error error = configuration_error();
    EXPECT_EQ(error.code(), ErrorCode::Permission);
    EXPECT_THAT(error.what(), AllOf(HasSubstr(file.string()), HasSubstr("owner "), HasSubstr("group "),
                                    HasSubstr("mode 0000")));
    EXPECT_THAT(error.next(), HasSubstr("Run this as"));
  }
  ASSERT_EQ(chmod(file.c_str(), 0040), 0);  // the group may
  if (geteuid() == 0) {
    const WithoutPrivileges other;
    EXPECT_THAT(configuration_error().next(), HasSubstr("Become a member of the group"));
  }
}

TEST_F(Places, ADirectoryThatMayNotBeEnteredIsAnErrorToo) {
  write("etc/dialin/dialin.toml");
  write("home/.config/dialin/dialin.toml");
  ASSERT_EQ(chmod((root_ / "etc").c_str(), 0), 0);
  {
    const WithoutPrivileges other;
    const Error error = configuration_error();
    EXPECT_EQ(error.code(), ErrorCode::Permission);
    EXPECT_THAT(error.what(), HasSubstr("you may not enter " + (root_ / "etc").string() + " ("));
  }
}

TEST_F(Places, TheDataDirectoryIsLookedForInOrder) {
  DataPlace place = find_data_directory({}, surroundings_);
  EXPECT_EQ(place.directory, root_ / "home/.local/state/dialin");
  EXPECT_FALSE(place.exists);
  make("home/.local/state/dialin");
  EXPECT_TRUE(find_data_directory({}, surroundings_).exists);

  surroundings_.environment["XDG_STATE_HOME"] = (root_ / "state").string();
  EXPECT_EQ(find_data_directory({}, surroundings_).directory, root_ / "state/dialin");

  make("var/lib/dialin");
  place = find_data_directory({}, surroundings_);
  EXPECT_EQ(place.directory, root_ / "var/lib/dialin");
  EXPECT_TRUE(place.exists);
  EXPECT_THAT(place.reason, HasSubstr("it exists"));

  surroundings_.environment["DIALIN_DATA"] = (root_ / "variable").string();
  place = find_data_directory({}, surroundings_);
  EXPECT_EQ(place.directory, root_ / "variable");
  EXPECT_FALSE(place.exists);
  EXPECT_THAT(place.reason, HasSubstr("$DIALIN_DATA"));

  place = find_data_directory((root_ / "configured").string(), surroundings_);
  EXPECT_EQ(place.directory, root_ / "configured");
  EXPECT_THAT(place.reason, HasSubstr("store.data_directory"));
}

TEST_F(Places, ADataDirectoryThatMayNotBeWrittenIsAnErrorAndNotPassedOver) {
  make("var/lib/dialin");
  make("home/.local/state/dialin");
  for (const mode_t mode : {0500, 0300, 0600, 0000}) {
    ASSERT_EQ(chmod((root_ / "var/lib/dialin").c_str(), mode), 0);
    const WithoutPrivileges other;
    const Error error = data_error();
    EXPECT_EQ(error.code(), ErrorCode::Permission) << std::oct << mode;
    EXPECT_THAT(error.what(), HasSubstr((root_ / "var/lib/dialin").string()));
  }
  ASSERT_EQ(chmod((root_ / "var/lib/dialin").c_str(), 0700), 0);
}

TEST_F(Places, WhatCannotBeADataDirectory) {
  write("file");
  EXPECT_EQ(data_error((root_ / "file").string()).code(), ErrorCode::Configuration);
  surroundings_.environment["DIALIN_DATA"] = "data";
  EXPECT_THAT(data_error().what(), HasSubstr("relative path data"));
  surroundings_.environment.clear();
  EXPECT_EQ(data_error().code(), ErrorCode::Configuration);
  EXPECT_THAT(data_error().what(), HasSubstr("$HOME"));
}

TEST_F(Places, TheFileIsReadWhole) {
  std::string text;
  for (int i = 0; i < 10000; ++i) text += "# a line\n";
  EXPECT_EQ(read_configuration_file(write("a.toml", text)), text);
  const fs::path large = write("b.toml", std::string((1 << 20) + 1, '#'));
  EXPECT_EQ(error_of([&] { read_configuration_file(large); }).code(), ErrorCode::Configuration);
  EXPECT_EQ(error_of([&] { read_configuration_file(root_ / "missing"); }).code(), ErrorCode::Unavailable);
}

}  // namespace
}  // namespace dialin
