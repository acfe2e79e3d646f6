// SPDX-License-Identifier: Apache-2.0
#include "people/user_identifier.h"

#include <array>

#include "base/text.h"

namespace dialin {
namespace {

constexpr std::size_t kLongestText = 1024;

bool begins_with(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

// The attributes with which distinguished names begin in practice. Any word before '=' would be too much:
// "a=b@contoso.com" is an address.
bool looks_like_distinguished_name(std::string_view text) {
  constexpr std::array<std::string_view, 9> kFirstAttributes = {"cn",    "ou", "uid", "dc",          "o",
                                                                "email", "e",  "l",   "emailaddress"};
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view attribute = trim(text.substr(0, equals));
  for (std::string_view known : kFirstAttributes) {
    if (equal_ignoring_case(attribute, known)) return true;
  }
  return false;
}

struct Result {
  UserIdentifier::Form form{};
  std::string key;
  std::string problem;
};

Result refused(std::string problem) {
  return {{}, {}, std::move(problem)};
}

Result read_logon_name(std::string_view text) {
  const std::size_t backslash = text.find('\\');
  if (backslash == 0 || backslash + 1 == text.size() ||
      text.find('\\', backslash + 1) != std::string_view::npos) {
    return refused("a logon name is DOMAIN\\name, with one backslash between the two");
  }
  if (text.find('@') != std::string_view::npos) return refused("it has both a backslash and an @");
  if (text.find('*') != std::string_view::npos) return refused("a * may stand in display names only");
  return {UserIdentifier::Form::LogonName, fold_case(text), {}};
}

Result read(std::string_view text) {
  using Form = UserIdentifier::Form;
  if (text.size() > kLongestText) return refused("it is longer than 1,024 octets");
  if (!is_utf8(text)) return refused("it is not valid UTF-8");
  text = trim(text);
  if (text.empty()) return refused("it is empty");
  if (has_control_characters(text)) return refused("it contains a control character or a line end");
  if (begins_with(text, "sip:") || begins_with(text, "sips:")) {
    const std::optional<SipAddress> sip = SipAddress::parse(text);
    if (!sip) return refused("it is no SIP address: " + explain_bad_sip_address(text));
    return {Form::SipUri, sip->key(), {}};
  }
  const bool plus_and_digit = text.size() > 1 && text[0] == '+' && text[1] >= '0' && text[1] <= '9';
  if (begins_with(text, "tel:") || (plus_and_digit && text.find('@') == std::string_view::npos)) {
    const std::optional<PhoneNumber> number = PhoneNumber::parse(text);
    if (!number) return refused("it is no telephone number: " + explain_bad_phone_number(text));
    return {Form::Telephone, number->uri(), {}};
  }
  if (looks_like_distinguished_name(text)) return {Form::DistinguishedName, fold_case(text), {}};
  if (text.find('\\') != std::string_view::npos) return read_logon_name(text);
  const bool has_space = text.find_first_of(" \t") != std::string_view::npos;
  if (text.find('@') != std::string_view::npos) {
    // Addresses may hold a *, by the letter of RFC 5322; here it always means any characters.
    const bool wildcard = text.find('*') != std::string_view::npos;
    if (wildcard && !has_space) return refused("a * may stand in display names only");
    const std::optional<Mailbox> mailbox = Mailbox::parse(text);
    if (mailbox && !wildcard) return {Form::Address, mailbox->key(), {}};
    if (!has_space) return refused("it is no address: " + explain_bad_mailbox(text));
  }
  if (has_space || text.find('*') != std::string_view::npos) return {Form::DisplayName, fold_case(text), {}};
  return {Form::LogonName, fold_case(text), {}};
}

}  // namespace

std::optional<UserIdentifier> UserIdentifier::parse(std::string_view text) {
  Result result = read(text);
  if (!result.problem.empty()) return std::nullopt;
  return UserIdentifier(result.form, std::string(trim(text)), std::move(result.key));
}

std::string explain_bad_user_identifier(std::string_view text) {
  return read(text).problem;
}

}  // namespace dialin
