// SPDX-License-Identifier: Apache-2.0
#include "command/pin_story.h"

#include <fmt/format.h>

#include "command/run_output.h"
#include "welcome/outbox_session.h"

namespace dialin {
namespace {

constexpr std::size_t FailuresShown = 3;

std::string address_of(const Person& person) {
  return shell_word(std::string(person.sip_address.address()));
}

std::string welcome_line(const PinStory& story, const std::string& more = {}) {
  std::string line = "dialin welcome " + address_of(story.person);
  if (story.sender.empty()) line += " --from NAME@DOMAIN";
  return more.empty() ? line : line + " " + more;
}

NextStep step_of_waiting(const PinStory& story, const std::function<std::string(Timestamp)>& time) {
  const WelcomeRow& row = *story.latest;
  if (row.state == WelcomeState::Sending)
    return {"It is being sent at this moment. Look again in a minute.",
            "dialin why " + address_of(story.person)};
  if (row.state == WelcomeState::Uncertain)
    return {
        "Ask whether the mail has arrived. The same command, typed again, sends the same mail with the "
        "same PIN once more; dialin cancel gives it up.",
        welcome_line(story)};
  if (story.run && story.run->pause)
    return {"The run that it belongs to is paused. When the reason is mended:",
            "dialin run resume " + shell_word(story.run->name)};
  if (story.pause) return {how_to_end(*story.pause), "dialin deliver"};
  const bool later = row.next_attempt_at && *row.next_attempt_at > story.now;
  return {later
              ? fmt::format("Wait until {}, when `dialin deliver` tries again; or try at once:",
                            time(*row.next_attempt_at))
              : std::string("It is due, and nothing has sent it yet. Whatever sends the outbox does not run "
                            "often enough, or not at all."),
          later && !story.run ? welcome_line(story) : std::string("dialin deliver")};
}

NextStep step_without_pin(const PinStory& story) {
  if (!story.person.mail)
    return {"No mail address is recorded. Record it, and welcome the person then.",
            fmt::format("dialin people set {} --mail NAME@DOMAIN", address_of(story.person))};
  if (story.latest && story.latest->state == WelcomeState::Failed)
    return {
        "See whether the mail address is right (dialin people set changes it), and welcome the person again.",
        welcome_line(story)};
  return {"Welcome the person.", welcome_line(story)};
}

}  // namespace

bool PinStory::is_waiting() const {
  return latest && (latest->state == WelcomeState::Queued || latest->state == WelcomeState::Sending ||
                    latest->state == WelcomeState::Uncertain);
}

PinStory story_of(CommandContext& context, Store& store, const Person& person) {
  PinStory story{.person = person,
                 .pin = store.pins().pin_of(person.id),
                 .past = store.pins().past_of(person.id, FailuresShown),
                 .latest = store.outbox().latest_of(person.id),
                 .sender = context.configuration.for_site(person.site).mail.from,
                 .now = context.clock.now()};
  if (story.latest && !story.latest->run.empty()) story.run = store.runs().get(story.latest->run);
  if (story.latest && story.latest->state == WelcomeState::Queued) {
    for (const Pause& pause : store.outbox().pauses()) {
      if (!story.pause && covers(pause, story.latest->way, story.latest->content.from.address()))
        story.pause = pause;
    }
  }
  return story;
}

NextStep next_step(const PinStory& story, const std::function<std::string(Timestamp)>& time) {
  const std::string who = address_of(story.person);
  if (!story.person.enabled)
    return {"The person is disabled: no PIN is taken, and none can be sent. If that is wrong:",
            "dialin people enable " + who};
  if (story.pin.lock)
    return {fmt::format("Ask {} whether the reason still holds; if not, unlock it.", story.pin.lock->by),
            "dialin pin unlock " + who};
  if (story.is_waiting()) return step_of_waiting(story, time);
  if (story.pin.failures.locked_out) {
    const auto& until = story.pin.failures.locked_out_until;
    return {until ? fmt::format("Wait until {}, or unlock it if it was the person who tried.", time(*until))
                  : std::string("It stays so until somebody unlocks it. Find out who tried first."),
            "dialin pin unlock " + who};
  }
  if (!story.is_set()) return step_without_pin(story);
  if (story.must_change())
    return {"The PIN works when it has been changed, which it must be at its first use."};
  if (story.has_expired()) return {"The PIN has expired. Send another one.", welcome_line(story, "--force")};
  return {
      "Nothing stands in the way of the PIN. If it was forgotten, send another one; the old one works "
      "until that mail is accepted.",
      welcome_line(story, "--force")};
}

std::string words_of(const ServerWords& words) {
  std::string text = words.reply_code == 0 ? std::string() : std::to_string(words.reply_code);
  for (const std::string& part : {words.enhanced_code, words.text}) {
    if (!part.empty()) text += (text.empty() ? "" : " ") + part;
  }
  return text;
}

}  // namespace dialin
