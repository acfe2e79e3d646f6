// SPDX-License-Identifier: Apache-2.0
// Who may get at a file with a secret.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "command/operator_files.h"
#include "support/temporary_directory.h"

namespace dialin::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class SecretFile : public testing::Test {
 protected:
  // Empty: it is read; else why not, and what to do.
  std::string refusal(mode_t mode, uid_t owner = 0) {
    const std::string file = directory_.write("secret", "one two\n");
    EXPECT_EQ(chown(file.c_str(), owner, 0), 0);
    EXPECT_EQ(chmod(file.c_str(), mode), 0);
    try {
      EXPECT_TRUE(read_secret_file(file)->same_as(Secret(std::string_view("one two"))));
      return {};
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Configuration);
      return std::string(error.what()) + " | " + error.next();
    }
  }
  const TemporaryDirectory directory_;
};

TEST_F(SecretFile, IsItsOwnersAlone) {
  for (const mode_t mode : {0400, 0600, 0700}) {
    EXPECT_EQ(refusal(mode), "");
    EXPECT_EQ(refusal(mode, 65534), "");
  }
  for (const mode_t mode : {0604, 0644, 0602, 0620, 0660, 0601, 0666}) {
    EXPECT_THAT(refusal(mode), AllOf(HasSubstr("others may read or change it"), HasSubstr("chmod 0640")))
        << mode;
    EXPECT_THAT(refusal(mode, 65534), HasSubstr("chmod 0600")) << mode;
  }
}

TEST_F(SecretFile, MayBeReadByAGroupThatRootHasGivenItTo) {
  EXPECT_EQ(refusal(0640), "");
  EXPECT_EQ(refusal(0440), "");
  EXPECT_THAT(refusal(0640, 65534), HasSubstr("has mode 0640"));
}

TEST_F(SecretFile, APipeHasNoOtherReaders) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], "from a shell\n", 13), 13);
  close(ends[1]);
  EXPECT_TRUE(read_secret_file("/dev/fd/" + std::to_string(ends[0]))
                  ->same_as(Secret(std::string_view("from a shell"))));
  close(ends[0]);
}

}  // namespace
}  // namespace dialin::test
