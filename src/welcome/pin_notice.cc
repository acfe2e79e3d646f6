// SPDX-License-Identifier: Apache-2.0
#include "welcome/pin_notice.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "welcome/failure_policy.h"
#include "welcome/outbox_session.h"
#include "welcome/same_command.h"

namespace dialin {
namespace {

constexpr int SessionTries = 3;

// Notices that go one way.
struct Group {
  WelcomeWay way;
  std::vector<WelcomeId> ids;
};

std::vector<Group> groups_of(Outbox& outbox, const std::vector<WelcomeId>& ids) {
  std::vector<Group> groups;
  for (const WelcomeId& id : ids) {
    const std::optional<WelcomeRow> row = outbox.get(id);
    if (!row) continue;  // the person was removed
    auto group = std::ranges::find_if(groups, [&](const Group& g) { return same_way(g.way, row->way); });
    if (group == groups.end()) group = groups.insert(groups.end(), {row->way, {}});
    group->ids.push_back(id);
  }
  return groups;
}

std::string stay_queued(std::size_t count, const std::string& why) {
  return fmt::format("{} queued: {}. `dialin deliver` sends {}.",
                     count == 1 ? "The notice to the person stays" : fmt::format("{} notices stay", count),
                     why, count == 1 ? "it" : "them");
}

// Why a session left rows untouched.
std::string why_untouched(const SessionReport& session, const WelcomeWay& way) {
  if (session.password_missing)
    return fmt::format("the password of {} for {}:{} can only be typed", way.user, way.server, way.port);
  if (session.pause) return describe(*session.pause);
  if (session.problem) return describe(*session.problem);
  if (session.used_up_until)
    return fmt::format("the daily limit of {}:{} is used up until {}", way.server, way.port,
                       to_rfc3339(*session.used_up_until));
  return "stopped before it was sent";
}

// What became of the notices of one session; those that it did not touch stay in `ids`.
void take_outcomes(const SessionReport& session, std::vector<WelcomeId>& ids,
                   std::vector<std::string>& sentences) {
  for (const RowOutcome& outcome : session.outcomes) {
    std::erase(ids, outcome.id);
    if (outcome.error) {
      sentences.push_back(stay_queued(1, outcome.error->what()));
    } else if (outcome.delivery && outcome.record && outcome.record->outcome != RecordResult::Outcome::Sent &&
               outcome.record->outcome != RecordResult::Outcome::AlreadyRecorded) {
      const bool queued = outcome.record->outcome == RecordResult::Outcome::Queued;
      sentences.push_back(queued
                              ? stay_queued(1, describe(*outcome.delivery))
                              : fmt::format("The notice to {} was not delivered: {}.",
                                            outcome.row->content.to.address(), describe(*outcome.delivery)));
    } else if (outcome.claim == ClaimResult::Outcome::Paused && outcome.claim_result.pause) {
      sentences.push_back(stay_queued(1, describe(*outcome.claim_result.pause)));
    }
  }
}

void send_group(const WelcomeEnvironment& environment, const WelcomeSettings& settings, Group group,
                std::vector<std::string>& sentences) {
  for (int tries = 1;; ++tries) {
    const SessionReport session =
        run_session(environment, settings, group.way, group.ids, ClaimReason::SameCommand);
    take_outcomes(session, group.ids, sentences);
    if (group.ids.empty()) return;
    const bool again = session.problem && worth_trying_soon(*session.problem) && tries < SessionTries &&
                       !environment.interrupted();
    if (again) {
      const auto pause = settings.retry_pause * tries;
      environment.observer.say(
          fmt::format("{}. Trying again in {} s ({} of {}) to send the notice.", describe(*session.problem),
                      std::chrono::ceil<std::chrono::seconds>(pause).count(), tries + 1, SessionTries));
      environment.wait(pause);
      if (!environment.interrupted()) continue;
    }
    sentences.push_back(stay_queued(group.ids.size(), why_untouched(session, group.way)));
    return;
  }
}

}  // namespace

std::optional<PinNotice> notice_of_set(const Person& person, const WelcomeSettings& settings) {
  if (!person.mail) return std::nullopt;
  std::optional<NoticeTemplate> words = settings.notice_template_of(person);
  if (!words) return std::nullopt;
  std::optional<NoticeSender> sender = settings.notice_sender_of(person);
  if (!sender) return std::nullopt;
  WelcomeContent content{.to = *person.mail, .to_is_from_record = true, .from = sender->from};
  content.reply_to = std::move(sender->reply_to);
  content.envelope_sender = std::move(sender->envelope_sender);
  content.language = std::move(words->language);
  content.template_hash = std::move(words->hash);
  return PinNotice{std::move(content), std::move(words->text), std::move(sender->way), {}};
}

std::optional<PinNotice> notice_of_welcome(const ClaimedWelcome& welcome, const WelcomeSettings& settings) {
  const WelcomeContent& mailed = welcome.row.content;
  const Person& person = welcome.person;
  if (!person.mail || *person.mail == mailed.to) return std::nullopt;
  std::optional<NoticeTemplate> words = settings.notice_template_of(person);
  if (!words) return std::nullopt;
  WelcomeContent content{.to = *person.mail, .to_is_from_record = true, .from = mailed.from};
  content.reply_to = mailed.reply_to;
  content.envelope_sender = mailed.envelope_sender;
  content.language = std::move(words->language);
  content.template_hash = std::move(words->hash);
  return PinNotice{std::move(content), std::move(words->text), welcome.row.way, mailed.to.address()};
}

std::vector<std::string> send_notices(const WelcomeEnvironment& environment, const WelcomeSettings& settings,
                                      const std::vector<WelcomeId>& ids) {
  std::vector<std::string> sentences;
  try {
    for (Group& group : groups_of(environment.store.outbox(), ids))
      send_group(environment, settings, std::move(group), sentences);
  } catch (const Error& error) {
    sentences.push_back(stay_queued(ids.size(), error.what()));
  }
  return sentences;
}

}  // namespace dialin
