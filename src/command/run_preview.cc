// SPDX-License-Identifier: Apache-2.0
#include "command/run_preview.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/random_source.h"
#include "base/text.h"
#include "mail/message.h"
#include "shell/progress.h"
#include "welcome/same_command.h"
#include "welcome/welcome_values.h"

namespace dialin {
namespace {

// More than fit on a screen tell nothing more: most have one cause.
constexpr std::size_t MostBadRowsShown = 25;
constexpr std::size_t MostGroupsShown = 8;

class Lines {
 public:
  void add(const std::string& name, const std::string& words) {
    text_ += fmt::format("{:<16}{}\n", name + ":", words);
  }
  void more(const std::string& words) { text_ += fmt::format("{:<16}{}\n", "", words); }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

// "fr 250, en 200", the most frequent first.
std::string groups(const std::map<std::string, std::int64_t>& counts) {
  std::vector<std::pair<std::string, std::int64_t>> sorted(counts.begin(), counts.end());
  std::ranges::stable_sort(sorted, [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < std::min(sorted.size(), MostGroupsShown); ++i) {
    const auto& [name, count] = sorted[i];
    parts.push_back(fmt::format("{} {}", name.empty() ? "(none)" : sanitize_foreign_text(name, 100),
                                with_separators(count)));
  }
  if (sorted.size() > MostGroupsShown)
    parts.push_back(fmt::format("and {} more", sorted.size() - MostGroupsShown));
  return join(parts, ", ");
}

std::string to_welcome_words(const RunSummary& summary) {
  std::string words = with_separators(summary.to_welcome());
  if (summary.replaced == 0) return words;
  words += fmt::format(": {} get a first PIN, {} another one", with_separators(summary.first),
                       with_separators(summary.replaced));
  if (summary.replaced_recent > 0)
    words += fmt::format(", {} of these although theirs was set within the last 7 days",
                         with_separators(summary.replaced_recent));
  return words;
}

std::string left_alone_words(const RunSummary& summary) {
  std::vector<std::string> parts;
  const auto add = [&](std::int64_t count, const char* words) {
    if (count > 0) parts.push_back(fmt::format("{} {}", with_separators(count), words));
  };
  add(summary.already_set, "have a PIN");
  add(summary.already_sent, "were sent theirs before");
  add(summary.locked, "are locked");
  add(summary.disabled, "are disabled");
  return join(parts, ", ");
}

void add_copies(Lines& lines, const RunSummary& summary) {
  if (summary.copies == 0) return;
  lines.add("Copies", fmt::format("{}{}", with_separators(summary.copies),
                                  summary.unmasked_readers.empty() ? ", without the PIN" : ""));
  for (const auto& [address, pins] : summary.unmasked_readers)
    lines.more(
        fmt::format("{} would read {} {}", address, with_separators(pins), pins == 1 ? "PIN" : "PINs"));
}

std::string relay_words(const RelayPreview& relay) {
  std::string words = fmt::format("{}: {}", describe(relay.way), relay.stated.words);
  if (!relay.state) return words;
  const std::string in_force = describe(relay.state->limit);
  if (relay.stated.limit == RelayLimit() && !in_force.empty())
    words += fmt::format("; {} as set earlier for everybody", in_force);
  if (relay.state->slowed) {
    words += "; it has slowed us down";
    if (relay.state->rate_now) words += fmt::format(" to {}", describe_rate(*relay.state->rate_now));
  }
  if (relay.state->limit.daily && relay.state->sent_today > 0)
    words += fmt::format("; {} sent today", with_separators(relay.state->sent_today));
  return words;
}

// The messages that go this way, copies by their share.
std::int64_t messages_of(const RunSummary& summary, const WelcomeWay& way) {
  const std::int64_t all = summary.to_welcome() + summary.copies;
  if (summary.by_server.size() < 2) return all;
  const std::int64_t people = std::max<std::int64_t>(summary.to_welcome(), 1);
  for (const auto& [server, count] : summary.by_server) {
    if (server == describe(way)) return count * all / people;
  }
  return all;
}

std::string bad_row_line(const BadRunRow& row, const std::string& file) {
  const std::string column = sanitize_foreign_text(row.column, 60);
  return fmt::format("{}:{}: {}{}{}\n", file, row.line, column, column.empty() ? "" : ": ",
                     sanitize_foreign_text(row.reason, 300));
}

}  // namespace

std::optional<std::chrono::seconds> expected_time(const RunSummary& summary,
                                                  const std::vector<RelayPreview>& relays) {
  std::optional<std::chrono::seconds> longest;
  for (const RelayPreview& relay : relays) {
    const RelayLimit& limit =
        relay.stated.limit == RelayLimit() && relay.state ? relay.state->limit : relay.stated.limit;
    const auto time = least_time(messages_of(summary, relay.way), limit, relay.state);
    if (time && (!longest || *time > *longest)) longest = time;
  }
  return longest;
}

std::string describe_run(const RunSummary& summary, const std::string& source,
                         const std::vector<RelayPreview>& relays) {
  Lines lines;
  lines.add("From", fmt::format("{}, {} {}", sanitize_foreign_text(source, 200),
                                with_separators(summary.rows), summary.rows == 1 ? "row" : "rows"));
  lines.add("To welcome", to_welcome_words(summary));
  if (summary.new_people > 0)
    lines.add("New people", fmt::format("{} will be added", with_separators(summary.new_people)));
  if (const std::string words = left_alone_words(summary); !words.empty()) lines.add("Left alone", words);
  if (summary.bad > 0) lines.add("Bad rows", with_separators(summary.bad));
  if (summary.repeated_pins > 0) {
    lines.add("Same PINs", fmt::format("{} rows name a PIN that stands on another row too",
                                       with_separators(summary.repeated_pins)));
  }
  if (summary.to_welcome() == 0) return lines.take();

  if (summary.by_site.size() > 1 || !summary.by_site.contains(""))
    lines.add("Sites", groups(summary.by_site));
  lines.add("Languages", groups(summary.by_language));
  lines.add("Templates", groups(summary.by_template));
  lines.add("Senders", groups(summary.by_sender));
  lines.add("Servers", groups(summary.by_server));
  add_copies(lines, summary);
  if (summary.foreign > 0) {
    lines.add(
        "Outside",
        fmt::format(
            "{} PINs would go to addresses outside of the allowed domains: {}{}",
            with_separators(summary.foreign), join(summary.foreign_examples, ", "),
            summary.foreign > static_cast<std::int64_t>(summary.foreign_examples.size()) ? ", ..." : ""));
  }
  for (std::size_t i = 0; i < relays.size(); ++i) {
    if (i == 0)
      lines.add("Limits", relay_words(relays[i]));
    else
      lines.more(relay_words(relays[i]));
  }
  const auto time = expected_time(summary, relays);
  lines.add("Expected time", time ? fmt::format("{} at least", describe_duration(*time))
                                  : std::string("no limit is known: as fast as the mail server takes it"));
  for (std::size_t i = 0; i < summary.samples.size(); ++i) {
    const RunSummary::Sample& sample = summary.samples[i];
    const std::string words =
        fmt::format("{} at {}: \"{}\" ({})", sample.sip_address, sample.to, sample.subject, sample.language);
    if (i == 0)
      lines.add("For example", words);
    else
      lines.more(words);
  }
  return lines.take();
}

std::string describe_bad_rows(const RunSummary& summary, const std::string& file) {
  std::string text;
  const std::size_t shown = std::min(summary.bad_rows.size(), MostBadRowsShown);
  for (std::size_t i = 0; i < shown; ++i) text += bad_row_line(summary.bad_rows[i], file);
  if (summary.bad <= static_cast<std::int64_t>(shown)) return text;
  text += fmt::format("... and {} more bad rows. All of them by reason:\n",
                      with_separators(summary.bad - static_cast<std::int64_t>(shown)));
  for (const auto& [code, count] : summary.bad_by_reason)
    text += fmt::format("{:>9}  {}\n", with_separators(count), sanitize_foreign_text(code, 80));
  return text;
}

std::vector<SampleMail> sample_mails(CommandContext& context, Store* store, const WelcomeSettings& settings,
                                     const RunSummary& summary) {
  std::vector<SampleMail> samples;
  for (const auto& [language, first] : summary.languages) {
    const WelcomeContent& content = first.planned.plan.content;
    const bool has_pin = store != nullptr && !first.person.id.empty() &&
                         store->pins().pin_of(first.person.id).verifier.has_value();
    const WelcomeValues values = welcome_values(
        first.person,
        store != nullptr ? access_numbers_for(*store, first.person) : SharedList<AccessNumberValue>(),
        store != nullptr ? telephone_commands_for(*store, first.person) : telephone_command_values({}),
        settings.organisation_of(first.person), content.without_link, has_pin,
        pin_expiry(settings.policy_of(first.person), context.clock.now()));
    const RenderedWelcome rendered =
        WelcomeTemplate::parse(deserialize_template(first.planned.plan.template_text))
            .render(values, nullptr);
    const MessageHeaders headers{
        .from = content.from,
        .to = first.planned.to ? *first.planned.to : *first.person.mail,
        .cc = content.cc,
        .reply_to = content.reply_to,
        .subject = content.subject.empty() ? rendered.subject : content.subject,
        .message_id = new_message_id(new_identifier(context.random), content.from),
        .date = context.clock.now(),
        .language = language,
    };
    const Secret message = compose_message(
        headers, rendered, content.plain_text_only ? BodyForm::TextOnly : BodyForm::HtmlAndText);
    samples.push_back({language, std::string(message.reveal(ClearSecretAccess())),
                       std::string(rendered.html.reveal(ClearSecretAccess()))});
  }
  return samples;
}

void write_samples(CommandContext& context, const std::string& directory,
                   const std::vector<SampleMail>& samples) {
  context.files.make_folder(directory);
  for (const SampleMail& sample : samples) {
    const std::string path = (std::filesystem::path(directory) / sample.language).string();
    context.files.write_new(path + ".eml", sample.message);
    context.files.write_new(path + ".html", sample.html);
    context.streams.write_error(fmt::format("Preview in {}: {}.eml and .html\n", sample.language, path));
  }
}

}  // namespace dialin
