// SPDX-License-Identifier: Apache-2.0
#include "mail/filled_tags.h"

#include <algorithm>
#include <boost/locale.hpp>
#include <sstream>

#include "base/text.h"
#include "mail/escaping.h"
#include "mail/language_names.h"
#include "people/mailbox.h"

namespace dialin {
namespace {

// No value of a mail is longer; an address of the settings page may be.
constexpr std::size_t LongestValue = 2048;

bool is_telephone_number(std::string_view text) {
  if (text.size() < 4 || text.front() != '+') return false;
  // +44 (0)20 ...: the zero in brackets is not dialled with the country code.
  if (text.find("(0)") != std::string_view::npos) return false;
  return std::all_of(text.begin() + 1, text.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == ' ' || c == '(' || c == ')' || c == '-' || c == '.';
  });
}

// tel:+14255550100 (RFC 3966), or empty if `text` is not a full number.
std::string telephone_link(std::string_view text) {
  if (!is_telephone_number(text)) return {};
  std::string link = "tel:+";
  std::copy_if(text.begin(), text.end(), std::back_inserter(link),
               [](char c) { return c >= '0' && c <= '9'; });
  return link;
}

// Percent signs and the like in a local part would be read as something else by what opens the link.
std::string mail_link(std::string_view address) {
  WipedString encoded;
  append_escaped(encoded, address, Escaping::AddressComponent);
  return "mailto:" + std::string(encoded);
}

std::string contact_link(const std::string& contact) {
  if (has_linkable_scheme(contact)) return contact;
  if (const auto mailbox = Mailbox::parse(contact); mailbox && mailbox->display_name().empty()) {
    return mail_link(mailbox->address());
  }
  return telephone_link(contact);
}

std::locale date_locale(const std::string& language) {
  // POSIX spelling: fr-CA is fr_CA. An unknown language falls back inside ICU.
  std::string name = language.empty() ? "en" : language;
  std::replace(name.begin(), name.end(), '-', '_');
  boost::locale::generator generator;
  generator.categories(boost::locale::category_t::formatting);
  return generator(name + ".UTF-8");
}

std::string clean(std::string_view text) {
  std::string result = sanitize_foreign_text(text, LongestValue);
  const std::string_view kept = trim(result);
  if (kept.size() < result.size()) result = std::string(kept);
  return result;
}

}  // namespace

WrittenDates::WrittenDates(const std::string& language) : locale_(date_locale(language)) {}

std::string WrittenDates::write(Timestamp time) const {
  const Day day = std::chrono::floor<std::chrono::days>(time);
  const std::lock_guard guard(mutex_);
  if (!last_ || last_->first != day) {
    std::ostringstream out;
    out.imbue(locale_);
    out << boost::locale::as::gmt << boost::locale::as::date << boost::locale::as::date_long
        << static_cast<double>(std::chrono::seconds(day.time_since_epoch()).count());
    last_.emplace(day, out.str());
  }
  return last_->second;
}

std::string WrittenDates::write_with_time(Timestamp time) const {
  std::ostringstream out;
  out.imbue(locale_);
  out << boost::locale::as::gmt << boost::locale::as::datetime << boost::locale::as::date_long
      << boost::locale::as::time_short
      << static_cast<double>(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
  return out.str() + " UTC";
}

FilledTags::FilledTags(const WelcomeValues& values, std::string_view pin_shown, const WrittenDates& dates)
    : pin_shown_(pin_shown) {
  set(Tag::DisplayName, values.display_name);
  set(Tag::SipAddress, values.sip_address);
  set(Tag::MailAddress, values.mail_address);
  set(Tag::Number, values.number);
  set(Tag::Extension, values.extension);
  set(Tag::ConferenceId, values.conference_id);
  const bool details = !values.number.empty() || !values.extension.empty() || !values.conference_id.empty();
  if (details) set(Tag::CallerDetails, "1");
  set(Tag::Region, values.region);
  set(Tag::SettingsPage, values.settings_page_url);
  if (values.pin_expires) set(Tag::PinExpires, dates.write(*values.pin_expires));
  fill_telephone_commands(values.telephone_commands);
  set(Tag::SupportContact, values.support_contact);
  const std::string link = contact_link(values.support_contact);
  set(link.empty() ? Tag::SupportContactText : Tag::SupportContactLink,
      link.empty() ? values.support_contact : link);
  set(Tag::OrganisationName, values.organisation_name);
  set(Tag::LogoText, values.logo_text);
  set(values.replaces_pin ? Tag::ReplacedPin : Tag::FirstPin, "1");
  if (values.changed_at) {
    set(Tag::ChangedAt, dates.write_with_time(*values.changed_at));
    set(Tag::SentTo, values.sent_to);
    if (values.sent_to.empty()) set(Tag::SetDirectly, "1");
  }
  access_numbers_.reserve(values.access_numbers.size());
  for (const AccessNumberValue& number : values.access_numbers) fill_access_number(number);
  if (!access_numbers_.empty()) set(Tag::AccessNumbers, "1");
}

void FilledTags::set(Tag tag, std::string_view text) {
  values_[static_cast<std::size_t>(tag)] = clean(text);
}

void FilledTags::fill_telephone_commands(const SharedList<WelcomeValues::TelephoneCommand>& commands) {
  for (std::size_t i = 0; i < TagCount; ++i) {
    const Tag tag = static_cast<Tag>(i);
    if (properties_of(tag).command == nullptr) continue;
    const std::string_view name = properties_of(tag).command;
    for (const WelcomeValues::TelephoneCommand& command : commands) {
      if (command.keys.empty() || command.name != name) continue;
      set(tag, command.keys);
      set(Tag::TelephoneCommands, "1");
    }
  }
}

void FilledTags::fill_access_number(const AccessNumberValue& number) {
  if (trim(number.display_number).empty()) return;
  Values& values = access_numbers_.emplace_back();
  const auto fill = [&values](Tag tag, std::string_view text) {
    values[static_cast<std::size_t>(tag)] = clean(text);
  };
  std::vector<std::string> languages;
  for (const std::string& language : number.languages) languages.push_back(endonym(language));
  const std::string link = telephone_link(number.number.empty() ? number.display_number : number.number);
  fill(Tag::AccessNumber, number.display_number);
  fill(link.empty() ? Tag::AccessNumberText : Tag::AccessNumberLink,
       link.empty() ? number.display_number : link);
  fill(Tag::AccessNumberName, number.display_name);
  fill(Tag::AccessNumberRegion, number.region);
  fill(Tag::AccessNumberLanguages, join(languages, ", "));
}

std::string_view FilledTags::value(Tag tag, std::size_t number) const {
  if (tag == Tag::Pin) return pin_shown_;
  const auto index = static_cast<std::size_t>(tag);
  if (!properties_of(tag).of_access_number) return values_[index];
  return number < access_numbers_.size() ? std::string_view(access_numbers_[number][index])
                                         : std::string_view();
}

std::size_t FilledTags::repetitions(Tag tag, std::size_t number) const {
  if (tag == Tag::AccessNumber) return access_numbers_.size();
  return value(tag, number).empty() ? 0 : 1;
}

}  // namespace dialin
