// SPDX-License-Identifier: Apache-2.0
// A store of the first schema, with something in it, becomes one of the newest.
#include <set>

#include "contract/store/store_test.h"
#include "store/postgresql_address.h"
#include "store/store_files.h"
#include "support/postgresql_server.h"

namespace dialin::test {
namespace {

class Upgrade : public StoreTest {
 protected:
  StoreOpening opening(std::vector<SchemaStep> schema) {
    return {location_, OpenMode::CreateIfAbsent, clock_, random_, checkpoints_, nullptr, std::move(schema)};
  }
  std::unique_ptr<SociSession> connect() {
    if (!on_postgresql()) return SociSession::open_sqlite(location_.data_directory + "/dialin.db", clock_);
    const PostgresqlAddress address = read_postgresql_address(location_.url);
    return SociSession::open_postgresql(address.connection, address.place);
  }
  // Tables, columns and indexes as the database tells them.
  std::set<std::string> layout() {
    std::set<std::string> all;
    const auto sql = connect();
    if (on_postgresql()) {
      for (const SqlRow& row :
           sql->rows("SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || "
                     "is_nullable FROM information_schema.columns WHERE table_schema = 'public' "
                     "UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' "
                     "UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint",
                     1))
        all.insert(row.text(0));
    } else {
      for (const SqlRow& row : sql->rows("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL", 1))
        all.insert(row.text(0));
    }
    return all;
  }
  // What the first version of the program left: bob has a PIN and was sent a mail with a copy that failed,
  // anna's welcome is queued.
  void fill_first_schema() {
    const auto sql = connect();
    for (const char* name : {"bob", "anna"}) {
      const std::string address = std::string(name) + "@contoso.com";
      sql->execute(
          "INSERT INTO people (id, sip_uri, sip_key, user_principal_name, user_principal_name_key, "
          "sam_account_name, sam_account_name_key, display_name, display_name_key, mail, mail_key, "
          "mail_domain, language, region, site, conference_id, enabled, created_at) VALUES (:id, :sip, "
          ":key, '', '', '', '', '', '', :mail, :key, 'contoso.com', '', '', '', '', 1, 1)",
          {{"id", name}, {"sip", "sip:" + address}, {"key", address}, {"mail", address + "\t"}});
      sql->execute("INSERT INTO pins (person, version, pin_version) VALUES (:id, 2, 1)", {{"id", name}});
    }
    sql->execute("INSERT INTO templates (hash, content) VALUES ('hash', 'text')");
    const auto welcome = [&](const char* id, const char* kind, const char* person, const SqlValue& parent,
                             const char* state, const SqlValue& seal, const SqlValue& finished_at) {
      sql->execute(
          "INSERT INTO welcomes (id, kind, person, parent, version, message_id, mail_to, to_is_from_record, "
          "mail_from, envelope_sender, subject, language, cc, bcc, mask_pin_in_copies, plain_text_only, "
          "without_link, template_hash, copy_to, copy_to_key, server, port, tls, user_name, "
          "password_source, sender_key, state, state_since, seal, replaces_pin, created_at, "
          "next_attempt_at, finished_at, operator_name, command_hash) VALUES (:id, :kind, :person, :parent, "
          "2, :id, :mail, 1, :sender, '', 'Welcome', 'en', '', '', 0, 0, 0, 'hash', :copy, :copy, 'mail', "
          "25, 'opportunistic', '', '', 'marco@contoso.com', :state, 1, :seal, 0, 1, 1, :finished, 'marco', "
          "'command')",
          {{"id", id},
           {"kind", kind},
           {"person", person},
           {"parent", parent},
           {"mail", std::string(person) + "@contoso.com\t"},
           {"sender", "marco@contoso.com\tMarco"},
           {"copy", std::string(kind) == "copy" ? SqlValue("audit@contoso.com\t") : SqlValue(std::nullopt)},
           {"state", state},
           {"seal", seal},
           {"finished", finished_at}});
    };
    welcome("sent", "welcome", "bob", std::nullopt, "sent", std::nullopt, 1);
    welcome("copy", "copy", "bob", "sent", "failed", std::nullopt, 1);
    welcome("queued", "welcome", "anna", std::nullopt, "queued", "a seal", std::nullopt);
  }
};
DIALIN_ON_BOTH_STORES(Upgrade);

TEST_P(Upgrade, WhatTheFirstSchemaHeldIsThereInTheNewest) {
  const std::vector<SchemaStep> newest = built_in_schema();
  open_store_with(opening({newest.front()}));
  fill_first_schema();
  if (on_postgresql()) {
    const auto plan = plan_upgrade_with(opening(newest));
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->from, 1);
    EXPECT_EQ(plan->to, newest.back().number);
    ASSERT_EQ(plan->steps.size(), newest.size() - 1);
    EXPECT_EQ(plan->steps.back().find(std::to_string(newest.back().number) + ": "), 0u);
    EXPECT_GT(plan->steps.back().size(), 10u);
    upgrade_store_with(opening(newest));
    upgrade_store_with(opening(newest));  // by two at once: the second one finds nothing to do
    EXPECT_TRUE(plan_upgrade_with(opening(newest))->steps.empty());
  }
  EXPECT_EQ(store().status().schema_version, newest.back().number);
  ASSERT_EQ(store().keys().list().size(), 1u);
  EXPECT_EQ(store().keys().list().at(0).state, StoredKey::State::InUse);
  EXPECT_EQ(store().credential_stamp(Secret(std::string_view("password"))).size(), 64u);
  const WelcomeRow queued = *outbox().get("queued");
  EXPECT_EQ(queued.state, WelcomeState::Queued);
  EXPECT_EQ(queued.run, "");
  EXPECT_FALSE(queued.held);
  EXPECT_EQ(queued.content.to.address(), "anna@contoso.com");
  EXPECT_EQ(outbox().due(10), std::vector<WelcomeId>{"queued"});
  EXPECT_EQ(state_of("sent"), WelcomeState::Sent);
  EXPECT_EQ(outbox().copies_of("sent"), std::vector<WelcomeId>{"copy"});
  EXPECT_EQ(outbox().cancel("anna", marco_).outcome, CancelResult::Outcome::Cancelled);
  EXPECT_TRUE(store().runs().list().empty());

  // And it is the same store as one that is made now.
  const std::set<std::string> brought_up = layout();
  location_.data_directory = directory_ / "fresh";
  if (on_postgresql()) location_.url = PostgresqlServer::shared().create_database();
  open();
  EXPECT_EQ(brought_up, layout());
}

TEST_P(Upgrade, AStepThatFailsLeavesEverythingAsItWas) {
  if (!on_postgresql()) return;  // first_use_test.cc
  std::vector<SchemaStep> schema = built_in_schema();
  open_store_with(opening(schema));
  schema.push_back(
      {schema.back().number + 1, "CREATE TABLE half (x INTEGER); INSERT INTO nowhere VALUES (1);"});
  EXPECT_THROW(upgrade_store_with(opening(schema)), Error);
  EXPECT_EQ(open()->status().schema_version, schema.back().number - 1);
  EXPECT_EQ(number("SELECT COUNT(*) FROM pg_tables WHERE tablename = 'half'"), 0);
  schema.pop_back();
  tables().execute("UPDATE store_meta SET schema_version = 99");
  EXPECT_THROW(plan_upgrade_with(opening(schema)), Error);
  EXPECT_THROW(upgrade_store_with(opening(schema)), Error);
}

}  // namespace
}  // namespace dialin::test
