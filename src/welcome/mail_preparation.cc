// SPDX-License-Identifier: Apache-2.0
#include "welcome/mail_preparation.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "pin/pin_verifier.h"
#include "store/owner_numbers.h"
#include "welcome/welcome_values.h"

namespace dialin {

const Mailbox& recipient_of(const WelcomeRow& row) {
  return row.copy_to ? *row.copy_to : row.content.to;
}

PreparedMail MailPreparation::prepare(const ClaimedWelcome& claimed,
                                      const SharedList<AccessNumberValue>& numbers,
                                      const SharedList<WelcomeValues::TelephoneCommand>& commands) {
  const WelcomeRow& row = claimed.row;
  const Person& person = claimed.person;
  std::optional<Secret> verifier;
  if (row.kind == WelcomeKind::Welcome) {
    if (!claimed.pin) {
      throw Error(ErrorCode::Internal,
                  fmt::format("the welcome of {} holds no sealed PIN", person.sip_address.uri()));
    }
    verifier = hash_pin(*claimed.pin, settings_.hash_cost, owner_numbers(person));
    checkpoints_.reach("hashed");
  }

  WelcomeValues values =
      welcome_values(person, numbers, commands, settings_.organisation_of(person), row.content.without_link,
                     row.replaces_pin, pin_expiry(settings_.policy_of(person), clock_.now()));
  if (row.kind == WelcomeKind::Notice) {
    values.mail_address = recipient_of(row).address();
    values.changed_at = row.created_at;
    values.sent_to = row.sent_elsewhere;
  }
  const std::shared_ptr<const WelcomeTemplate> welcome_template = parsed_template(claimed);
  RenderedWelcome rendered =
      claimed.pin ? welcome_template->render(values, &*claimed.pin) : welcome_template->render_masked(values);
  OwnHeaders headers{
      .to = row.content.to,
      .subject = row.content.subject.empty() ? rendered.subject : row.content.subject,
      .message_id = row.message_id,
      .date = row.created_at,
  };
  if (headers.to.display_name().empty() && row.content.to_is_from_record) {
    headers.to = headers.to.with_display_name(person.display_name);
  }
  OutgoingMessage message{
      .id = row.id,
      .envelope_sender =
          row.content.envelope_sender.empty() ? row.content.from.address() : row.content.envelope_sender,
      .recipient = recipient_of(row),
      .content = std::make_shared<const Secret>(mould_for(row.content)->fill(headers, rendered)),
  };
  checkpoints_.reach("composed");
  return {std::move(message), std::move(verifier)};
}

std::shared_ptr<const WelcomeTemplate> MailPreparation::parsed_template(const ClaimedWelcome& claimed) {
  const std::string& hash = claimed.row.content.template_hash;
  {
    std::lock_guard lock(mutex_);
    if (const auto found = templates_.find(hash); found != templates_.end()) return found->second;
  }
  // Two threads may parse the same one; the first that is done stays.
  auto parsed = std::make_shared<const WelcomeTemplate>(
      WelcomeTemplate::parse(deserialize_template(claimed.template_text)));
  std::lock_guard lock(mutex_);
  return templates_.emplace(hash, std::move(parsed)).first->second;
}

std::shared_ptr<const MessageMould> MailPreparation::mould_for(const WelcomeContent& content) {
  // More than a run has senders and languages; beyond that the oldest go.
  constexpr std::size_t MostMoulds = 64;
  const SharedHeaders headers{content.from, content.cc, content.reply_to, content.language};
  const BodyForm form = content.plain_text_only ? BodyForm::TextOnly : BodyForm::HtmlAndText;
  std::lock_guard lock(mutex_);
  const auto found = std::ranges::find_if(
      moulds_, [&](const std::shared_ptr<const MessageMould>& mould) { return mould->fits(headers, form); });
  if (found != moulds_.end()) {
    std::rotate(moulds_.begin(), found, found + 1);
  } else {
    if (moulds_.size() == MostMoulds) moulds_.pop_back();
    moulds_.insert(moulds_.begin(), std::make_shared<const MessageMould>(headers, form));
  }
  return moulds_.front();
}

}  // namespace dialin
