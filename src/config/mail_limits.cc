// SPDX-License-Identifier: Apache-2.0
#include "config/mail_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/text.h"
#include "config/built_in_mail_limits.h"
#include "config/configuration_file.h"
#include "config/setting.h"

namespace dialin {
namespace {

constexpr std::int64_t kMostConnections = 1000;
constexpr std::int64_t kMostMessages = 1000000000;

[[noreturn]] void fail(const ConfigurationText& file, std::size_t line, const std::string& what) {
  throw Error(ErrorCode::Configuration, fmt::format("{}, line {}: {}", file.file, line, what));
}

std::int64_t number_of(const ConfigurationText& file, const FileEntry& entry, std::int64_t most) {
  std::int64_t number = 0;
  if (entry.type == FileEntry::Type::Integer)
    std::from_chars(entry.text.data(), entry.text.data() + entry.text.size(), number);
  if (number < 1 || number > most) {
    fail(file, entry.line,
         fmt::format("{} must be a whole number from 1 to {}", join(entry.path, "."), most));
  }
  return number;
}

std::string text_of(const ConfigurationText& file, const FileEntry& entry) {
  if (entry.type != FileEntry::Type::Text || trim(entry.text).empty())
    fail(file, entry.line, fmt::format("{} must be a text", join(entry.path, ".")));
  return entry.text;
}

void read_value(const ConfigurationText& file, const FileEntry& entry, PublishedLimit& limit) {
  const std::string& key = entry.path.back();
  if (key == "name") {
    limit.name = text_of(file, entry);
  } else if (key == "hosts") {
    if (entry.type != FileEntry::Type::List)
      fail(file, entry.line, fmt::format("{} must be a list of texts", join(entry.path, ".")));
    for (const std::string& host : entry.list) limit.hosts.push_back(to_lower_ascii(host));
  } else if (key == "connections") {
    limit.connections = static_cast<int>(number_of(file, entry, kMostConnections));
  } else if (key == "rate") {
    limit.rate = parse_message_rate(text_of(file, entry));
    if (!limit.rate) fail(file, entry.line, fmt::format("{} must be like \"30/m\"", join(entry.path, ".")));
  } else if (key == "daily") {
    limit.daily = number_of(file, entry, kMostMessages);
  } else if (key == "published") {
    limit.published = text_of(file, entry);
  } else if (key == "as_of") {
    limit.as_of = text_of(file, entry);
  } else {
    fail(file, entry.line, fmt::format("unknown key {}", join(entry.path, ".")));
  }
}

void check(const ConfigurationText& file, std::size_t line, const PublishedLimit& limit) {
  if (limit.name.empty() || limit.hosts.empty() || limit.published.empty() || limit.as_of.empty())
    fail(file, line, "an entry needs name, hosts, published and as_of");
  if (!limit.connections && !limit.rate && !limit.daily) fail(file, line, "an entry needs a limit");
}

bool is_host_of(const PublishedLimit& limit, std::string_view host) {
  return std::ranges::any_of(limit.hosts, [&](const std::string& known) {
    return known == host || (known.starts_with('.') && host.ends_with(known) && host.size() > known.size());
  });
}

}  // namespace

std::vector<PublishedLimit> parse_mail_limits(const ConfigurationText& file) {
  std::vector<PublishedLimit> limits;
  std::size_t line = 0;
  const FileReading reading = read_entries(file);
  if (reading.problem) fail(file, reading.problem->line, reading.problem->text);
  for (const FileEntry& entry : reading.entries) {
    if (entry.path.size() == 1) {
      if (entry.type != FileEntry::Type::Table)
        fail(file, entry.line, fmt::format("{} stands outside of an entry", entry.path.front()));
      if (!limits.empty()) check(file, line, limits.back());
      limits.emplace_back();
      line = entry.line;
      continue;
    }
    read_value(file, entry, limits.back());
  }
  if (!limits.empty()) check(file, line, limits.back());
  return limits;
}

const std::vector<PublishedLimit>& published_mail_limits() {
  static const std::vector<PublishedLimit> limits =
      parse_mail_limits({"share/mail-limits.toml", std::string(built_in_mail_limits())});
  return limits;
}

const PublishedLimit* find_limit(const std::vector<PublishedLimit>& limits, std::string_view host) {
  std::string name = to_lower_ascii(host);
  if (name.ends_with('.')) name.pop_back();
  if (name.starts_with('.')) return nullptr;
  const auto found =
      std::ranges::find_if(limits, [&](const PublishedLimit& limit) { return is_host_of(limit, name); });
  return found == limits.end() ? nullptr : &*found;
}

std::optional<MessageRate> parse_message_rate(std::string_view text) {
  const auto value = parse_setting(*find_setting("smtp", "rate"), text);
  if (!value || !value->set) return std::nullopt;
  return MessageRate{value->number, std::chrono::seconds(value->per)};
}

std::string describe(const MessageRate& rate) {
  const auto per = rate.per.count();
  return fmt::format("{} {}", rate.messages,
                     per == 1       ? "a second"
                     : per == 60    ? "a minute"
                     : per == 3600  ? "an hour"
                     : per == 86400 ? "a day"
                                    : fmt::format("in {} s", per));
}

}  // namespace dialin
