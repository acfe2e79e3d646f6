// SPDX-License-Identifier: Apache-2.0
// Any text as an address, number or name: what is accepted holds no line end or NUL, keeps its limits, and
// reads as itself again; what is refused is refused with a reason.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.h"
#include "people/language_tag.h"
#include "people/names.h"
#include "people/user_identifier.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void require_clean(std::string_view text, std::size_t limit) {
  require(text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
  require(dialin::is_utf8(text) && !dialin::has_control_characters(text));
  require(text.size() <= limit);
}

void try_mailbox(std::string_view text) {
  const auto mailbox = dialin::Mailbox::parse(text);
  const std::string why = dialin::explain_bad_mailbox(text);
  require(why.empty() == mailbox.has_value());
  if (!mailbox) return require_clean(why, 256);
  require_clean(mailbox->address(), 64 + 1 + 255);
  require_clean(mailbox->display_name(), 4 * 256);
  require(dialin::is_ascii(mailbox->domain()));
  require(mailbox->local_part() + "@" + mailbox->domain() == mailbox->address());
  require(mailbox->needs_smtputf8() == !dialin::is_ascii(mailbox->local_part()));
  const auto again = dialin::Mailbox::parse(mailbox->address());
  require(again && again->address() == mailbox->address() && again->key() == mailbox->key());
  require(dialin::Mailbox::parse("<" + mailbox->address() + ">").has_value());
}

void try_sip_address(std::string_view text) {
  const auto sip = dialin::SipAddress::parse(text);
  const std::string why = dialin::explain_bad_sip_address(text);
  require(why.empty() == sip.has_value());
  if (!sip) return require_clean(why, 256);
  require_clean(sip->uri(), 4 + 64 + 1 + 253);
  require(sip->uri().starts_with("sip:") && dialin::is_ascii(sip->uri()));
  const auto again = dialin::SipAddress::parse(sip->address());
  require(again && again->uri() == sip->uri() && *again == *sip);
}

void try_phone_number(std::string_view text) {
  const auto number = dialin::PhoneNumber::parse(text);
  const std::string why = dialin::explain_bad_phone_number(text);
  require(why.empty() == number.has_value());
  if (!number) return require_clean(why, 512);
  require_clean(number->uri(), 64);
  require(number->digits().size() <= 15 && number->extension().size() <= 15);
  const auto again = dialin::PhoneNumber::parse(number->uri());
  require(again && *again == *number);
}

void try_user_identifier(std::string_view text) {
  const auto identifier = dialin::UserIdentifier::parse(text);
  const std::string why = dialin::explain_bad_user_identifier(text);
  require(why.empty() == identifier.has_value());
  if (!identifier) return require_clean(why, 512);
  require_clean(identifier->text(), 1024);
  require_clean(identifier->key(), 4096);
  require(!identifier->key().empty());
  const auto again = dialin::UserIdentifier::parse(identifier->text());
  require(again && again->form() == identifier->form() && again->key() == identifier->key());
}

void try_names(std::string_view text) {
  if (const auto principal = dialin::parse_user_principal_name(text)) {
    require_clean(*principal, 64 + 1 + 255);
    require(dialin::parse_user_principal_name(*principal) == principal);
  }
  if (const auto logon = dialin::parse_sam_account_name(text)) {
    require_clean(*logon, 4 * 256);
    require(dialin::parse_sam_account_name(*logon) == logon);
  }
  if (const auto tag = dialin::parse_language_tag(text)) {
    require_clean(*tag, 35);
    require(dialin::is_ascii(*tag) && dialin::parse_language_tag(*tag) == tag);
  }
}

void try_mailbox_list(std::string_view text) {
  std::string bad;
  const auto list = dialin::parse_mailbox_list(text, &bad);
  require(list.has_value() == bad.empty());
  if (!list) require(!dialin::Mailbox::parse(bad));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try_mailbox(text);
  try_sip_address(text);
  try_phone_number(text);
  try_user_identifier(text);
  try_names(text);
  try_mailbox_list(text);
  return 0;
}
