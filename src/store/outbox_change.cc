// SPDX-License-Identifier: Apache-2.0
// The same command typed again with another content or another way.
#include <fmt/format.h>

#include "store/outbox.h"
#include "store/outbox_finish.h"
#include "store/outbox_rows.h"
#include "store/run_rows.h"

namespace dialin {
namespace {

void write_content(WriteTransaction& transaction, const OutboxRow& row, const WelcomeContent& content,
                   const std::string& command_hash, const Operator& by) {
  Binds binds = content_binds(content);
  binds.push_back({"command_hash", command_hash});
  binds.push_back({"operator_name", by.name});
  binds.push_back({"seal", row.seal});
  binds.push_back({"version", row.row.version});
  binds.push_back({"id", row.row.id});
  transaction.sql().execute(
      "UPDATE welcomes SET mail_to = :mail_to, to_is_from_record = :to_is_from_record, mail_from = "
      ":mail_from, "
      "reply_to = :reply_to, envelope_sender = :envelope_sender, subject = :subject, language = :language, "
      "cc = :cc, "
      "bcc = :bcc, mask_pin_in_copies = :mask_pin_in_copies, plain_text_only = :plain_text_only, "
      "without_link = "
      ":without_link, template_hash = :template_hash, sender_key = :sender_key, command_hash = "
      ":command_hash, "
      "operator_name = :operator_name, seal = :seal, version = :version WHERE id = :id",
      binds);
}

}  // namespace

ContentChange SociOutbox::change_content(const WelcomeId& id, const WelcomeContent& content,
                                         const std::string& template_text, const Pin* pin,
                                         const std::vector<SharerVersion>& sharers,
                                         const std::string& command_hash, const Operator& by) {
  return write(context_, {"change-content", "changing a waiting welcome"},
               [&](WriteTransaction& transaction) {
                 SociSession& sql = transaction.sql();
                 const auto found = find_row(sql, id);
                 if (!found)
                   throw Error(ErrorCode::NotFound, fmt::format("there is no welcome with the id {}", id));
                 const PersonId& person = found->row.person;
                 LockedLine locked;
                 if (pin == nullptr) {
                   locked = {lock_person(transaction, person), true};
                 } else {
                   locked = lock_line(transaction, person, sharers);
                 }
                 OutboxRow row = *find_row(sql, id, sql.for_update());
                 if (is_finished(row.row.state)) return ContentChange::Finished;
                 if (lease_is_live(row, transaction.now())) return ContentChange::InProgress;
                 if (may_have_arrived(row, transaction.now())) return ContentChange::MayHaveArrived;
                 if (!locked.as_expected) return ContentChange::VersionChanged;
                 if (!is_current(row, locked.pins)) {
                   supersede_row(transaction, row, by, "something newer was decided about the PIN");
                   return ContentChange::Finished;
                 }
                 if (pin != nullptr) {
                   // Another PIN is a decision of its own: whoever compared with the former one must begin
                   // again.
                   raise_version(transaction, locked.pins);
                   row.row.version = locked.pins.version;
                   row.seal = transaction.seals().seal_pin(person, *pin);
                 }
                 keep_template(transaction, content.template_hash, template_text);
                 write_content(transaction, row, content, command_hash, by);
                 transaction.audit(audit_entry(
                     row, by, "changed",
                     {{"to", audit_name(transaction, person, AuditNameKind::Address, content.to.address())},
                      {"pin", pin != nullptr ? "another" : "the same"}}));
                 return ContentChange::Changed;
               });
}

void SociOutbox::change_way(const WelcomeId& id, const WelcomeWay& way, const Operator& by) {
  write(context_, {"change-way", "changing the way of a waiting welcome"},
        [&](WriteTransaction& transaction) {
          SociSession& sql = transaction.sql();
          auto row = find_row(sql, id, sql.for_update());
          if (!row) throw Error(ErrorCode::NotFound, fmt::format("there is no welcome with the id {}", id));
          if (is_finished(row->row.state)) return false;
          WelcomeWay written = way;
          written.tls = never_weaker(row->row.way.tls, way.tls);
          Binds binds = way_binds(written);
          binds.push_back({"id", id});
          sql.execute(
              "UPDATE welcomes SET server = :server, port = :port, tls = :tls, user_name = :user_name, "
              "password_source = "
              ":password_source WHERE id = :id",
              binds);
          leave_run_of_another_way(transaction, *row);
          transaction.audit(audit_entry(*row, by, "changed",
                                        {{"server", fmt::format("{}:{}", written.server, written.port)},
                                         {"user", written.user},
                                         {"tls", to_text(written.tls)}}));
          return true;
        });
}

}  // namespace dialin
