// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "store/soci_session.h"
#include "unit/command/command_bench.h"

namespace dialin::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(Status, SaysThatThereIsNoStoreAndMakesNone) {
  CommandBench bench;
  ASSERT_EQ(bench.run({"status"}), 0) << bench.error();
  EXPECT_THAT(bench.output(),
              AllOf(HasSubstr("built-in defaults"), HasSubstr(bench.data_directory().string()),
                    HasSubstr("there is none yet")));
  EXPECT_FALSE(bench.store_exists());
}

TEST(Status, CountsPeoplePinsAndWelcomesAndNamesSettings) {
  CommandBench bench;
  bench.settings["DIALIN_SMTP_SERVER"] = "mail.contoso.com";
  ASSERT_EQ(bench.run({"people", "import", example("contoso.csv")}), 0);
  ASSERT_EQ(bench.run({"pin", "set", "bob@contoso.com"}), 0);
  ASSERT_EQ(bench.run({"pin", "set", "kim.akers@contoso.com"}), 0);
  ASSERT_EQ(bench.run({"pin", "lock", "kim.akers@contoso.com"}), 0);
  ASSERT_EQ(bench.run({"status", "-Output", "json"}), 0) << bench.error();
  for (const char* line :
       {"\"People\": 6,", "\"PeopleDisabled\": 1,", "\"PinsSet\": 2,", "\"PinsLocked\": 1,",
        "\"WelcomesQueued\": 0,", "\"smtp.server\": \"mail.contoso.com (environment DIALIN_SMTP_SERVER)\""}) {
    EXPECT_THAT(bench.output(), HasSubstr(line));
  }
  ASSERT_EQ(bench.run({"status"}), 0);
  EXPECT_THAT(bench.output(),
              AllOf(HasSubstr("SQLite"), HasSubstr("smtp.server"), Not(HasSubstr("smtp.tls"))));
}

TEST(Status, ShowsPausesAndWhatEndsThem) {
  CommandBench bench;
  ASSERT_EQ(bench.run({"people", "import", example("contoso.csv")}), 0);
  Pause pause;
  pause.server = "mail.contoso.com";
  pause.port = 587;
  pause.user = "admin@contoso.com";
  pause.words = "535 no";
  bench.open_store()->outbox().pause(pause, {.name = "marco", .origin = "test"});
  ASSERT_EQ(bench.run({"status"}), 0) << bench.error();
  EXPECT_THAT(bench.output(),
              AllOf(HasSubstr("Pause1"), HasSubstr("admin@contoso.com"), HasSubstr("-Credential")));
}

TEST(Status, ShowsRunsByStateAndMailServersWithTheirLimits) {
  CommandBench bench;
  ASSERT_EQ(bench.run({"people", "import", example("contoso.csv")}), 0);
  const auto store = bench.open_store();
  const Operator marco{.name = "marco", .origin = "test"};
  const RunId run = store->runs().begin({.name = "users", .source = "users.csv", .input_hash = "hash"},
                                        this_process(), marco);
  store->runs().make_ready(run, "", marco);
  store->runs().pause(run, {}, marco);
  const Relay relay{"mail.contoso.com", 587, "marco"};
  store->relays().set_limit(relay, {.messages = 30, .connections = 3, .daily = 10000}, marco);
  store->relays().lease_connection(relay, this_process(), std::chrono::seconds(60), std::nullopt);
  ASSERT_EQ(bench.run({"status", "-Output", "json"}), 0) << bench.error();
  for (const char* line :
       {"\"RunsReady\": 1,", "\"RunsPaused\": 1,", "\"RunsFinished\": 0,",
        "mail.contoso.com:587 as marco: 1 of at most 3 connections open; 30 messages in 60 s; at "
        "most 10000 in 24 hours, 0 of them used"})
    EXPECT_THAT(bench.output(), HasSubstr(line));
}

TEST(StoreUpgrade, HasNothingToDoForASqliteStore) {
  CommandBench bench;
  EXPECT_EQ(bench.run({"store", "upgrade"}), 0) << bench.error();
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("Nothing to do"), HasSubstr(bench.data_directory().string())));
  EXPECT_FALSE(bench.store_exists());
}

TEST(StoreUpgrade, RefusesASqliteStoreOfANewerProgram) {
  CommandBench bench;
  ASSERT_EQ(bench.run({"people", "add", "bob@contoso.com"}), 0) << bench.error();
  SystemClock clock;
  SociSession::open_sqlite((bench.data_directory() / "dialin.db").string(), clock)
      ->execute("UPDATE store_meta SET schema_version = 999");
  EXPECT_EQ(bench.run({"store", "upgrade"}), 78);
  EXPECT_THAT(bench.error(),
              AllOf(HasSubstr("newer dialin"), HasSubstr("999"), Not(HasSubstr("Nothing to do"))));
}

TEST(Status, TellsThePlacesEvenIfTheStoreCannotBeOpened) {
  CommandBench bench;
  ASSERT_EQ(bench.run({"people", "add", "bob@contoso.com"}), 0);
  std::filesystem::remove_all(bench.data_directory() / "keys");
  EXPECT_EQ(bench.run({"status"}), 78);
  EXPECT_THAT(bench.output(),
              AllOf(HasSubstr(bench.data_directory().string()), HasSubstr("could not be opened")));
}

}  // namespace
}  // namespace dialin::test
