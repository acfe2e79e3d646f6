// SPDX-License-Identifier: Apache-2.0
#include "shell/streams.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "base/error.h"
#include "shell/posix_streams.h"
#include "support/fake_prompter.h"
#include "support/fake_streams.h"

namespace dialin {
namespace {

using Stream = Streams::Stream;

// A pipe of the test's own.
struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() { EXPECT_EQ(pipe(ends), 0); }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  void close_end(int which) {
    if (ends[which] >= 0) close(ends[which]);
    ends[which] = -1;
  }
  std::string read_all() {
    close_end(1);
    std::string text;
    char buffer[256];
    for (ssize_t count; (count = read(ends[0], buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(count));
    }
    return text;
  }
};

TEST(OperatorEnvironment, KeepsWhatMeansSomething) {
  const char* const environment[] = {"PATH=/bin",
                                     "psemailserver=mail.contoso.com",
                                     "LANG=fr_CA.UTF-8",
                                     "LC_TIME=C",
                                     "LC_=x",
                                     "DIALIN_SMTP_PASSWORD=secret",
                                     "TZ=UTC",
                                     "TERM=xterm",
                                     "NO_COLOR=1",
                                     "nonsense",
                                     nullptr};
  EXPECT_THAT(operator_environment(environment),
              testing::UnorderedElementsAre(
                  testing::Pair("PSEmailServer", "mail.contoso.com"), testing::Pair("LANG", "fr_CA.UTF-8"),
                  testing::Pair("LC_TIME", "C"), testing::Pair("LC_", "x"), testing::Pair("TZ", "UTC"),
                  testing::Pair("TERM", "xterm"), testing::Pair("NO_COLOR", "1")));
}

TEST(OperatorEnvironment, TheExactNameOfTheMailServerWinsAndAnEmptyOneIsUnset) {
  const char* const exact_last[] = {"PSEMAILSERVER=a", "PSEmailServer=b", nullptr};
  EXPECT_EQ(operator_environment(exact_last).at("PSEmailServer"), "b");
  const char* const exact_first[] = {"PSEmailServer=b", "PSEMAILSERVER=a", nullptr};
  EXPECT_EQ(operator_environment(exact_first).at("PSEmailServer"), "b");
  const char* const empty[] = {"PSEmailServer=", nullptr};
  EXPECT_EQ(operator_environment(empty).count("PSEmailServer"), 0u);
}

TEST(Streams, ColourOnlyWhereItIsWanted) {
  FakeStreams streams;
  streams.variables = {{"TERM", "xterm"}};
  EXPECT_FALSE(streams.may_colour(Stream::Output));
  streams.output_is_terminal = true;
  EXPECT_TRUE(streams.may_colour(Stream::Output));
  streams.variables["NO_COLOR"] = "1";
  EXPECT_FALSE(streams.may_colour(Stream::Output));
  streams.variables = {{"TERM", "dumb"}};
  EXPECT_FALSE(streams.may_colour(Stream::Output));
}

TEST(Streams, TheOperatorsLanguage) {
  FakeStreams streams;
  EXPECT_EQ(streams.language(), std::nullopt);
  streams.variables = {{"LANG", "fr_CA.UTF-8"}};
  EXPECT_EQ(streams.language(), "fr-CA");
  streams.variables["LC_MESSAGES"] = "de_DE@euro";
  EXPECT_EQ(streams.language(), "de-DE");
  streams.variables["LC_ALL"] = "C.UTF-8";
  EXPECT_EQ(streams.language(), std::nullopt);
}

TEST(Streams, ReadsLines) {
  FakeStreams streams;
  streams.input = "one\r\n\ntwo";
  EXPECT_EQ(streams.read_line(), "one");
  EXPECT_EQ(streams.read_line(), "");
  EXPECT_EQ(streams.read_line(), "two");
  EXPECT_EQ(streams.read_line(), std::nullopt);
  FakeStreams endless;
  endless.input = std::string(100, 'x');
  EXPECT_THROW(endless.read_line(99), Error);
}

TEST(Streams, ReadsASecretLine) {
  FakeStreams streams;
  streams.input = "383042650\r\nrest\n\n";
  EXPECT_TRUE(streams.read_secret_line().same_as(Secret("383042650")));
  EXPECT_EQ(streams.read_line(), "rest");
  EXPECT_THROW(streams.read_secret_line(), Error);  // an empty line
  EXPECT_THROW(streams.read_secret_line(), Error);  // the end
  FakeStreams longest;
  longest.input = std::string(1024, 'x');
  EXPECT_EQ(longest.read_secret_line().size(), 1024u);
  FakeStreams longer;
  longer.input = std::string(1025, 'x');
  EXPECT_THROW(longer.read_secret_line(), Error);
}

TEST(ReadNamedSecret, AsksOnATerminalAndReadsElsewhere) {
  FakeStreams streams;
  FakePrompter prompter;
  prompter.secrets = {"asked"};
  streams.input = "read\n";
  EXPECT_TRUE(read_named_secret(streams, prompter, "PIN").same_as(Secret("read")));
  EXPECT_TRUE(prompter.questions.empty());
  streams.input_is_terminal = true;
  EXPECT_TRUE(read_named_secret(streams, prompter, "PIN").same_as(Secret("asked")));
}

TEST(PosixStreams, ReadsAndWrites) {
  Pipe input, output, error;
  ASSERT_EQ(write(input.ends[1], "line\nrest", 9), 9);
  {
    PosixStreams streams(input.ends[0], output.ends[1], error.ends[1], {});
    EXPECT_EQ(streams.read_line(), "line");
    char rest[4];
    EXPECT_EQ(read(input.ends[0], rest, 4), 4) << "read_line took more than the line";
    streams.write_output("result\n");
    streams.write_error("warning\n");
    streams.write_output("kept back");
    EXPECT_FALSE(streams.is_terminal(Stream::Output));
    EXPECT_EQ(streams.width(), 80u);
    streams.flush();
  }
  EXPECT_EQ(output.read_all(), "result\nkept back");
  EXPECT_EQ(error.read_all(), "warning\n");
}

TEST(PosixStreams, AFullDiskIsSaidOnce) {
  const int full = open("/dev/full", O_WRONLY);
  ASSERT_GE(full, 0);
  Pipe error;
  PosixStreams streams(STDIN_FILENO, full, error.ends[1], {});
  streams.write_output("result\n");
  streams.write_error("warning\n");  // cannot flush, and says nothing of it
  try {
    streams.flush();
    ADD_FAILURE() << "the full disk was not noticed";
  } catch (const Error& problem) {
    EXPECT_EQ(problem.code(), ErrorCode::Unavailable);
    EXPECT_THAT(problem.what(), testing::HasSubstr("Standard output cannot be written: No space left"));
  }
  streams.write_output("more\n");
  streams.flush();
  close(full);
  EXPECT_EQ(error.read_all(), "warning\n");
}

TEST(PosixStreams, AReaderThatWentAwayIsAnError) {
  const auto before = signal(SIGPIPE, SIG_IGN);
  Pipe output;
  output.close_end(0);
  PosixStreams streams(STDIN_FILENO, output.ends[1], STDERR_FILENO, {});
  EXPECT_THROW(
      {
        streams.write_output(std::string(1'000'000, 'x'));
        streams.flush();
      },
      Error);
  signal(SIGPIPE, before);
}

TEST(PosixStreams, InputThatCannotBeReadIsAnError) {
  const int directory = open("/", O_RDONLY);
  PosixStreams streams(directory, STDOUT_FILENO, STDERR_FILENO, {});
  EXPECT_THROW(streams.read_line(), Error);
  close(directory);
}

}  // namespace
}  // namespace dialin
