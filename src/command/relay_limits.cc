// SPDX-License-Identifier: Apache-2.0
#include "command/relay_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "command/mail_server_parameters.h"
#include "config/mail_limits.h"
#include "shell/progress.h"

namespace dialin {
namespace {

constexpr int ConnectionsUnlessStated = 2;
constexpr int MostConnections = 100;
constexpr std::chrono::seconds Day{24 * 3600};

// One limit in words, and who states it.
struct Part {
  std::string words;
  std::string origin;
};

std::string joined(const std::vector<Part>& parts) {
  const bool one_origin =
      std::ranges::all_of(parts, [&](const Part& part) { return part.origin == parts.front().origin; });
  std::string text;
  for (const Part& part : parts) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", part.words);
    if (!one_origin) text += fmt::format(" ({})", part.origin);
  }
  if (one_origin && !parts.empty()) text += fmt::format(" ({})", parts.front().origin);
  return text;
}

std::string words_of_connections(int connections) {
  return connections == 1 ? "1 connection" : fmt::format("{} connections", connections);
}

std::string words_of_daily(std::int64_t messages) {
  return with_separators(messages) + " a day";
}

class LimitBuilder {
 public:
  void connections(int count, const std::string& origin) {
    if (stated_.limit.connections) return;
    stated_.limit.connections = count;
    stated_.connections = count;
    parts_.push_back({words_of_connections(count), origin});
  }
  void rate(const MessageRate& rate, const std::string& origin) {
    if (rate.per >= Day) return daily(rate.messages, origin);
    if (stated_.limit.messages) return;
    stated_.limit.messages = rate.messages;
    stated_.limit.period = rate.per;
    parts_.push_back({describe(rate), origin});
  }
  void daily(std::int64_t messages, const std::string& origin) {
    if (stated_.limit.daily) return;
    stated_.limit.daily = messages;
    parts_.push_back({words_of_daily(messages), origin});
  }
  StatedLimit result() {
    if (!stated_.limit.connections)
      parts_.push_back({words_of_connections(stated_.connections), "unless -Connections says otherwise"});
    stated_.words = joined(parts_);
    return stated_;
  }

 private:
  StatedLimit stated_{.limit = {}, .connections = ConnectionsUnlessStated, .words = {}};
  std::vector<Part> parts_;
};

}  // namespace

std::vector<ParameterSpec> relay_limit_parameter_specs() {
  return {
      {.name = "Rate",
       .kind = ParameterKind::Text,
       .value_name = "n/m",
       .help =
           "How many messages the mail server gets at most, from everybody together: 5/s, 300/m, 1000/h, or "
           "10000/d in 24 hours; else smtp.rate, else what its provider publishes."},
      {.name = "Connections",
       .kind = ParameterKind::Number,
       .value_name = "number",
       .help =
           "How many connections to the mail server at a time; else smtp.connections, else what its provider "
           "publishes, else 2.",
       .minimum = 1,
       .maximum = MostConnections},
  };
}

TypedLimits typed_limits(const BoundParameters& bound) {
  TypedLimits typed;
  if (const auto text = bound.text("Rate")) {
    typed.rate = parse_message_rate(*text);
    if (!typed.rate) {
      throw Error(
          ErrorCode::InvalidInput,
          fmt::format("{} is no rate: \"{}\"", bound.display_name("Rate"), sanitize_foreign_text(*text, 40)),
          "Write a number and what it is for: 5/s, 300/m, 1000/h or 10000/d.");
    }
  }
  if (const auto number = bound.number("Connections")) typed.connections = static_cast<int>(*number);
  return typed;
}

StatedLimit stated_limit(const Configuration& configuration, const WelcomeWay& way,
                         const TypedLimits& typed) {
  LimitBuilder builder;
  if (typed.connections) builder.connections(*typed.connections, "-Connections");
  if (typed.rate) builder.rate(*typed.rate, "-Rate");
  // [smtp] speaks of the server that it names, and without one of whichever server is used.
  const SmtpSettings* smtp = smtp_of(configuration, way);
  if (smtp == nullptr && configuration.smtp.server.empty()) smtp = &configuration.smtp;
  if (smtp != nullptr && smtp->connections) builder.connections(*smtp->connections, "smtp.connections");
  if (smtp != nullptr && smtp->rate) builder.rate(*smtp->rate, "smtp.rate");
  if (const PublishedLimit* published = find_limit(published_mail_limits(), way.server)) {
    const std::string origin = fmt::format("published by {}, as of {}", published->name, published->as_of);
    if (published->connections) builder.connections(*published->connections, origin);
    if (published->rate) builder.rate(*published->rate, origin);
    if (published->daily) builder.daily(*published->daily, origin);
  }
  return builder.result();
}

Relay relay_of(const WelcomeWay& way) {
  return {way.server, way.port, way.user};
}

std::string describe(const RelayLimit& limit) {
  std::vector<std::string> parts;
  if (limit.connections) parts.push_back(words_of_connections(*limit.connections));
  if (limit.messages) parts.push_back(describe(MessageRate{*limit.messages, limit.period}));
  if (limit.daily) parts.push_back(words_of_daily(*limit.daily));
  return join(parts, ", ");
}

std::optional<std::chrono::seconds> least_time(std::int64_t messages, const RelayLimit& limit,
                                               const std::optional<RelayState>& state) {
  std::optional<double> rate = state ? state->rate_now : std::nullopt;
  if (!rate && limit.messages)
    rate = static_cast<double>(*limit.messages) / static_cast<double>(limit.period.count());
  std::optional<double> seconds;
  if (rate && *rate > 0) seconds = static_cast<double>(messages) / *rate;
  if (limit.daily) {
    // A part of today's share may be used up; the rest waits for the days that follow.
    const std::int64_t today = std::max<std::int64_t>(*limit.daily - (state ? state->sent_today : 0), 0);
    if (messages > today) {
      const double days =
          std::ceil(static_cast<double>(messages - today) / static_cast<double>(*limit.daily));
      seconds = std::max(seconds.value_or(0), days * static_cast<double>(Day.count()));
    }
  }
  if (!seconds) return std::nullopt;
  return std::chrono::seconds(std::llround(*seconds));
}

}  // namespace dialin
