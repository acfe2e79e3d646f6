// SPDX-License-Identifier: Apache-2.0
// Long inputs: the preview of a million rows beside one of ten thousand, and as many bad rows: time and
// memory.
//
// DIALIN_PROGRAM names the program, DIALIN_BENCH_ROWS the larger number of rows (1000000).
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "measured_process.h"
#include "support/mail_servers.h"
#include "support/temporary_directory.h"

namespace dialin {
namespace {

std::string rows(int count, const char* header, const char* row) {
  std::string text = header;
  for (int i = 0; i < count; ++i) text += fmt::format(fmt::runtime(row), i);
  return text;
}

int run() {
  const char* program = std::getenv("DIALIN_PROGRAM");
  if (program == nullptr)
    throw std::runtime_error("DIALIN_PROGRAM does not name the program (script/bench does)");
  const char* wanted = std::getenv("DIALIN_BENCH_ROWS");
  const int many = wanted != nullptr ? std::atoi(wanted) : 1'000'000;
  const int few = many / 100;
  const test::TemporaryDirectory directory;
  const test::SmtpSink sink({}, /*keep=*/false);
  const bench::Environment environment = {{"PATH", "/usr/bin:/bin"},
                                          {"HOME", directory.path()},
                                          {"LC_ALL", "C.UTF-8"},
                                          {"DIALIN_DATA", directory / "data"},
                                          {"PSEmailServer", fmt::format("127.0.0.1:{}", sink.port())}};
  const std::string people = directory.write(
      "people.csv", rows(many, "SipAddress,Mail\r\n", "sip:p{0}@contoso.com,p{0}@contoso.com\r\n"));
  const auto imported = bench::run_process({program, "people", "import", people}, environment);
  fmt::print("import of {} people: {:.1f} s, {} MiB\n", many, imported.wall / 1000,
             imported.largest_memory / 1024);
  const auto preview = [&](const char* what, int count, const char* row) {
    const std::string users = directory.write("users.csv", rows(count, "UserUri\r\n", row));
    const auto sample = bench::run_process({program, "welcome", "--csv", users, "--from", "marco@contoso.com",
                                            "--no-link", "--skip-invalid", "--what-if"},
                                           environment);
    fmt::print("preview of {} {}: {:.1f} s, {} MiB\n", count, what, sample.wall / 1000,
               sample.largest_memory / 1024);
    std::fflush(stdout);
  };
  preview("rows", few, "p{}@contoso.com\r\n");
  preview("rows", many, "p{}@contoso.com\r\n");
  preview("bad rows", few, "nobody{}@contoso.com\r\n");
  preview("bad rows", many, "nobody{}@contoso.com\r\n");
  return 0;
}

}  // namespace
}  // namespace dialin

int main() {
  try {
    return dialin::run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
