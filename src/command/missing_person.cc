// SPDX-License-Identifier: Apache-2.0
#include "command/missing_person.h"

#include <fmt/format.h>

#include "base/error.h"
#include "command/person_parameter.h"
#include "command/welcome_recipients.h"

namespace dialin {
namespace {

// The SIP address that the identifier itself is; the other forms name somebody only through a record.
std::optional<SipAddress> sip_address_of(const UserIdentifier& identifier) {
  if (identifier.form() != UserIdentifier::Form::SipUri &&
      identifier.form() != UserIdentifier::Form::Address) {
    return std::nullopt;
  }
  return SipAddress::parse(identifier.text());
}

PersonRow row_of(const SipAddress& sip_address, const Mailbox& mail) {
  PersonRow row{.line = 0, .sip_address = sip_address};
  row.mail = {true, Mailbox::parse(mail.address())};
  if (!mail.display_name().empty()) row.display_name = {true, mail.display_name()};
  return row;
}

WelcomedPerson to_be_added(PersonRow row) {
  Person person{.sip_address = row.sip_address};
  apply_row(row, person);
  return {std::move(person), std::move(row)};
}

}  // namespace

WelcomedPerson find_welcomed_person(CommandContext& context, const BoundParameters& bound, Store* store) {
  const UserIdentifier identifier = identifier_from(bound, "UserUri");
  std::optional<Error> not_found;
  try {
    if (store != nullptr) return {resolve_person(store->people(), identifier), std::nullopt};
    not_found = Error(ErrorCode::NotFound,
                      fmt::format("nobody is known by \"{}\": there is no store yet", identifier.text()));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::NotFound) throw;
    not_found = error;
  }

  if (context.by.role == Role::HelpDesk)
    throw Error(ErrorCode::NotFound, not_found->what(), "An administrator adds people: dialin people add.");
  const std::optional<SipAddress> sip_address = sip_address_of(identifier);
  if (!sip_address) {
    throw Error(ErrorCode::NotFound, not_found->what(),
                "Add the person first: dialin people add SIP-ADDRESS --mail ADDRESS, or dialin people import "
                "FILE.csv.");
  }
  std::optional<Mailbox> mail = typed_address(bound);
  if (bound.flag("AddPeople")) {
    if (!mail) {
      throw Error(ErrorCode::InvalidInput,
                  fmt::format("{} cannot be added: -AddPeople needs the mail address, and none was named",
                              sip_address->uri()),
                  "Write -UserEmailAddress ADDRESS.");
    }
    return to_be_added(row_of(*sip_address, *mail));
  }
  if (context.prompter.can_ask() && !bound.what_if() && bound.confirmation() != Confirmation::NeverAsk) {
    context.streams.write_error(std::string(not_found->what()) + "\n");
    if (!mail) {
      const std::string answer =
          context.prompter.ask_text(fmt::format("Mail address of {}", sip_address->address()));
      mail = Mailbox::parse(answer);
      if (!mail) {
        throw Error(ErrorCode::InvalidInput,
                    fmt::format("that is not a mail address: {}", explain_bad_mailbox(answer)));
      }
    }
    if (context.prompter.ask_yes_no(
            fmt::format("Add {} with the mail address {}?", sip_address->uri(), mail->address()))) {
      return to_be_added(row_of(*sip_address, *mail));
    }
  }
  throw Error(ErrorCode::NotFound, not_found->what(),
              fmt::format("Add the person: dialin people add {} --mail {}", sip_address->address(),
                          mail ? mail->address() : std::string("ADDRESS")));
}

Person add_if_missing(CommandContext& context, Store& store, const WelcomedPerson& welcomed) {
  if (!welcomed.to_add) return welcomed.person;
  const PeopleImport result = store.people().apply({*welcomed.to_add}, ImportMode::Apply, false, context.by);
  if (!result.conflicts.empty()) {
    throw Error(ErrorCode::Precondition,
                fmt::format("{} cannot be added: {}", welcomed.to_add->sip_address.uri(),
                            result.conflicts.front().reason));
  }
  context.streams.write_error(fmt::format("Added {}.\n", welcomed.to_add->sip_address.uri()));
  auto identifier = UserIdentifier::parse(welcomed.to_add->sip_address.uri());
  return resolve_person(store.people(), *identifier);
}

}  // namespace dialin
