// SPDX-License-Identifier: Apache-2.0
// How an administrator names a person: -UserUri, -Identity.
//
// The text is parsed once into the forms that it may mean. "bob@contoso.com" may be a SIP address, a user
// principal name or a mail address: three different things that often, not always, coincide. All are
// searched; none is guessed from another (doc/decisions/).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "people/mailbox.h"
#include "people/phone_number.h"
#include "people/sip_address.h"

namespace dialin {

class UserIdentifier {
 public:
  enum class Form {
    SipUri,             // sip:bob@contoso.com: the SIP address only
    Address,            // bob@contoso.com: SIP address, user principal name or mail address
    LogonName,          // CONTOSO\bob, or bob: one word without domain may also be a display name ("Bob")
    Telephone,          // tel:+14255551297;ext=51297 or +14255551297
    DistinguishedName,  // CN=Bob,OU=...: needs a directory that has such names
    DisplayName,        // "Bob Kelly", "* Kelly": * stands for any characters
  };

  // Nothing if `text` is empty, longer than 1,024 octets, not UTF-8, has control characters, or begins like
  // one form (sip:, tel:, +1, user@) and is not one, or has a * anywhere but in a display name.
  static std::optional<UserIdentifier> parse(std::string_view text);

  Form form() const { return form_; }
  const std::string& text() const { return text_; }  // as typed, without spaces at its ends
  bool has_wildcard() const { return form_ == Form::DisplayName && text_.find('*') != std::string::npos; }
  // What to compare with the keys of the store: SipAddress::key() for SipUri, Mailbox::key() for Address,
  // PhoneNumber::uri() for Telephone, fold_case() of the text for the others.
  const std::string& key() const { return key_; }

 private:
  UserIdentifier(Form form, std::string text, std::string key)
      : form_(form), text_(std::move(text)), key_(std::move(key)) {}
  Form form_;
  std::string text_;
  std::string key_;
};

// Why `text` names nobody, for an error message. Empty if it could name somebody.
std::string explain_bad_user_identifier(std::string_view text);

}  // namespace dialin
