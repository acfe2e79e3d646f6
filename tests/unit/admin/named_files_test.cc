// SPDX-License-Identifier: Apache-2.0
// What an operator's client opens for the service: the files that the command line names, and no other.
#include "admin/named_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>

#include "shell/binder.h"
#include "support/temporary_directory.h"

namespace dialin {
namespace {

using testing::UnorderedElementsAre;

const CommandSpec& row() {
  static const CommandSpec row{
      .verb = "try",
      .group = "Tests",
      .summary = "Tries.",
      .parameters = {
          {.name = "Csv", .kind = ParameterKind::Path, .help = "Read."},
          {.name = "TemplatePath",
           .kind = ParameterKind::Path,
           .help = "A template.",
           .file = FileUse::Template},
          {.name = "Report", .kind = ParameterKind::Path, .help = "New.", .file = FileUse::Create},
          {.name = "Preview", .kind = ParameterKind::Path, .help = "Folder.", .file = FileUse::CreateFolder},
          {.name = "Credential", .help = "Who.", .file = FileUse::AfterAt},
          {.name = "Subject", .help = "A text."}}};
  return row;
}

class Files : public testing::Test {
 protected:
  BoundParameters bind(const std::vector<std::string>& words) {
    const std::vector<std::string_view> views(words.begin(), words.end());
    return bind_parameters(row(), views, Spelling::Cmdlet);
  }
  std::string path(const std::string& name) const { return directory_ / name; }

  test::TemporaryDirectory directory_;
};

int problem(NamedFiles& files, FileOperation operation, const std::string& path) {
  return files.answer({operation, path}).answer.problem;
}

TEST_F(Files, OnlyWhatIsNamedAndOnlyForWhatItIsNamed) {
  directory_.write("people.csv", "x");
  directory_.write("other.csv", "x");
  directory_.write("password", "x");
  NamedFiles files(bind({"-Csv", path("people.csv"), "-Report", path("report.csv"), "-Credential",
                         "bob:@" + path("password"), "-Subject", path("other.csv")}));
  EXPECT_EQ(problem(files, FileOperation::Read, path("people.csv")), 0);
  EXPECT_EQ(problem(files, FileOperation::Read, path("password")), 0);
  EXPECT_EQ(problem(files, FileOperation::Read, path("other.csv")), EPERM);
  EXPECT_EQ(problem(files, FileOperation::Read, path("./people.csv")), EPERM);
  EXPECT_EQ(problem(files, FileOperation::Read, "/etc/passwd"), EPERM);
  EXPECT_EQ(problem(files, FileOperation::Create, path("people.csv")), EPERM);
  EXPECT_EQ(problem(files, FileOperation::List, directory_.path()), EPERM);
  EXPECT_EQ(problem(files, FileOperation::MakeFolder, path("people.csv")), EPERM);
  EXPECT_EQ(problem(files, FileOperation::Read, path("report.csv")), EPERM);
  EXPECT_EQ(problem(files, FileOperation::Keep, path("report.csv")), EPERM) << "not made yet";
}

TEST_F(Files, ATemplateMayBeAFolder) {
  directory_.write("templates/CAWelcomeEmailTemplate.html", "x");
  directory_.write("templates/below/secret", "x");
  directory_.write("secret", "x");
  const std::string folder = path("templates");
  NamedFiles files(bind({"-TemplatePath", folder}));
  const NamedFiles::Done listed = files.answer({FileOperation::List, folder});
  EXPECT_EQ(listed.answer.problem, 0);
  EXPECT_THAT(listed.answer.names, UnorderedElementsAre("CAWelcomeEmailTemplate.html", "below"));
  EXPECT_EQ(problem(files, FileOperation::Read, folder + "/CAWelcomeEmailTemplate.html"), 0);
  EXPECT_EQ(problem(files, FileOperation::Read, folder + "/below/secret"), EPERM);
  EXPECT_EQ(problem(files, FileOperation::Read, folder + "/../secret"), EPERM);
  EXPECT_EQ(problem(files, FileOperation::Read, folder + "/.."), EPERM);
  EXPECT_EQ(problem(files, FileOperation::Create, folder + "/new"), EPERM);
}

TEST_F(Files, ATemplatesTextStandsBesideIt) {
  directory_.write("mine.html", "x");
  NamedFiles files(bind({"-TemplatePath", path("mine.html")}));
  EXPECT_EQ(problem(files, FileOperation::Read, path("mine.html")), 0);
  EXPECT_EQ(problem(files, FileOperation::Read, path("mine.txt")), ENOENT);
  EXPECT_EQ(problem(files, FileOperation::List, path("mine.html")), ENOTDIR);
}

TEST_F(Files, ANewFileIsNewAndGoesAwayUnlessItIsKept) {
  directory_.write("there.csv", "x");
  {
    NamedFiles files(bind({"-Report", path("report.csv"), "-Preview", path("preview")}));
    EXPECT_EQ(problem(files, FileOperation::Create, path("report.csv")), 0);
    EXPECT_EQ(problem(files, FileOperation::Create, path("report.csv")), EEXIST);
    EXPECT_EQ(problem(files, FileOperation::MakeFolder, path("preview")), 0);
    EXPECT_EQ(problem(files, FileOperation::Create, path("preview/en.eml")), 0);
    EXPECT_EQ(problem(files, FileOperation::Create, path("preview/en.html")), 0);
    EXPECT_EQ(problem(files, FileOperation::Create, path("preview/../x")), EPERM);
    EXPECT_EQ(problem(files, FileOperation::Keep, path("preview/en.eml")), 0);
    // Somebody has put another file in the place of one that is not kept.
    std::filesystem::remove(path("preview/en.html"));
    directory_.write("preview/en.html", "theirs");
  }
  EXPECT_FALSE(std::filesystem::exists(path("report.csv")));
  EXPECT_TRUE(std::filesystem::exists(path("preview/en.eml")));
  EXPECT_TRUE(std::filesystem::exists(path("preview/en.html")));
  NamedFiles files(bind({"-Report", path("there.csv")}));
  EXPECT_EQ(problem(files, FileOperation::Create, path("there.csv")), EEXIST);
}

TEST_F(Files, ALinkIsNoNewFile) {
  std::filesystem::create_symlink(path("target"), path("report.csv"));
  NamedFiles files(bind({"-Report", path("report.csv")}));
  EXPECT_EQ(problem(files, FileOperation::Create, path("report.csv")), EEXIST);
  EXPECT_FALSE(std::filesystem::exists(path("target")));
}

}  // namespace
}  // namespace dialin
