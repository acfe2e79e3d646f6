// SPDX-License-Identifier: Apache-2.0
#include "mail/message.h"

namespace dialin {

Secret compose_message(const MessageHeaders& headers, const RenderedWelcome& body, BodyForm form) {
  const MessageMould mould({headers.from, headers.cc, headers.reply_to, headers.language}, form);
  return mould.fill({headers.to, headers.subject, headers.message_id, headers.date}, body);
}

std::string new_message_id(const std::string& random_identifier, const Mailbox& from) {
  return random_identifier + "@" + from.domain();
}

}  // namespace dialin
