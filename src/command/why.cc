// SPDX-License-Identifier: Apache-2.0
// why: what is the matter with one person's PIN, in plain words, and what to do.
#include <fmt/format.h>

#include "command/commands.h"
#include "command/existing_store.h"
#include "command/person_parameter.h"
#include "command/pin_story.h"
#include "command/run_output.h"
#include "mail/language_names.h"
#include "shell/output.h"
#include "shell/wrapping.h"
#include "welcome/outbox_session.h"

namespace dialin {
namespace {

constexpr std::size_t LabelWidth = 10;

CommandSpec why_spec() {
  CommandSpec spec;
  spec.verb = "why";
  spec.group = "PINs";
  spec.summary = "Says in plain words what is the matter with a person's PIN, and what to do.";
  spec.description =
      "One screen: since when the PIN is set and by whom, which mail server accepted the mail when, with "
      "which "
      "words, to which address and in which language; wrong PINs since then and from where; locks, of which "
      "kind, "
      "until when, by whom and why; when the PIN expires; a welcome that is not finished, why it waits and "
      "when it "
      "is tried again; the next step with its command. Changes nothing, and never shows a PIN.\n\n"
      "Times are in the operator's locale and zone; -Output json has them in UTC.";
  spec.parameters = {identity_parameter_spec("The person.")};
  spec.examples = {{"dialin why bob@contoso.com", "When Bob calls and says that his PIN does not work."},
                   {"dialin why bob@contoso.com -Output json", "The same for a program."}};
  spec.exit_codes = {{0, "shown"}, {1, "there is no such person"}};
  spec.help_desk = true;
  return spec;
}

std::string in_quotes(const std::string& words) {
  return words.empty() ? std::string() : fmt::format(" (\"{}\")", words);
}

std::string server_of(const WelcomeRow& row) {
  return fmt::format("{}:{}", row.way.server, row.way.port);
}

// The sentences of one story; times as the operator reads them.
class Telling {
 public:
  Telling(const PinStory& story, const Streams& streams)
      : story_(story), locale_(streams.locale_name("LC_TIME")), width_(readable_width(streams.width())) {}

  std::string text() {
    const Person& person = story_.person;
    text_ = person.display_name.empty()
                ? person.sip_address.uri()
                : fmt::format("{}, {}", person.display_name, person.sip_address.uri());
    text_ += "\n\n";
    if (!person.enabled) line("Disabled", "The person is disabled: no PIN is taken.");
    line("PIN", about_pin());
    line("Mail", about_mail());
    line("Tries", about_tries());
    line("Lock", about_lock());
    line("Welcome", about_welcome());
    const NextStep step = next_step(story_, [this](Timestamp at) { return time(at); });
    line("Next", step.words);
    if (!step.command.empty()) text_ += std::string(LabelWidth, ' ') + step.command + "\n";
    return text_;
  }

 private:
  std::string time(Timestamp at) const { return time_for_people(at, locale_); }

  void line(const char* label, const std::string& sentences) {
    if (sentences.empty()) return;
    text_ += wrap(words_of(std::string_view(sentences)), width_, fmt::format("{:<{}}", label, LabelWidth),
                  LabelWidth);
  }

  std::string about_pin() const {
    if (!story_.is_set()) return "None is set.";
    std::string text = "Set on " + time(*story_.pin.changed_at);
    if (story_.past.change) {
      text += " by " + story_.past.change->by;
      text += story_.past.change->welcome ? ", by a welcome." : ", without a mail.";
    } else {
      text += "; by whom is no longer recorded.";
    }
    if (story_.must_change()) return text + " It must be changed at its first use.";
    if (!story_.pin.expires_at) return text + " It does not expire.";
    return text + (story_.has_expired() ? " It expired on " : " It expires on ") +
           time(*story_.pin.expires_at) + ".";
  }

  // Of the welcome that brought the PIN.
  std::string about_mail() const {
    if (!story_.past.change || !story_.past.change->welcome) return {};
    const WelcomeRow& row = *story_.past.change->welcome;
    return fmt::format("Accepted on {} by {}{}, for {}, in {}.",
                       row.finished_at ? time(*row.finished_at) : std::string("?"), server_of(row),
                       in_quotes(words_of(row.words)), row.content.to.address(),
                       endonym(row.content.language));
  }

  std::string about_tries() const {
    const PinPast& past = story_.past;
    if (past.failures == 0) return story_.is_set() ? "No wrong PIN since then." : std::string();
    std::string text = fmt::format("{} wrong PIN{}{}; the last:", past.failures,
                                   past.failures == 1 ? "" : "s", story_.is_set() ? " since then" : "");
    const char* separator = " ";
    for (const PinPast::FailedTry& one : past.last_failures) {
      text += fmt::format("{}{} {}", separator, time(one.at), from_where(one));
      separator = "; ";
    }
    return text + ".";
  }

  static std::string from_where(const PinPast::FailedTry& one) {
    if (one.asked_by.empty()) return fmt::format("by Test-CsClientPin ({})", one.by);
    return one.caller.empty() ? fmt::format("through {}", one.asked_by)
                              : fmt::format("from {} through {}", one.caller, one.asked_by);
  }

  std::string about_lock() const {
    std::string text;
    if (const auto& lock = story_.pin.lock)
      text = fmt::format("Locked on purpose since {} by {}{}, until somebody unlocks it.", time(lock->since),
                         lock->by, lock->reason.empty() ? ", without a reason" : in_quotes(lock->reason));
    const FailureCounts& failures = story_.pin.failures;
    if (failures.locked_out) {
      if (!text.empty()) text += " ";
      text += fmt::format("Locked out by wrong PINs, {}; the right one is refused as well.",
                          failures.locked_out_until ? "until " + time(*failures.locked_out_until)
                                                    : std::string("until somebody unlocks it"));
    }
    return text.empty() && story_.is_set() ? "Not locked." : text;
  }

  // Of one that has brought no PIN: it waits, or ended otherwise.
  std::string about_welcome() const {
    if (!story_.latest) return {};
    const WelcomeRow& row = *story_.latest;
    const bool brought_pin =
        story_.past.change && story_.past.change->welcome && story_.past.change->welcome->id == row.id;
    if (brought_pin) return {};
    std::string text =
        fmt::format("Issued on {} by {}{} for {}, through {}: ", time(row.created_at), row.operator_name,
                    story_.run ? fmt::format(" (run {})", story_.run->name) : "", row.content.to.address(),
                    server_of(row));
    switch (row.state) {
      case WelcomeState::Queued:
        return text + why_it_waits(row);
      case WelcomeState::Sending:
        return text + "it is being sent.";
      case WelcomeState::Uncertain:
        return text + fmt::format(
                          "uncertain: three times the answer was lost after the whole mail had been "
                          "handed over{}. Its PIN is not valid.",
                          in_quotes(words_of(row.words)));
      case WelcomeState::Sent:
        return text + fmt::format("sent on {}, and not valid any more.", ended(row));
      case WelcomeState::Failed:
      case WelcomeState::Cancelled:
      case WelcomeState::Superseded:
        return text + fmt::format("{} ({}){}. Its PIN is not valid{}", how_it_ended(row), ended(row),
                                  in_quotes(words_of(row.words)),
                                  row.arrived_invalid || row.may_have_arrived
                                      ? ", though its mail may have arrived."
                                      : ".");
    }
    return text;
  }

  // "superseded: the PIN was locked", "failed".
  static std::string how_it_ended(const WelcomeRow& row) {
    const std::string state = to_text(row.state);
    if (row.detail.empty()) return state;
    return row.detail.starts_with(state) ? row.detail : fmt::format("{}: {}", state, row.detail);
  }

  std::string ended(const WelcomeRow& row) const { return row.finished_at ? time(*row.finished_at) : "?"; }

  std::string why_it_waits(const WelcomeRow& row) const {
    std::string text = "not sent yet";
    if (row.attempts > 0)
      text += fmt::format(", after {} attempt{}", row.attempts, row.attempts == 1 ? "" : "s");
    if (row.way.password_source == "prompt") text += "; its password has to be typed";
    if (story_.run && story_.run->pause) {
      text += "; its run is paused: " + story_.run->pause->words;
    } else if (story_.pause) {
      text += "; deliveries are paused: " + story_.pause->words;
    }
    const std::string words = words_of(row.words);
    if (row.words.reply_code != 0)
      text += fmt::format("; the mail server said \"{}\"", words);
    else if (!words.empty())
      text += fmt::format("; the last attempt ended with \"{}\"", words);
    text += ".";
    if (row.next_attempt_at && *row.next_attempt_at > story_.now)
      text += fmt::format(" Next attempt on {}.", time(*row.next_attempt_at));
    return text + (row.replaces_pin ? " The former PIN stays valid." : "");
  }

  const PinStory& story_;
  const std::string locale_;
  const std::size_t width_;
  std::string text_;
};

void add_welcome(OutputObject& object, const std::string& prefix, const std::optional<WelcomeRow>& row) {
  const auto text = [&](const char* name, auto value) {
    object.text_or_null(prefix + name, row ? std::optional<std::string>(value(*row)) : std::nullopt);
  };
  text("State", [](const WelcomeRow& welcome) { return std::string(to_text(welcome.state)); });
  object.time_or_null(prefix + "Created", row ? std::optional(row->created_at) : std::nullopt)
      .time_or_null(prefix + "Finished", row ? row->finished_at : std::nullopt)
      .time_or_null(prefix + "NextAttempt", row ? row->next_attempt_at : std::nullopt);
  text("IssuedBy", [](const WelcomeRow& welcome) { return welcome.operator_name; });
  text("SentTo", [](const WelcomeRow& welcome) { return welcome.content.to.address(); });
  text("Language", [](const WelcomeRow& welcome) { return welcome.content.language; });
  text("Server", [](const WelcomeRow& welcome) { return server_of(welcome); });
  text("ServerWords", [](const WelcomeRow& welcome) { return words_of(welcome.words); });
  text("Detail", [](const WelcomeRow& welcome) { return welcome.detail; });
}

OutputObject object_of(const PinStory& story) {
  const PinRecord& pin = story.pin;
  const auto& lock = pin.lock;
  const auto& change = story.past.change;
  OutputObject object;
  object.text("Identity", story.person.sip_address.uri())
      .text("DisplayName", story.person.display_name)
      .truth("Enabled", story.person.enabled)
      .truth("IsPinSet", story.is_set())
      .time_or_null("PinSetAt", pin.changed_at)
      .text_or_null("PinSetBy", change ? std::optional(change->by) : std::nullopt)
      .time_or_null("PinExpirationTime", pin.expires_at)
      .truth("PinExpired", story.has_expired())
      .truth("MustChangePin", story.must_change());
  add_welcome(object, "Mail", change ? change->welcome : std::nullopt);
  object.number("FailedTries", story.past.failures);
  for (std::size_t i = 0; i < story.past.last_failures.size(); ++i) {
    const PinPast::FailedTry& one = story.past.last_failures[i];
    const std::string prefix = fmt::format("FailedTry{}", i + 1);
    object.time(prefix, one.at).text(prefix + "Caller", one.caller).text(prefix + "AskedBy", one.asked_by);
  }
  object.truth("Locked", lock.has_value())
      .text_or_null("LockedBy", lock ? std::optional(lock->by) : std::nullopt)
      .time_or_null("LockedSince", lock ? std::optional(lock->since) : std::nullopt)
      .text_or_null("LockReason", lock ? std::optional(lock->reason) : std::nullopt)
      .truth("LockedOut", pin.failures.locked_out)
      .time_or_null("LockedOutUntil", pin.failures.locked_out_until);
  add_welcome(object, "Welcome", story.latest);
  const NextStep step = next_step(story, to_rfc3339);
  object.text_or_null("Run", story.run ? std::optional(story.run->name) : std::nullopt)
      .text_or_null("Pause", story.run && story.run->pause ? std::optional(story.run->pause->words)
                             : story.pause                 ? std::optional(describe(*story.pause))
                                                           : std::nullopt)
      .text("Next", step.words)
      .text("NextCommand", step.command);
  return object;
}

int run_why(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  const PinStory story = story_of(context, *store, person_from(*store, bound, "Identity"));
  if (const auto format = output_format(bound)) {
    write_object(context.streams, object_of(story), format);
  } else {
    context.streams.write_output(Telling(story, context.streams).text());
  }
  return 0;
}

}  // namespace

Command why_command() {
  return {why_spec(), run_why};
}

}  // namespace dialin
