// SPDX-License-Identifier: Apache-2.0
// What a run is kept in fails in mid-run: the disk is full, the database is killed. Nobody is lost, nobody
// gets two PINs, the error says what it was, and the run goes on when it is mended.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "run_view.h"
#include "support/free_port.h"
#include "support/postgresql_server.h"

namespace dialin::test {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

// A small file system on `directory`, gone with the object.
class SmallDisk {
 public:
  explicit SmallDisk(std::filesystem::path directory) : directory_(std::move(directory)) {
    if (::mount("tmpfs", directory_.c_str(), "tmpfs", 0, "size=48m,mode=0700") != 0)
      throw std::runtime_error(
          fmt::format("a small file system cannot be mounted: {}", std::strerror(errno)));
  }
  ~SmallDisk() { ::umount2(directory_.c_str(), MNT_DETACH); }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  void fill() const {
    std::ofstream file(directory_ / "filler", std::ios::binary | std::ios::app);
    const std::string page(4096, 'x');
    while (file.write(page.data(), static_cast<std::streamsize>(page.size())).flush()) {
    }
  }
  void make_room() const { std::filesystem::remove(directory_ / "filler"); }

 private:
  std::filesystem::path directory_;
};

class RunStorage : public testing::Test {
 protected:
  static constexpr std::size_t people_in_run = 200;

  void expect_nobody_lost(const DialinProgram& program, const std::vector<std::string>& people,
                          std::size_t interruptions) {
    const std::size_t repeats = expect_welcomed(program, people, receiver_.mails());
    std::cout << fmt::format("{} repeats\n", repeats);
    EXPECT_LE(repeats, interruptions * most_repeats_of_a_kill);
    expect_finished(program, "march", people);
    EXPECT_EQ(program.outbox("Queued") + program.outbox("Sending"), 0U);
  }
  bool arrived(std::size_t count) {
    return eventually([&] { return receiver_.mail_count() >= count; });
  }

  MailReceiver receiver_;
};

TEST_F(RunStorage, ADiskThatIsFullInMidRun) {
  DialinProgram program;
  const SmallDisk disk(program.data_directory());
  const std::vector<std::string> people = numbered("p", people_in_run);
  program.import_people(people);
  const auto process = program.start(run_command(program, "march", people, receiver_.port()));
  ASSERT_TRUE(arrived(20));
  disk.fill();
  const Completed full = process->wait();
  EXPECT_EQ(full.exit_code, 69) << full.error;
  EXPECT_THAT(full.error, AnyOf(HasSubstr("disk is full"), HasSubstr("full")));
  EXPECT_THAT(full.error, Not(HasSubstr("internal error")));
  // Typed again while nothing has changed.
  const Completed still = program.run(resume_command("march"));
  EXPECT_THAT(still.exit_code, AnyOf(69, 75)) << still.error;
  disk.make_room();
  const Completed done = program.run(resume_command("march"));
  EXPECT_EQ(done.exit_code, 0) << done.error;
  expect_nobody_lost(program, people, 1);
}

TEST_F(RunStorage, ADatabaseThatIsKilledInMidRunAndComesBack) {
  PostgresqlServer server;
  DialinProgram program;
  program.set("store", "url", fmt::format("\"{}\"", server.create_database()));
  const std::vector<std::string> people = numbered("p", people_in_run);
  program.import_people(people);
  const auto process = program.start(run_command(program, "march", people, receiver_.port()));
  ASSERT_TRUE(arrived(20));
  server.kill();
  server.start();
  const Completed first = process->wait();
  // It may have gone on, or given up.
  EXPECT_THAT(first.exit_code, AnyOf(0, 69)) << first.error;
  if (first.exit_code == 69) EXPECT_THAT(first.error, HasSubstr("PostgreSQL"));
  const Completed done = program.run(resume_command("march"));
  EXPECT_EQ(done.exit_code, 0) << done.error;
  expect_nobody_lost(program, people, 1);
}

}  // namespace
}  // namespace dialin::test
