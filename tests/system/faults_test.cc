// SPDX-License-Identifier: Apache-2.0
// What breaks around the program: each fault is a clear error with the right exit code, and nothing is lost.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "support/free_port.h"
#include "support/mail_servers.h"
#include "user_view.h"

namespace dialin::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* former_pin = "48213";

// Bob has a PIN, and a welcome of his waits, because there was no mail server at the time.
class Faults : public testing::Test {
 protected:
  Faults() {
    program_.import_people({"bob"});
    const Completed set = program_.run({"pin", "set", "bob@contoso.com", "-Pin", "-"}, former_pin);
    if (set.exit_code != 0) throw std::runtime_error(all_of(set));
    port_ = free_port();
    const Completed queued = welcome();
    if (queued.exit_code != 75) throw std::runtime_error(all_of(queued));
  }

  Completed welcome(const DialinProgram::Arguments& more = {}) const {
    DialinProgram::Arguments all = {"-Force"};
    all.insert(all.end(), more.begin(), more.end());
    return program_.run(welcome_command("bob", port_, all));
  }
  // The store is as it was, and the same command goes on with the same welcome.
  void expect_nothing_lost() const {
    EXPECT_TRUE(program_.pin_is("bob", former_pin));
    EXPECT_EQ(program_.outbox("Queued"), 1U);
    MailReceiver receiver;
    const Completed done = program_.run(welcome_command("bob", receiver.port(), {"-Force"}));
    EXPECT_EQ(done.exit_code, 0) << all_of(done);
    ASSERT_EQ(receiver.mails().size(), 1U);
    EXPECT_TRUE(program_.pin_is("bob", receiver.mails().front().pin()));
    EXPECT_FALSE(program_.pin_is("bob", former_pin));
    EXPECT_EQ(program_.outbox("Sent"), 1U);
    EXPECT_EQ(program_.outbox("Queued"), 0U);
  }
  // What is wrong, with what, and what to do; no stack of another library's words.
  static void expect_refusal(const Completed& done, int exit_code, const std::vector<std::string>& words) {
    EXPECT_EQ(done.exit_code, exit_code) << all_of(done);
    EXPECT_EQ(done.output, "") << all_of(done);
    for (const std::string& word : words) EXPECT_THAT(done.error, HasSubstr(word));
    EXPECT_THAT(done.error, HasSubstr("dialin: "));
    EXPECT_THAT(done.error, Not(HasSubstr("internal error")));
  }
  fs::path database() const { return program_.data_directory() / "dialin.db"; }
  // The key that seals PINs; the other one signs the audit trail.
  static fs::path key_file_of(const DialinProgram& program) {
    for (const auto& entry : fs::directory_iterator(program.data_directory() / "keys")) {
      if (entry.path().stem() != "audit-signing") return entry.path();
    }
    throw std::runtime_error("the store has no key");
  }
  fs::path key_file() const { return key_file_of(program_); }
  // A copy of everything, to come back to.
  void keep() const {
    fs::copy(program_.data_directory(), program_.directory() / "kept", fs::copy_options::recursive);
  }
  void restore() const {
    fs::remove_all(program_.data_directory());
    fs::copy(program_.directory() / "kept", program_.data_directory(), fs::copy_options::recursive);
    fs::permissions(program_.data_directory(), fs::perms::owner_all);
    fs::permissions(program_.data_directory() / "keys", fs::perms::owner_all);
  }

  DialinProgram program_;
  std::uint16_t port_ = 0;
};

// --- The store on its disk

using FaultyStore = Faults;

TEST_F(FaultyStore, ADirectoryThatMayNotBeWritten) {
  if (geteuid() != 0) GTEST_FAIL() << "run the tests as root (script/test does)";
  // Root may write anywhere, so somebody else tries, with a program that somebody else can reach.
  fs::remove(program_.directory() / "bin" / "dialin");
  fs::copy_file(DialinProgram::program_path(), program_.directory() / "bin" / "dialin");
  give_to(program_.directory().path(), "nobody");
  const auto as_nobody = [&](const DialinProgram::Arguments& arguments) {
    Command command = program_.command(arguments);
    command.arguments.front() = program_.directory() / "bin" / "dialin";
    command.user = "nobody";
    return run(command);
  };
  fs::permissions(program_.data_directory(), fs::perms::owner_read | fs::perms::owner_exec);
  expect_refusal(as_nobody(welcome_command("bob", port_, {"-Force"})), 77,
                 {program_.data_directory().string(), "owner nobody", "mode 0500"});
  expect_refusal(as_nobody({"pin", "set", "bob@contoso.com", "-Pin", "71946"}), 77,
                 {program_.data_directory().string()});
  fs::permissions(program_.data_directory(), fs::perms::owner_all);
  EXPECT_EQ(as_nobody({"status"}).exit_code, 0);
  give_to(program_.directory().path(), "root");
  expect_nothing_lost();
}

TEST_F(FaultyStore, AFullDisk) {
  // No file may grow: writing fails as it does on a full disk, with another error number.
  const auto full = [&](const std::string& line) { return run_typed(program_, "ulimit -f 0; exec " + line); };
  for (const std::string& line : {fmt::format("Set-CsPinSendCAWelcomeMail -UserUri bob@contoso.com -From "
                                              "marco@contoso.com -NoLink -Force 127.0.0.1:{}",
                                              port_),
                                  std::string("dialin pin set bob@contoso.com -Pin 71946"),
                                  std::string("dialin people add kim@contoso.com"),
                                  std::string("Test-CsClientPin bob@contoso.com -Pin 48213")}) {
    expect_refusal(full(line), 69, {database().string(), "df FILE"});
  }
  expect_nothing_lost();
}

TEST_F(FaultyStore, AStoreThatSomebodyHolds) {
  ChildProcess holder({.arguments = {find_program("sqlite3", "sqlite3"), database().string()}});
  holder.write("BEGIN EXCLUSIVE;\nSELECT 'held';\n");
  holder.expect("held");
  const auto begin = std::chrono::steady_clock::now();
  const Completed done = welcome();
  expect_refusal(done, 69, {database().string(), "held", "10 seconds", "fuser"});
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::seconds(9));
  holder.kill();
  expect_nothing_lost();
}

TEST_F(FaultyStore, ADamagedFile) {
  run_successfully(
      {.arguments = {find_program("sqlite3", "sqlite3"), database(), "PRAGMA wal_checkpoint(TRUNCATE)"}});
  keep();
  const auto write_over = [&](std::streamoff at, const std::string& octets) {
    std::fstream file(database(), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(at);
    file << octets;
  };
  // Its pages.
  for (std::streamoff page = 1; page < 40; ++page) write_over(page * 4096, std::string(512, '\xA5'));
  expect_refusal(welcome(), 78, {database().string(), "damaged", "backup"});
  restore();
  // Its heading.
  write_over(0, "this is no database at all");
  expect_refusal(welcome(), 78, {database().string(), "not a SQLite database", "backup"});
  restore();
  // Cut off.
  fs::resize_file(database(), fs::file_size(database()) / 2);
  expect_refusal(welcome(), 78, {database().string(), "damaged"});
  restore();
  // Empty: that is a lost store, and no reason to begin a new one.
  fs::resize_file(database(), 0);
  expect_refusal(welcome(), 78, {database().string(), "lost its content"});
  EXPECT_EQ(fs::file_size(database()), 0U);
  restore();
  expect_nothing_lost();
}

TEST_F(FaultyStore, AKeyThatIsNotHere) {
  const fs::path key = key_file();
  const fs::path elsewhere = program_.directory() / "key-elsewhere";
  fs::rename(key, elsewhere);
  for (const Completed& done : {welcome(), program_.run({"pin", "set", "bob@contoso.com", "-Pin", "71946"}),
                                program_.run({"Test-CsClientPin", "bob@contoso.com", "-Pin", former_pin})}) {
    expect_refusal(done, 78, {"key " + key.stem().string(), "is not in", "dialin key import"});
  }
  // Never a new key: it would make the PINs of the old one worthless.
  EXPECT_THROW(key_file(), std::runtime_error);
  fs::remove_all(program_.data_directory() / "keys");
  expect_refusal(welcome(), 78, {"key " + key.stem().string()});
  fs::create_directory(program_.data_directory() / "keys");
  fs::permissions(program_.data_directory() / "keys", fs::perms::owner_all);
  fs::rename(elsewhere, key);
  expect_nothing_lost();
}

TEST_F(FaultyStore, AnotherStoresKey) {
  const fs::path key = key_file();
  const std::string right = read_file(key);
  DialinProgram other;
  other.import_people({"eva"});
  fs::permissions(key, fs::perms::owner_read | fs::perms::owner_write);
  std::ofstream(key) << read_file(key_file_of(other));
  fs::permissions(key, fs::perms::owner_read);
  expect_refusal(welcome(), 78, {key.string(), key.stem().string(), "dialin key import"});
  fs::permissions(key, fs::perms::owner_read | fs::perms::owner_write);
  std::ofstream(key) << right;
  expect_nothing_lost();
}

TEST_F(FaultyStore, AKeyLostAndBroughtBack) {
  const fs::path key = key_file();
  const std::string passphrase =
      write_private(program_, "passphrase", "a long passphrase of ours\n").string();
  const fs::path exported = program_.directory() / "exported";
  ASSERT_EQ(program_.run({"key", "export", exported, "-PassphraseFile", passphrase}).exit_code, 0);
  fs::remove(key);
  EXPECT_EQ(welcome().exit_code, 78);
  write_private(program_, "wrong", "a long passphrase of theirs\n");
  expect_refusal(program_.run({"key", "import", exported, "-PassphraseFile", program_.directory() / "wrong"}),
                 64, {"passphrase"});
  ASSERT_EQ(program_.run({"key", "import", exported, "-PassphraseFile", passphrase}).exit_code, 0);
  expect_nothing_lost();
}

TEST_F(FaultyStore, PlacesThatOthersMayUse) {
  const auto open_up = [](const fs::path& path) {
    const fs::perms before = fs::status(path).permissions();
    fs::permissions(path, fs::perms::group_write | fs::perms::others_all | fs::perms::group_read,
                    fs::perm_options::add);
    return before;
  };
  for (const fs::path& path :
       {program_.data_directory(), database(), program_.data_directory() / "keys", key_file()}) {
    const fs::perms before = open_up(path);
    expect_refusal(welcome(), 78, {path.string(), "chmod "});
    expect_refusal(program_.run({"pin", "set", "bob@contoso.com", "-Pin", "71946"}), 78, {path.string()});
    fs::permissions(path, before);
  }
  expect_nothing_lost();
}

TEST_F(FaultyStore, AStoreOfAnotherAccount) {
  if (geteuid() != 0) GTEST_FAIL() << "run the tests as root (script/test does)";
  for (const fs::path& path : {program_.data_directory(), database(), program_.data_directory() / "keys"}) {
    give_to(path, "nobody");
    expect_refusal(welcome(), 77, {path.string(), "belongs to", "nobody", "root"});
    give_to(program_.data_directory(), "root");
  }
  expect_nothing_lost();
}

TEST_F(FaultyStore, AStoreOfANewerProgram) {
  const std::string sqlite = find_program("sqlite3", "sqlite3");
  run_successfully(
      {.arguments = {sqlite, database(), "UPDATE store_meta SET schema_version = schema_version + 99"}});
  expect_refusal(welcome(), 78, {database().string(), "newer"});
  expect_refusal(program_.run({"deliver"}), 78, {"newer"});
  // `status` shows what can be known, and says the same.
  const Completed status = program_.run({"status"});
  EXPECT_EQ(status.exit_code, 78);
  EXPECT_THAT(status.output, AllOf(HasSubstr("DataDirectory"), HasSubstr("newer")));
  run_successfully(
      {.arguments = {sqlite, database(), "UPDATE store_meta SET schema_version = schema_version - 99"}});
  expect_nothing_lost();
}

// --- The way to the mail server

using FaultyWay = Faults;

// Everything that is no word of the mail server about Bob leaves his welcome in the queue.
void expect_queued(const Completed& done, const std::vector<std::string>& words) {
  EXPECT_EQ(done.exit_code, 75) << all_of(done);
  const nlohmann::json object = object_of(done);
  EXPECT_EQ(object["PinResult"], "Kept");
  EXPECT_EQ(object["MailResult"], "Queued");
  for (const std::string& word : words) EXPECT_THAT(done.error, HasSubstr(word));
}

TEST_F(FaultyWay, AServerWhoseNameIsUnknown) {
  const Completed done = program_.run({"welcome", "bob@contoso.com", "-From", "marco@contoso.com", "-NoLink",
                                       "-Force", "-SmtpServer", "something.invalid", "-Output", "json"});
  expect_queued(done, {"something.invalid:25", "could not be found", "dialin deliver"});
  expect_nothing_lost();
}

TEST_F(FaultyWay, AServerThatRefusesTheConnection) {
  expect_queued(welcome(), {fmt::format("127.0.0.1:{}", port_), "Connection refused", "dialin deliver"});
  expect_nothing_lost();
}

// Who once asked for TLS gets it in the end too, although it is typed without it: only such a server will do.
void expect_sent_over_tls(const DialinProgram& program) {
  EXPECT_TRUE(program.pin_is("bob", former_pin));
  MailReceiver plain;
  expect_queued(program.run(welcome_command("bob", plain.port(), {"-Force"})), {"STARTTLS"});
  EXPECT_TRUE(plain.mails().empty());
  SmtpSink mailbox;
  PostfixServer server({.users = {}, .relay_port = mailbox.port()});
  const Completed done = program.run(welcome_command("bob", server.port(), {"-Force"}), {},
                                     {{"DIALIN_SMTP_CA_FILE", server.ca_file().string()}});
  EXPECT_EQ(done.exit_code, 0) << all_of(done);
  const std::vector<ReceivedMail> mails = mailbox.wait_for(1);
  EXPECT_TRUE(program.pin_is("bob", KeptMail{.content = mails.front().message}.pin()));
  EXPECT_EQ(program.outbox("Queued"), 0U);
}

TEST_F(FaultyWay, ACertificateOfAnotherName) {
  const CertificateAuthority authority;
  PostfixServer server({.users = {}, .certificate = authority.issue_for_another_host()});
  const Completed done = program_.run(welcome_command("bob", server.port(), {"-Force", "-UseSsl"}), {},
                                      {{"DIALIN_SMTP_CA_FILE", authority.file().string()}});
  expect_queued(done, {"not for 127.0.0.1", "other.example.net", "Name the server as its certificate does"});
  EXPECT_THAT(server.log(), Not(HasSubstr("from=<marco@contoso.com>")));
  expect_sent_over_tls(program_);
}

TEST_F(FaultyWay, ACertificateOfAnUnknownAuthority) {
  PostfixServer server({.users = {}});
  expect_queued(program_.run(welcome_command("bob", server.port(), {"-Force", "-UseSsl"})),
                {"does not verify", "smtp.ca_file", server.certificate().sha256_fingerprint});
  expect_sent_over_tls(program_);
}

TEST_F(FaultyWay, AnUnknownAuthorityIsTakenAndSaidWhereNobodyAskedForTls) {
  PostfixServer server({.users = {}});
  const Completed done = program_.run(welcome_command("bob", server.port(), {"-Force", "-Verbose"}));
  EXPECT_EQ(done.exit_code, 0) << all_of(done);
  EXPECT_THAT(done.error, HasSubstr("not verified"));
}

TEST_F(FaultyWay, AServerWithoutStartTls) {
  MailReceiver receiver;
  expect_queued(program_.run(welcome_command("bob", receiver.port(), {"-Force", "-UseSsl"})), {"STARTTLS"});
  EXPECT_TRUE(receiver.mails().empty());
  expect_sent_over_tls(program_);
}

TEST_F(FaultyWay, APasswordIsNotShownToAServerWithoutStartTls) {
  MailReceiver receiver;
  receiver.require_password("secret");
  const std::string password = write_private(program_, "password", "secret\n").string();
  const std::string credential = "admin:@" + password;
  expect_queued(program_.run(welcome_command("bob", receiver.port(), {"-Force", "-Credential", credential})),
                {"STARTTLS"});
  EXPECT_EQ(receiver.sign_ins(), 0U);
  EXPECT_TRUE(receiver.mails().empty());
  expect_sent_over_tls(program_);
}

TEST_F(FaultyWay, AServerThatDropsTheConnectionAnywhere) {
  for (const MailReceiver::At at : {MailReceiver::At::Connection, MailReceiver::At::Hello,
                                    MailReceiver::At::Mail, MailReceiver::At::Rcpt, MailReceiver::At::Data}) {
    MailReceiver receiver;
    receiver.answer(at, std::vector<std::string>(10, ""));
    const Completed done = program_.run(welcome_command("bob", receiver.port(), {"-Force"}));
    EXPECT_EQ(done.exit_code, 75) << all_of(done);
    EXPECT_TRUE(program_.pin_is("bob", former_pin));
  }
  expect_nothing_lost();
}

TEST_F(FaultyWay, APasswordFileThatCannotBeRead) {
  MailReceiver receiver;
  const Completed done = program_.run(
      welcome_command("bob", receiver.port(), {"-Force", "-Credential", "admin:@/nowhere/password"}));
  EXPECT_EQ(done.exit_code, 78) << all_of(done);
  EXPECT_THAT(done.error, HasSubstr("/nowhere/password"));
  EXPECT_EQ(receiver.connections(), 0U);
  expect_nothing_lost();
}

// --- The configuration

TEST_F(Faults, AConfigurationThatIsWrong) {
  const auto with = [&](const std::string& text) {
    return program_.run({"status", "-Config", write_private(program_, "bad.toml", text).string()});
  };
  expect_refusal(with("[smtp]\nserver = \"mail\"\nprot = 25\n"), 78, {"bad.toml, line 3", "prot", "port"});
  expect_refusal(with("[smtp]\nport = \"many\"\n"), 78, {"bad.toml, line 2", "smtp.port"});
  expect_refusal(with("[smtp\n"), 78, {"bad.toml, line 1"});
  expect_refusal(program_.run({"status", "-Config", "/nowhere/dialin.toml"}), 78, {"/nowhere/dialin.toml"});
  const Completed done = program_.run({"status"}, {}, {{"DIALIN_SMTP_SERVR", "mail"}});
  expect_refusal(done, 78, {"DIALIN_SMTP_SERVR", "DIALIN_SMTP_SERVER"});
  expect_nothing_lost();
}

}  // namespace
}  // namespace dialin::test
