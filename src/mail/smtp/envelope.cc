// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/envelope.h"

#include <fmt/format.h>

#include "base/text.h"

namespace dialin::smtp {
namespace {

bool needs_smtputf8(const OutgoingMessage& message) {
  return !is_ascii(message.envelope_sender) || !is_ascii(message.recipient.address());
}

Delivery refusal(DeliveryResult result, DeliveryScope scope, std::string during, std::string enhanced_code,
                 std::string text) {
  Delivery delivery;
  delivery.result = result;
  delivery.scope = scope;
  delivery.during = std::move(during);
  delivery.enhanced_code = std::move(enhanced_code);
  delivery.text = std::move(text);
  return delivery;
}

}  // namespace

std::string to_xtext(std::string_view text) {
  std::string coded;
  for (const char c : text) {
    if (c > ' ' && c < 0x7f && c != '+' && c != '=') {
      coded += c;
    } else {
      coded += fmt::format("+{:02X}", static_cast<unsigned char>(c));
    }
  }
  return coded;
}

std::string mail_command(const OutgoingMessage& message, const Extensions& offered) {
  std::string line = fmt::format("MAIL FROM:<{}>", message.envelope_sender);
  if (offered.size) line += fmt::format(" SIZE={}", message.content->size());
  if (needs_smtputf8(message)) line += " SMTPUTF8";
  if (offered.dsn) {
    line += " RET=HDRS";
    // RFC 3461 section 4.4: at most 100 characters; Postfix takes only what decodes to ASCII.
    const std::string identifier = to_xtext(message.id);
    if (!identifier.empty() && identifier.size() <= 100 && is_ascii(message.id))
      line += " ENVID=" + identifier;
  }
  return line + "\r\n";
}

std::string rcpt_command(const OutgoingMessage& message) {
  return fmt::format("RCPT TO:<{}>\r\n", message.recipient.address());
}

std::optional<Delivery> too_large(std::size_t size, const Extensions& offered) {
  if (!offered.size_limit || size <= *offered.size_limit) return std::nullopt;
  return refusal(
      DeliveryResult::Refused, DeliveryScope::Content, "checking the size", "5.3.4",
      fmt::format("the message has {} octets, the server takes at most {}", size, *offered.size_limit));
}

std::optional<Delivery> refused_beforehand(const OutgoingMessage& message, const Extensions& offered) {
  if (!offered.smtputf8 && !is_ascii(message.recipient.address())) {
    return refusal(
        DeliveryResult::Refused, DeliveryScope::Recipient, "checking the recipient's address", "5.6.7",
        "the address has characters outside of ASCII before the @, and the server offers no SMTPUTF8");
  }
  if (!offered.smtputf8 && !is_ascii(message.envelope_sender)) {
    return refusal(
        DeliveryResult::Deferred, DeliveryScope::Sender, "checking the sender's address", "5.6.7",
        "the address has characters outside of ASCII before the @, and the server offers no SMTPUTF8");
  }
  return too_large(message.content->size(), offered);
}

}  // namespace dialin::smtp
