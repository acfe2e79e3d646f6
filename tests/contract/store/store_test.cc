// SPDX-License-Identifier: Apache-2.0
#include "contract/store/store_test.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/postgresql_address.h"
#include "support/postgresql_server.h"

namespace dialin::test {
namespace {

constexpr const char* kTemplateText = "Hello {{PIN}}";

// What the verifier of a person's PIN is in these tests: any text will do for a store.
constexpr const char* kVerifier = "$argon2id$v=19$m=8,t=1,p=1$welcome";
constexpr const char* kSetVerifier = "$argon2id$v=19$m=8,t=1,p=1$set";

// The identity of a process that has ended.
ProcessIdentity ended_process() {
  int channel[2];
  if (pipe(channel) != 0) throw std::runtime_error("pipe");
  const pid_t child = fork();
  if (child == 0) {
    const ProcessIdentity self = this_process();
    const ssize_t written = write(channel[1], &self.start_time, sizeof self.start_time);
    _exit(written == sizeof self.start_time ? 0 : 1);
  }
  ProcessIdentity identity = this_process();
  identity.process_id = child;
  const ssize_t got = read(channel[0], &identity.start_time, sizeof identity.start_time);
  close(channel[0]);
  close(channel[1]);
  int status = 0;
  if (waitpid(child, &status, 0) != child || got != sizeof identity.start_time)
    throw std::runtime_error("a child that ends");
  return identity;
}

}  // namespace

StoreTest::StoreTest() : gone_(ended_process()) {
  location_.data_directory = directory_ / "data";
  if (on_postgresql()) location_.url = PostgresqlServer::shared().create_database();
}

StoreTest::~StoreTest() = default;

std::unique_ptr<Store> StoreTest::open(OpenMode mode) {
  return open_store(location_, mode, clock_, random_, checkpoints_, nullptr);
}

Store& StoreTest::store() {
  if (!store_) store_ = open();
  return *store_;
}

void StoreTest::begin_again() {
  tables_.reset();
  store_.reset();
  location_.data_directory = directory_ / fmt::format("data-{}", ++stores_before_);
  if (on_postgresql()) location_.url = PostgresqlServer::shared().create_database();
}

SociSession& StoreTest::tables() {
  store();
  if (!tables_) {
    if (on_postgresql()) {
      const PostgresqlAddress address = read_postgresql_address(location_.url);
      tables_ = SociSession::open_postgresql(address.connection, address.place);
    } else {
      tables_ = SociSession::open_sqlite(location_.data_directory + "/dialin.db", clock_);
    }
  }
  return *tables_;
}

std::string StoreTest::text(const std::string& sql, const Binds& binds) {
  const auto row = tables().row(sql, 1, binds);
  return row ? row->text_or_empty(0) : "(no row)";
}

std::int64_t StoreTest::number(const std::string& sql, const Binds& binds) {
  return tables().row(sql, 1, binds)->integer(0);
}

void StoreTest::let_pass(std::chrono::microseconds time) {
  clock_.advance(time);
  if (!on_postgresql()) return;
  const Binds by = {{"by", time.count()}};
  tables().execute(
      "UPDATE welcomes SET created_at = created_at - :by, state_since = state_since - :by, next_attempt_at = "
      "next_attempt_at - :by, finished_at = finished_at - :by, claimed_at = claimed_at - :by, claim_until = "
      "claim_until - :by",
      by);
  tables().execute(
      "UPDATE lockouts SET window_began = window_began - :by, locked_until = locked_until - :by, "
      "globally_locked_since = globally_locked_since - :by, last_at = last_at - :by",
      by);
  tables().execute("UPDATE pauses SET since = since - :by, until = until - :by", by);
  tables().execute(
      "UPDATE runs SET created_at = created_at - :by, paused_at = paused_at - :by, paused_until = "
      "paused_until "
      "- :by",
      by);
  tables().execute(
      "UPDATE relays SET complained_at = complained_at - :by, slowed_at = slowed_at - :by, faster_at = "
      "faster_at "
      "- :by, connection_added_at = connection_added_at - :by, next_permit_at = next_permit_at - :by, "
      "day_ends = "
      "day_ends - :by",
      by);
  tables().execute("UPDATE relay_connections SET leased_until = leased_until - :by", by);
}

PersonId StoreTest::add_person(const std::string& name, const std::string& line) {
  PersonRow row{.line = 1, .sip_address = *SipAddress::parse(name + "@contoso.com")};
  row.display_name = {true, name};
  row.mail = {true, mailbox(name + "@contoso.com")};
  if (!line.empty()) row.line_uri = {true, PhoneNumber::parse(line)};
  const PeopleImport import = people().apply({row}, ImportMode::Apply, true, marco_);
  EXPECT_EQ(import.added.size(), 1u) << (import.conflicts.empty() ? "" : import.conflicts.front().reason);
  return people().find(*UserIdentifier::parse("sip:" + name + "@contoso.com"), 2).at(0).person.id;
}

NewWelcome StoreTest::new_welcome(const PersonId& person) {
  WelcomeContent content{.to = people().get(person)->mail.value(),
                         .to_is_from_record = true,
                         .from = mailbox("Marco <marco@contoso.com>")};
  content.subject = "Welcome";
  content.language = "en";
  content.template_hash = "hash of the template";
  NewWelcome welcome{.person = person, .content = content};
  welcome.expected_version = version_of(person);
  for (const NumberSharer& sharer : pins().sharers(person))
    welcome.sharers.push_back({sharer.person, sharer.version});
  welcome.template_text = kTemplateText;
  welcome.way.server = "mail.contoso.com";
  welcome.message_id = new_identifier(random_) + "@contoso.com";
  welcome.command_hash = "command";
  return welcome;
}

WelcomeId StoreTest::issue(const PersonId& person, const std::string& digits, std::vector<Mailbox> cc,
                           bool masked) {
  NewWelcome welcome = new_welcome(person);
  const Pin the_pin = pin(digits);
  welcome.pin = &the_pin;
  welcome.content.cc = std::move(cc);
  welcome.content.mask_pin_in_copies = masked;
  const IssueResult result = outbox().issue(welcome, marco_);
  EXPECT_EQ(result.outcome, IssueResult::Outcome::Issued);
  return result.id;
}

ClaimResult StoreTest::try_claim(const WelcomeId& id, ClaimReason reason) {
  return outbox().claim(id, reason, living_, std::chrono::seconds(60));
}

ClaimedWelcome StoreTest::claim(const WelcomeId& id, ClaimReason reason) {
  ClaimResult result = try_claim(id, reason);
  if (!result.claimed)
    throw std::runtime_error(fmt::format("not claimed: outcome {}, state {}",
                                         static_cast<int>(result.outcome), to_text(result.state)));
  return std::move(*result.claimed);
}

RecordResult StoreTest::record(const WelcomeId& id, const std::string& claim_id, AttemptRecord::End end) {
  AttemptRecord record;
  record.id = id;
  record.claim_id = claim_id;
  record.end = end;
  record.counts_as_attempt = true;
  record.retry_after = std::chrono::minutes(1);
  record.words = {end == AttemptRecord::End::Accepted ? 250 : 450, "", "words of the server"};
  record.server = "mail.contoso.com:25";
  record.sent_to = "somebody@contoso.com";
  const Secret verifier{std::string_view(kVerifier)};
  const Pin shown = pin("73519");
  record.verifier = &verifier;
  record.pin = &shown;
  return outbox().record({record}, marco_).at(0);
}

SetPinResult StoreTest::set_pin(const PersonId& person) {
  const Secret verifier{std::string_view(kSetVerifier)};
  SetPin request;
  request.person = person;
  request.expected_version = version_of(person);
  for (const NumberSharer& sharer : pins().sharers(person))
    request.sharers.push_back({sharer.person, sharer.version});
  request.verifier = &verifier;
  return pins().set_pin(request, marco_);
}

WelcomeState StoreTest::state_of(const WelcomeId& id) {
  return outbox().get(id)->state;
}

bool StoreTest::has_seal(const WelcomeId& id) {
  return number("SELECT COUNT(*) FROM welcomes WHERE id = :id AND seal IS NOT NULL", {{"id", id}}) == 1;
}

std::string StoreTest::verifier_of(const PersonId& person) {
  const PinRecord record = pins().pin_of(person);
  if (!record.verifier) return {};
  for (const char* known : {kVerifier, kSetVerifier}) {
    if (record.verifier->same_as(Secret{std::string_view(known)}))
      return known == kVerifier ? "welcome" : "set";
  }
  return "another";
}

std::vector<std::string> StoreTest::events() {
  std::vector<std::string> events;
  for (const SqlRow& row : tables().rows("SELECT event FROM audit ORDER BY number", 1))
    events.push_back(row.text(0));
  return events;
}

Pin StoreTest::pin(const std::string& digits) {
  return std::move(Pin::parse(digits).value());
}
Mailbox StoreTest::mailbox(const std::string& text) {
  return Mailbox::parse(text).value();
}

std::string backend_name(const testing::TestParamInfo<Backend>& info) {
  return info.param == Backend::Sqlite ? "Sqlite" : "Postgresql";
}

}  // namespace dialin::test
