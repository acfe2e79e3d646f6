// SPDX-License-Identifier: Apache-2.0
#include "store/content_columns.h"

#include <fmt/format.h>

#include "base/error.h"
#include "store/people_rows.h"

namespace dialin {

const char* to_text(WelcomeWay::Tls tls) {
  switch (tls) {
    case WelcomeWay::Tls::Opportunistic:
      return "opportunistic";
    case WelcomeWay::Tls::Required:
      return "required";
    case WelcomeWay::Tls::Implicit:
      return "implicit";
  }
  return "";
}

WelcomeWay::Tls tls_from_text(const std::string& text) {
  for (auto tls : {WelcomeWay::Tls::Opportunistic, WelcomeWay::Tls::Required, WelcomeWay::Tls::Implicit}) {
    if (text == to_text(tls)) return tls;
  }
  throw Error(ErrorCode::Internal,
              fmt::format("the store holds a welcome with the unknown TLS mode {}", text));
}

WelcomeContent read_shared_content(SqlRowReader& reader, const std::optional<Mailbox>& to) {
  const Mailbox from = mailbox_from_column(reader.text());
  WelcomeContent content{.to = to ? *to : from, .from = from};
  if (auto reply_to = reader.optional_text()) content.reply_to = mailbox_from_column(*reply_to);
  content.envelope_sender = reader.text();
  content.subject = reader.text();
  content.language = reader.text();
  content.cc = mailboxes_from_column(reader.text());
  content.bcc = mailboxes_from_column(reader.text());
  content.mask_pin_in_copies = reader.flag();
  content.plain_text_only = reader.flag();
  content.without_link = reader.flag();
  content.template_hash = reader.text();
  return content;
}

WelcomeWay read_way(SqlRowReader& reader) {
  WelcomeWay way;
  way.server = reader.text();
  way.port = static_cast<std::uint16_t>(reader.integer());
  way.tls = tls_from_text(reader.text());
  way.user = reader.text();
  way.password_source = reader.text();
  return way;
}

Binds content_binds(const WelcomeContent& content) {
  return {{"mail_to", to_column(content.to)},
          {"to_is_from_record", content.to_is_from_record},
          {"mail_from", to_column(content.from)},
          {"reply_to", content.reply_to ? SqlValue(to_column(*content.reply_to)) : SqlValue(std::nullopt)},
          {"envelope_sender", content.envelope_sender},
          {"subject", content.subject},
          {"language", content.language},
          {"cc", to_column(content.cc)},
          {"bcc", to_column(content.bcc)},
          {"mask_pin_in_copies", content.mask_pin_in_copies},
          {"plain_text_only", content.plain_text_only},
          {"without_link", content.without_link},
          {"template_hash", content.template_hash},
          {"sender_key", content.from.key()}};
}

Binds way_binds(const WelcomeWay& way) {
  return {{"server", way.server},
          {"port", way.port},
          {"tls", to_text(way.tls)},
          {"user_name", way.user},
          {"password_source", way.password_source}};
}

}  // namespace dialin
