// SPDX-License-Identifier: Apache-2.0
#include "store/outbox_notice.h"

#include <fmt/format.h>

namespace dialin {

std::optional<WelcomeId> make_notice(WriteTransaction& transaction, const PersonId& person,
                                     const PinNotice& notice, const WelcomeId& welcome, const Operator& by) {
  RandomSource& random = transaction.context().random;
  const WelcomeId id = transaction.next_id();
  keep_template(transaction, notice.content.template_hash, notice.template_text);
  Binds binds = {{"id", id},
                 {"person", person},
                 {"parent", welcome.empty() ? id : welcome},
                 {"message_id", fmt::format("{}@{}", new_identifier(random), notice.content.from.domain())},
                 {"copy_to", to_column(notice.content.to)},
                 {"copy_to_key", notice.content.to.key()},
                 {"notice", notice.sent_to},
                 {"now", transaction.now()},
                 {"operator_name", by.name}};
  for (Bind& bind : content_binds(notice.content)) binds.push_back(std::move(bind));
  for (Bind& bind : way_binds(notice.way)) binds.push_back(std::move(bind));
  const std::size_t made = transaction.sql().execute(
      "INSERT INTO welcomes (id, kind, person, parent, version, message_id, mail_to, to_is_from_record, "
      "mail_from, reply_to, envelope_sender, subject, language, cc, bcc, mask_pin_in_copies, "
      "plain_text_only, "
      "without_link, template_hash, copy_to, copy_to_key, server, port, tls, user_name, password_source, "
      "sender_key, state, state_since, replaces_pin, created_at, next_attempt_at, operator_name, "
      "command_hash, "
      "notice) VALUES (:id, 'copy', :person, :parent, 0, :message_id, :mail_to, :to_is_from_record, "
      ":mail_from, "
      ":reply_to, :envelope_sender, :subject, :language, :cc, :bcc, :mask_pin_in_copies, :plain_text_only, "
      ":without_link, :template_hash, :copy_to, :copy_to_key, :server, :port, :tls, :user_name, "
      ":password_source, :sender_key, 'queued', :now, 0, :now, :now, :operator_name, '', :notice) ON "
      "CONFLICT "
      "DO NOTHING",
      binds);
  if (made == 0) return std::nullopt;
  return id;
}

}  // namespace dialin
