// SPDX-License-Identifier: Apache-2.0
// status: which configuration, store and key are in use and why, and what is in the store. Makes nothing.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "shell/output.h"
#include "welcome/outbox_session.h"

namespace dialin {
namespace {

CommandSpec status_spec() {
  CommandSpec spec;
  spec.verb = "status";
  spec.group = "System";
  spec.summary = "Shows which configuration, store and key are in use, and what is in the store.";
  spec.description =
      "Also how many people, PINs and welcomes there are, what is paused and why, and every setting that "
      "differs from "
      "its default, with where it comes from. Makes no store and no key.";
  spec.examples = {
      {"dialin status", "All of it, as a list."},
      {"dialin status -Output json", "The same for a program."},
  };
  spec.exit_codes = {{0, "shown, also where there is no store yet"}, {69, "the store could not be asked"}};
  return spec;
}

void add_places(OutputObject& object, const CommandContext& context) {
  const ConfigurationPlace& configuration = context.configuration_place;
  object
      .text("Configuration", configuration.file
                                 ? fmt::format("{} ({})", configuration.file->string(), configuration.reason)
                                 : configuration.reason)
      .text("DataDirectory",
            fmt::format("{} ({})", context.data_place.directory.string(), context.data_place.reason));
}

std::string capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::int64_t total(const std::vector<std::pair<WelcomeState, std::int64_t>>& states) {
  std::int64_t sum = 0;
  for (const auto& [state, count] : states) sum += count;
  return sum;
}

// "mail.contoso.com:587 as marco: 3 of at most 3 connections open; 30 messages in 60 s; at most 10000 in 24
// hours, 412 of them used; slowed down by the server to 0.25 messages a second and 2 connections".
std::string describe(const Relay& relay, const RelayState& state) {
  std::string text = fmt::format("{}:{}", relay.server, relay.port);
  if (!relay.user.empty()) text += " as " + relay.user;
  text += state.limit.connections ? fmt::format(": {} of at most {} connections open", state.connections_open,
                                                *state.limit.connections)
                                  : fmt::format(": {} connections open", state.connections_open);
  if (state.limit.messages)
    text += fmt::format("; {} messages in {} s", *state.limit.messages, state.limit.period.count());
  if (state.limit.daily)
    text += fmt::format("; at most {} in 24 hours, {} of them used", *state.limit.daily, state.sent_today);
  if (state.slowed) {
    text += "; slowed down by the server";
    const char* to = " to";
    if (state.rate_now) {
      text += fmt::format("{} {:.2f} messages a second", to, *state.rate_now);
      to = " and";
    }
    if (state.connections_now) text += fmt::format("{} {} connections", to, *state.connections_now);
  }
  return text;
}

void add_store(OutputObject& object, const StoreStatus& status) {
  object.text("Store", fmt::format("{}, {}", status.backend, status.location))
      .number("SchemaVersion", status.schema_version)
      .text("StoreId", status.store_id)
      .text("Key", status.key_id)
      .number("People", status.people)
      .number("PeopleDisabled", status.people_disabled)
      .number("PinsSet", status.pins_set)
      .number("PinsLocked", status.pins_locked)
      .number("AccessNumbers", status.access_numbers);
  object.number("Welcomes", total(status.welcomes));
  for (const auto& [state, count] : status.welcomes) {
    object.number("Welcomes" + capitalised(to_text(state)), count);
  }
  object.number("Copies", total(status.copies));
  for (const auto& [state, count] : status.copies) {
    if (count > 0) object.number("Copies" + capitalised(to_text(state)), count);
  }
  object.number("Notices", total(status.notices));
  for (const auto& [state, count] : status.notices) {
    if (count > 0) object.number("Notices" + capitalised(to_text(state)), count);
  }
  for (const auto& [state, count] : status.runs) {
    object.number("Runs" + capitalised(to_text(state)), count);
  }
  if (status.runs_paused > 0) object.number("RunsPaused", status.runs_paused);
  for (std::size_t i = 0; i < status.relays.size(); ++i) {
    object.text(fmt::format("MailServer{}", i + 1),
                describe(status.relays[i].first, status.relays[i].second));
  }
  object.number("AuditLines", status.audit_lines);
  for (std::size_t i = 0; i < status.pauses.size(); ++i) {
    const Pause& pause = status.pauses[i];
    object.text(fmt::format("Pause{}", i + 1), fmt::format("{}. {}", describe(pause), how_to_end(pause)));
  }
}

void add_settings(OutputObject& object, const Configuration& configuration) {
  for (const SettingInUse& setting : configuration.settings) {
    if (setting.origin.kind == SettingOrigin::Kind::Default) continue;
    object.text(setting.name, fmt::format("{} ({})", setting.value, setting.origin.describe()));
  }
}

// Mails of single commands that wait for a later attempt.
void add_later(OutputObject& object, const Outbox::LaterAttempts& later) {
  if (later.rows == 0) return;
  object.number("WaitingForLater", later.rows).time_or_null("NextAttempt", later.first);
}

int run_status(CommandContext& context, BoundParameters& bound) {
  OutputObject object;
  add_places(object, context);
  std::optional<Error> problem;
  try {
    if (const auto store = context.open_store(OpenMode::MustExist)) {
      add_store(object, store->status());
      add_later(object, store->outbox().not_yet_due());
    } else {
      object.text("Store", "there is none yet; the first people make it");
    }
  } catch (const Error& error) {
    // What can be known without the store helps to find out what is wrong with it.
    object.text("Store", fmt::format("could not be opened: {}", error.what()));
    problem = error;
  }
  add_settings(object, context.configuration);
  write_object(context.streams, object, output_format(bound));
  context.streams.flush();
  if (problem) throw *problem;
  return 0;
}

}  // namespace

Command status_command() {
  return {status_spec(), run_status};
}

}  // namespace dialin
