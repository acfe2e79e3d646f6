// SPDX-License-Identifier: Apache-2.0
// Making, finding, upgrading and refusing a store.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

#include "contract/store/store_test.h"
#include "keys/key_directory.h"
#include "store/store_files.h"
#include "support/postgresql_server.h"

namespace dialin::test {
namespace {

namespace fs = std::filesystem;

// Runs `body` in a child process; its exit status as waitpid() gives it.
class Child {
 public:
  explicit Child(const std::function<void()>& body) : id_(fork()) {
    if (id_ != 0) return;
    try {
      body();
    } catch (const std::exception& error) {
      fmt::print(stderr, "in a child: {}\n", error.what());
      _exit(1);
    }
    _exit(0);
  }
  int wait() {
    int status = -1;
    waitpid(id_, &status, 0);
    return status;
  }

 private:
  pid_t id_;
};

class KillAt final : public Checkpoints {
 public:
  explicit KillAt(std::string name) : name_(std::move(name)) {}
  void reach(std::string_view name) override {
    if (name == name_) raise(SIGKILL);
  }

 private:
  std::string name_;
};

class FirstUse : public StoreTest {
 protected:
  fs::path data() const { return location_.data_directory; }
  fs::path database() const { return data() / "dialin.db"; }

  ErrorCode refusal(OpenMode mode = OpenMode::CreateIfAbsent) {
    try {
      open(mode);
    } catch (const Error& error) {
      message_ = std::string(error.what()) + " " + error.next();
      return error.code();
    }
    ADD_FAILURE() << "it was opened";
    return ErrorCode::Internal;
  }
  bool message_has(const std::string& words) const { return message_.find(words) != std::string::npos; }

  std::size_t keys() { return KeyDirectory(data() / "keys", random_).list().size(); }

  std::string message_;
};
DIALIN_ON_BOTH_STORES(FirstUse);

TEST_P(FirstUse, MakesAStoreWithAKeyAndSaysSo) {
  std::vector<std::string> said;
  const auto announce = [&](const std::string& words) { said.push_back(words); };
  auto store = open_store(location_, OpenMode::CreateIfAbsent, clock_, random_, checkpoints_, announce);
  ASSERT_TRUE(store);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_NE(said[0].find(store->status().key_id), std::string::npos);
  EXPECT_NE(said[0].find(on_postgresql() ? "PostgreSQL" : database().string()), std::string::npos);
  EXPECT_EQ(keys(), 1u);
  const std::string id = store->status().store_id;
  store = open_store(location_, OpenMode::CreateIfAbsent, clock_, random_, checkpoints_, announce);
  EXPECT_EQ(store->status().store_id, id);
  EXPECT_EQ(said.size(), 1u);
}

TEST_P(FirstUse, NothingIsMadeWhereAStoreMustExist) {
  EXPECT_EQ(open(OpenMode::MustExist), nullptr);
  EXPECT_FALSE(fs::exists(data()));
  fs::create_directory(data());
  EXPECT_EQ(open(OpenMode::MustExist), nullptr);
  EXPECT_TRUE(fs::is_empty(data()));
  open();
  EXPECT_NE(open(OpenMode::MustExist), nullptr);
}

TEST_P(FirstUse, SixteenProcessesAtOnceMakeOneStore) {
  int channel[2];
  ASSERT_EQ(pipe(channel), 0);
  std::vector<Child> children;
  for (int i = 0; i < 16; ++i) {
    children.emplace_back([&] {
      const auto store = open();
      const std::string line = store->status().store_id + "\n";
      if (write(channel[1], line.data(), line.size()) != static_cast<ssize_t>(line.size())) _exit(2);
    });
  }
  for (Child& child : children) EXPECT_EQ(child.wait(), 0);
  close(channel[1]);
  std::string all(4096, '\0');
  all.resize(static_cast<std::size_t>(std::max<ssize_t>(0, read(channel[0], all.data(), all.size()))));
  close(channel[0]);
  const std::string id = store().status().store_id;
  std::string expected;
  for (int i = 0; i < 16; ++i) expected += id + "\n";
  EXPECT_EQ(all, expected);
  EXPECT_EQ(keys(), 1u);
  EXPECT_FALSE(fs::exists(database().string() + ".new"));
}

TEST_P(FirstUse, KilledAtAnyStepItLeavesNoStoreOrAWholeOne) {
  for (const char* step : {"after-key-create", "before-commit-create", "after-commit-create"}) {
    SCOPED_TRACE(step);
    location_.data_directory = directory_ / step;
    if (on_postgresql()) location_.url = PostgresqlServer::shared().create_database();
    Child killed([&] {
      KillAt checkpoints(step);
      open_store(location_, OpenMode::CreateIfAbsent, clock_, random_, checkpoints, nullptr);
    });
    const int status = killed.wait();
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    EXPECT_EQ(open(OpenMode::MustExist) != nullptr, std::string(step) == "after-commit-create");
    const auto store = open();
    ASSERT_TRUE(store);
    EXPECT_EQ(store->status().people, 0);
    EXPECT_EQ(open()->status().store_id, store->status().store_id);
  }
}

TEST_P(FirstUse, AMissingKeyIsNamedAndNeverMadeAnew) {
  const std::string key_id = open()->status().key_id;
  fs::rename(data() / "keys", data() / "elsewhere");
  EXPECT_EQ(refusal(), ErrorCode::Configuration);
  EXPECT_TRUE(message_has(key_id));
  EXPECT_TRUE(message_has("dialin key import"));
  EXPECT_EQ(keys(), 0u);
  fs::rename(data() / "elsewhere", data() / "keys");
  EXPECT_TRUE(open());
}

TEST_P(FirstUse, ANewerSchemaIsRefused) {
  tables().execute("UPDATE store_meta SET schema_version = 99");
  EXPECT_EQ(refusal(), ErrorCode::Configuration);
  EXPECT_TRUE(message_has("99"));
}

TEST_P(FirstUse, AnOlderSchemaIsBroughtUpOnSqliteAndRefusedOnPostgresql) {
  const PersonId bob = add_person("bob");
  StoreOpening opening{location_, OpenMode::CreateIfAbsent, clock_, random_, checkpoints_,
                       nullptr,   built_in_schema()};
  const int newest = built_in_schema().back().number;
  opening.schema.push_back(
      {newest + 1, "ALTER TABLE people ADD COLUMN extra TEXT; INSERT INTO nowhere VALUES (1);"});
  if (on_postgresql()) {
    try {
      open_store_with(opening);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Configuration);
      EXPECT_NE(error.next().find("dialin store upgrade"), std::string::npos);
    }
    EXPECT_TRUE(open()->people().get(bob));
    return;
  }
  // A step that fails leaves everything as it was.
  EXPECT_THROW(open_store_with(opening), Error);
  EXPECT_EQ(open()->status().schema_version, newest);
  opening.schema.back().text = "ALTER TABLE people ADD COLUMN extra TEXT;";
  opening.schema.push_back({newest + 2, "UPDATE people SET extra = 'step 3';"});
  std::vector<std::string> said;
  opening.announce = [&](const std::string& words) { said.push_back(words); };
  EXPECT_EQ(open_store_with(opening)->status().schema_version, newest + 2);
  ASSERT_EQ(said.size(), 1u);
  const std::string copy = database().string() + fmt::format(".before-{}", newest + 2);
  EXPECT_NE(said[0].find(copy), std::string::npos);
  EXPECT_EQ(text("SELECT extra FROM people"), "step 3");
  EXPECT_EQ(fs::status(copy).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(refusal(), ErrorCode::Configuration);  // the older program
  // The copy is the store as it was.
  fs::create_directory(directory_ / "former");
  fs::copy(data() / "keys", directory_ / "former/keys");
  for (const auto& entry : fs::directory_iterator(directory_ / "former/keys"))
    chmod(entry.path().c_str(), 0400);
  chmod((directory_ / "former/keys").c_str(), 0700);
  fs::copy(copy, directory_ / "former/dialin.db");
  location_.data_directory = directory_ / "former";
  EXPECT_TRUE(open()->people().get(bob));
}

TEST_P(FirstUse, DirectoriesAndFilesAreOursAloneWhateverTheUmask) {
  for (const mode_t mask : {mode_t{0777}, mode_t{0}}) {
    location_.data_directory = directory_ / fmt::format("masked{}/data", mask);
    if (on_postgresql()) location_.url = PostgresqlServer::shared().create_database();
    fs::create_directory(data().parent_path());
    const mode_t former = umask(mask);
    const auto store = open();
    umask(former);
    EXPECT_EQ(fs::status(data()).permissions(), fs::perms::owner_all);
    for (const auto& entry : fs::recursive_directory_iterator(data())) {
      struct stat status {};
      ASSERT_EQ(stat(entry.path().c_str(), &status), 0);
      EXPECT_EQ(status.st_mode & 0077, 0u) << entry.path();
    }
  }
}

TEST_P(FirstUse, ADirectoryThatOthersMayWriteToIsRefused) {
  open();
  chmod(data().c_str(), 0777);
  EXPECT_EQ(refusal(), ErrorCode::Configuration);
  EXPECT_TRUE(message_has("chmod go-w"));
}

TEST_P(FirstUse, APlaceOfAnotherAccountIsRefusedAndItsOwnerNamed) {
  if (geteuid() == 0) {
    fs::create_directory(data());
    ASSERT_EQ(chown(data().c_str(), 1, 1), 0);
  } else {
    location_.data_directory = "/usr";
  }
  EXPECT_EQ(refusal(), ErrorCode::Permission);
  EXPECT_TRUE(message_has(geteuid() == 0 ? "daemon" : "root"));
  EXPECT_TRUE(message_has("group"));
}

// What concerns one of the two databases only.
class SqliteFile : public FirstUse {};
INSTANTIATE_TEST_SUITE_P(Stores, SqliteFile, testing::Values(Backend::Sqlite), backend_name);

TEST_P(SqliteFile, OfAnotherKindIsRefusedAndLeftAsItIs) {
  open();
  const auto replace_by = [&](const std::string& content) {
    for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(database().string() + suffix);
    std::ofstream(database()) << content;
    chmod(database().c_str(), 0600);
  };
  replace_by("");
  EXPECT_EQ(refusal(), ErrorCode::Configuration);
  EXPECT_TRUE(message_has("empty"));
  EXPECT_EQ(refusal(OpenMode::MustExist), ErrorCode::Configuration);
  replace_by(std::string(8192, 'x'));
  EXPECT_EQ(refusal(), ErrorCode::Configuration);
  EXPECT_TRUE(message_has("not a SQLite database"));
  EXPECT_EQ(read_file(database()), std::string(8192, 'x'));
  replace_by("");
  SociSession::open_sqlite(database(), clock_)->execute("CREATE TABLE something (a INTEGER)");
  EXPECT_EQ(refusal(), ErrorCode::Configuration);
  EXPECT_TRUE(message_has("no store"));
  fs::remove(database());
  fs::create_symlink("/etc/passwd", database());
  EXPECT_EQ(refusal(), ErrorCode::Configuration);
}

TEST_P(SqliteFile, ThatOthersMayReadIsRefused) {
  open();
  chmod(database().c_str(), 0640);
  EXPECT_EQ(refusal(), ErrorCode::Configuration);
  EXPECT_TRUE(message_has("chmod 600"));
}

TEST_P(SqliteFile, ThatIsDamagedIsSaidToBe) {
  for (int i = 0; i < 40; ++i) add_person("person" + std::to_string(i));
  SociSession& whole = tables();
  location_.data_directory = directory_ / "damaged";
  fs::create_directory(data());
  chmod(data().c_str(), 0700);
  fs::copy(directory_ / "data/keys", data() / "keys");
  chmod((data() / "keys").c_str(), 0700);
  for (const auto& entry : fs::directory_iterator(data() / "keys")) chmod(entry.path().c_str(), 0400);
  whole.execute("VACUUM INTO :copy", {{"copy", database().string()}});
  chmod(database().c_str(), 0600);
  {
    std::fstream file(database(), std::ios::in | std::ios::out | std::ios::binary);
    for (std::uintmax_t at = 4096; at + 4096 <= fs::file_size(database()); at += 4096) {
      file.seekp(static_cast<std::streamoff>(at));
      file << std::string(4096, '\x5a');
    }
  }
  EXPECT_EQ(refusal(), ErrorCode::Configuration);
  EXPECT_TRUE(message_has("damaged"));
}

TEST_P(SqliteFile, HasTheSettingsThatItsPromisesNeed) {
  const auto pragma = [&](const char* name) { return text(std::string("PRAGMA ") + name); };
  EXPECT_EQ(pragma("journal_mode"), "wal");
  EXPECT_EQ(pragma("synchronous"), "2");
  EXPECT_EQ(pragma("foreign_keys"), "1");
  EXPECT_EQ(pragma("busy_timeout"), "10000");
  EXPECT_EQ(pragma("secure_delete"), "1");
}

TEST_P(SqliteFile, InUseOrFullIsUnavailableAndNothingIsChanged) {
  add_person("bob");
  SociSession& first = tables();
  const auto second = SociSession::open_sqlite(database(), clock_);
  second->row("PRAGMA busy_timeout = 50", 1);
  first.begin();
  try {
    second->begin();
    ADD_FAILURE();
  } catch (const DatabaseFailure& failure) {
    EXPECT_EQ(failure.code(), ErrorCode::Unavailable);
  }
  first.rollback();
  const auto pages = first.row("PRAGMA page_count", 1)->integer(0);
  first.row(fmt::format("PRAGMA max_page_count = {}", pages), 1);
  try {
    first.execute("INSERT INTO templates (hash, content) VALUES ('big', :content)",
                  {{"content", std::string(1 << 20, 'x')}});
    ADD_FAILURE();
  } catch (const DatabaseFailure& failure) {
    EXPECT_EQ(failure.code(), ErrorCode::Unavailable);
    EXPECT_EQ(std::string(failure.what()).find("xxx"), std::string::npos);
  }
  EXPECT_EQ(number("SELECT COUNT(*) FROM templates"), 0);
}

TEST_P(SqliteFile, InADirectoryWithSpacesAndSignsIsOpened) {
  for (const char* name : {"a b  c", "a=b", "a=b c's", "ü \"quoted\""}) {
    location_.data_directory = directory_ / name;
    EXPECT_TRUE(open()) << name;
    EXPECT_TRUE(fs::exists(database())) << name;
  }
}

class PostgresqlConnection : public FirstUse {};
INSTANTIATE_TEST_SUITE_P(Stores, PostgresqlConnection, testing::Values(Backend::Postgresql), backend_name);

TEST_P(PostgresqlConnection, HasTheSettingsThatItsPromisesNeed) {
  const auto setting = [&](const char* name) { return text(std::string("SHOW ") + name); };
  EXPECT_EQ(setting("lock_timeout"), "10s");
  EXPECT_EQ(setting("idle_in_transaction_session_timeout"), "15s");
  EXPECT_EQ(setting("synchronous_commit"), "on");
  EXPECT_EQ(setting("application_name"), "dialin");
}

TEST_P(PostgresqlConnection, ToADatabaseOfAnotherProgramIsRefusedAndItsTablesStay) {
  store();
  tables().execute("CREATE SCHEMA other");
  tables().execute("CREATE TABLE other.people (a INTEGER)");
  location_.url += " options='-c search_path=other'";
  location_.data_directory = directory_ / "other";
  EXPECT_EQ(refusal(), ErrorCode::Configuration);
  EXPECT_TRUE(message_has("another program"));
  EXPECT_EQ(keys(), 0u);
  EXPECT_EQ(number("SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'other'"), 1);
}

TEST_P(PostgresqlConnection, ThatFailsSaysWhereWithoutThePassword) {
  const std::string right = location_.url;
  location_.url = "postgresql://app:canarypassword@127.0.0.1:1/dialin";
  EXPECT_EQ(refusal(), ErrorCode::Unavailable);
  EXPECT_TRUE(message_has("127.0.0.1:1"));
  EXPECT_FALSE(message_has("canarypassword"));
  EXPECT_FALSE(fs::exists(data()));
  location_.url = "postgresql://app:canarypassword@[oops/";
  EXPECT_EQ(refusal(), ErrorCode::Configuration);
  EXPECT_FALSE(message_has("canarypassword"));
  location_.url = right.substr(0, right.find("dbname=")) + "dbname=nowhere user=app";
  EXPECT_EQ(refusal(), ErrorCode::Configuration);
  EXPECT_TRUE(message_has("nowhere"));
}

}  // namespace
}  // namespace dialin::test
