// SPDX-License-Identifier: Apache-2.0
#include "store/outbox_finish.h"
#include "store/people_rows.h"
#include "store/people_store.h"
#include "store/run_rows.h"

namespace dialin {
namespace {

// What stands where a personal field was. A mailbox column must hold one; the domain exists nowhere (RFC
// 2606).
constexpr const char* kErasedMailbox = "removed@invalid\t";

void set_enabled(WriteTransaction& transaction, const PersonId& id, bool enabled) {
  transaction.sql().execute("UPDATE people SET enabled = :enabled WHERE id = :id",
                            {{"enabled", enabled}, {"id", id}});
}

// A mail that is being sent keeps its row until its outcome is known, and a run's welcomes keep theirs,
// because the run is counted by them: without anything personal. Everything else goes.
void erase_outbox(SociSession& sql, const PersonId& id) {
  const Binds person = {{"person", id}};
  sql.execute("DELETE FROM welcomes WHERE person = :person AND kind = 'copy' AND state <> 'sending'", person);
  sql.execute(
      "DELETE FROM welcomes WHERE person = :person AND kind = 'welcome' AND state <> 'sending' AND id NOT IN "
      "(SELECT "
      "parent FROM welcomes WHERE person = :person AND parent IS NOT NULL) AND id NOT IN (SELECT welcome "
      "FROM "
      "run_rows WHERE person = :person AND welcome IS NOT NULL)",
      person);
  sql.execute(
      "UPDATE welcomes SET mail_to = :erased, cc = '', bcc = '', subject = '', enhanced_code = '', "
      "reply_text = '' WHERE person = :person",
      {{"person", id}, {"erased", kErasedMailbox}});
  sql.execute(
      "UPDATE welcomes SET copy_to = :erased, copy_to_key = '', notice = '' WHERE person = :person AND "
      "notice "
      "IS NOT NULL",
      {{"person", id}, {"erased", kErasedMailbox}});
}

}  // namespace

void disable_person(WriteTransaction& transaction, PinsRow& pins, const Operator& by, const char* because) {
  // The verifier stays for `people enable -KeepPin`; the PIN's own version is raised, because copies that
  // show it must not be sent any more.
  ++pins.version;
  pins.pin_version = pins.version;
  transaction.sql().execute(
      "UPDATE pins SET version = :version, pin_version = :version WHERE person = :person",
      {{"version", pins.version}, {"person", pins.person}});
  set_enabled(transaction, pins.person, false);
  supersede_welcome(transaction, pins.person, by, because);
  supersede_copies(transaction, pins.person, by, because);
  end_waiting_rows(transaction, pins.person, because);
  transaction.audit({by, "person-disabled", pins.person, {}});
}

void enable_person(WriteTransaction& transaction, PinsRow& pins, bool keep_pin, const Operator& by) {
  set_enabled(transaction, pins.person, true);
  if (!keep_pin) change_pin(transaction, pins, {});
  transaction.audit(
      {by, "person-enabled", pins.person, {{"keeps_pin", keep_pin && pins.verifier ? "yes" : "no"}}});
}

bool SociPeopleStore::disable(const PersonId& id, const Operator& by) {
  return write(context_, {"disable", "disabling a person"}, [&](WriteTransaction& transaction) {
    PinsRow pins = lock_person(transaction, id);
    if (!find_person(transaction.sql(), id)->enabled) return false;
    disable_person(transaction, pins, by, "the person was disabled");
    return true;
  });
}

bool SociPeopleStore::enable(const PersonId& id, bool keep_pin, const Operator& by) {
  return write(context_, {"enable", "enabling a person"}, [&](WriteTransaction& transaction) {
    PinsRow pins = lock_person(transaction, id);
    if (find_person(transaction.sql(), id)->enabled) return false;
    enable_person(transaction, pins, keep_pin, by);
    return true;
  });
}

bool SociPeopleStore::remove(const PersonId& id, const Operator& by) {
  return write(context_, {"remove", "removing a person"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    PinsRow pins = lock_person(transaction, id);
    disable_person(transaction, pins, by, "the person was removed");
    change_pin(transaction, pins, {});
    const Binds person = {{"person", id}};
    sql.execute("DELETE FROM pin_history WHERE person = :person", person);
    sql.execute(
        "UPDATE pins SET lock_reason = NULL, locked_by = NULL, locked_since = NULL, locked_by_help_desk = 0 "
        "WHERE person = :person",
        person);
    erase_outbox(sql, id);
    erase_person_from_runs(transaction, id);
    sql.execute(
        "UPDATE people SET removed = 1, external_id = NULL, sip_uri = '', sip_key = NULL, "
        "user_principal_name = '', "
        "user_principal_name_key = '', sam_account_name = '', sam_account_name_key = '', display_name = '', "
        "display_name_key = '', mail = NULL, mail_key = NULL, mail_domain = NULL, line_uri = NULL, language "
        "= '', "
        "region = '', site = '', conference_id = '', pin_policy = '' WHERE id = :person",
        person);
    sql.execute("DELETE FROM audit_names WHERE person = :person", person);
    transaction.audit({by, "person-removed", id, {}});
    return true;
  });
}

}  // namespace dialin
