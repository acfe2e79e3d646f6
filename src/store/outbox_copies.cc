// SPDX-License-Identifier: Apache-2.0
#include "store/outbox_copies.h"

#include <fmt/format.h>

#include <set>

namespace dialin {

std::vector<WelcomeId> make_copies(WriteTransaction& transaction, const WelcomeRow& welcome,
                                   const AttemptRecord& record, const PinsRow& pins) {
  std::vector<Mailbox> recipients = welcome.content.cc;
  recipients.insert(recipients.end(), welcome.content.bcc.begin(), welcome.content.bcc.end());
  std::vector<WelcomeId> copies;
  std::set<std::string> known;
  if (const auto sent_to = Mailbox::parse(record.sent_to)) known.insert(sent_to->key());
  for (const Mailbox& recipient : recipients) {
    if (!known.insert(recipient.key()).second) continue;
    std::optional<std::string> seal;
    if (!welcome.content.mask_pin_in_copies) {
      if (record.pin == nullptr)
        throw Error(ErrorCode::Internal, "a delivery was recorded without the PIN that its copies show");
      seal = transaction.seals().seal_pin(welcome.person, *record.pin);
    }
    const WelcomeId id = transaction.next_id();
    const std::size_t made = transaction.sql().execute(
        "INSERT INTO welcomes (id, kind, person, parent, version, message_id, mail_to, to_is_from_record, "
        "mail_from, "
        "reply_to, envelope_sender, subject, language, cc, bcc, mask_pin_in_copies, plain_text_only, "
        "without_link, "
        "template_hash, copy_to, copy_to_key, server, port, tls, user_name, password_source, sender_key, "
        "state, "
        "state_since, seal, replaces_pin, created_at, next_attempt_at, operator_name, command_hash, run) "
        "SELECT "
        ":id, "
        "'copy', person, id, CAST(:version AS BIGINT), :message_id, mail_to, to_is_from_record, mail_from, "
        "reply_to, "
        "envelope_sender, subject, language, cc, bcc, mask_pin_in_copies, plain_text_only, without_link, "
        "template_hash, :copy_to, :copy_to_key, server, port, tls, user_name, password_source, sender_key, "
        "'queued', "
        "CAST(:now AS BIGINT), :seal, replaces_pin, CAST(:now AS BIGINT), CAST(:now AS BIGINT), "
        "operator_name, '', run FROM "
        "welcomes WHERE id = :parent ON CONFLICT DO NOTHING",
        {{"id", id},
         {"version", pins.pin_version},
         {"message_id",
          fmt::format("{}@{}", new_identifier(transaction.context().random), welcome.content.from.domain())},
         {"copy_to", to_column(recipient)},
         {"copy_to_key", recipient.key()},
         {"now", transaction.now()},
         {"seal", seal},
         {"parent", welcome.id}});
    if (made == 1) copies.push_back(id);
  }
  return copies;
}

}  // namespace dialin
