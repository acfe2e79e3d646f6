// SPDX-License-Identifier: Apache-2.0
// Whether Dialin belongs to another account here, and what that account's clients may not bring along.
#include "config/installation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.h"
#include "support/temporary_directory.h"

namespace dialin {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Installations : public testing::Test {
 protected:
  Surroundings surroundings() const { return {.environment = {}, .root = directory_.path()}; }
  // As an account that is not the owner of what the test makes.
  std::optional<Installation> of_another() const { return find_installation(surroundings(), geteuid() + 1); }

  test::TemporaryDirectory directory_;
};

TEST_F(Installations, NoDataDirectoryNoInstallation) {
  EXPECT_FALSE(of_another());
  directory_.write("etc/dialin/dialin.toml", "[smtp]\nserver = \"mail.contoso.com\"\n");
  EXPECT_FALSE(of_another());
}

TEST_F(Installations, TheOwnerOpensTheStore) {
  directory_.write("var/lib/dialin/store.lock", "");
  EXPECT_FALSE(find_installation(surroundings(), geteuid()));
}

TEST_F(Installations, EverybodyElseAsksTheSocket) {
  directory_.write("var/lib/dialin/store.lock", "");
  const auto found = of_another();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->owner, geteuid());
  EXPECT_EQ(found->data_directory, directory_ / "var/lib/dialin");
  EXPECT_EQ(found->socket, directory_ / "run/dialin/admin.sock");
}

TEST_F(Installations, TheServicesFileSaysWhereThingsAre) {
  const std::string data = directory_.write("srv/data/store.lock", "").parent_path();
  directory_.write("etc/dialin/dialin.toml", "[store]\ndata_directory = \"" + data +
                                                 "\"\n[admin]\nlisten = \"unix:/run/other.sock\"\n");
  const auto found = of_another();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->data_directory, data);
  EXPECT_EQ(found->socket, "/run/other.sock");
}

TEST_F(Installations, TheCallersEnvironmentSaysNothing) {
  directory_.write("var/lib/dialin/store.lock", "");
  Surroundings own = surroundings();
  own.environment = {{"DIALIN_DATA", directory_ / "own"}, {"DIALIN_ADMIN_LISTEN", "unix:/tmp/own.sock"}};
  const auto found = find_installation(own, geteuid() + 1);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->socket, directory_ / "run/dialin/admin.sock");
}

TEST_F(Installations, WhatIsRefused) {
  Surroundings own = surroundings();
  own.environment = {{"DIALIN_DATA", "/x"},     {"DIALIN_SMTP_PASSWORD", "x"}, {"DIALIN_MAIL_FROM", ""},
                     {"XDG_CONFIG_HOME", "/x"}, {"XDG_RUNTIME_DIR", "/x"},     {"LANG", "C"}};
  EXPECT_THAT(refused_variables(own), ElementsAre("DIALIN_DATA", "XDG_CONFIG_HOME"));
  own.environment.clear();
  EXPECT_THAT(refused_variables(own), IsEmpty());
}

TEST(SocketPaths, AreAbsoluteAndOfThisHost) {
  EXPECT_EQ(socket_path_of("unix:/run/dialin/admin.sock", "[admin] listen"), "/run/dialin/admin.sock");
  for (const char* other : {"", "unix:", "unix:admin.sock", "127.0.0.1:80", "/run/dialin/admin.sock"})
    EXPECT_THROW(socket_path_of(other, "[admin] listen"), Error) << other;
}

}  // namespace
}  // namespace dialin
