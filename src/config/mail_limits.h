// SPDX-License-Identifier: Apache-2.0
// The limits that providers of mail publish for their servers: share/mail-limits.toml, compiled in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/configuration.h"

namespace dialin {

struct PublishedLimit {
  std::string name;  // "Exchange Online"
  std::vector<std::string>
      hosts;  // lower case: "smtp.office365.com", or ".example.net" for all names under it
  std::optional<int> connections;
  std::optional<MessageRate> rate;
  std::optional<std::int64_t> daily;
  std::string published;  // the page
  std::string as_of;      // "2026-02"
};

// Error(Configuration) with the line of whatever is wrong: an unknown key, a value out of range, an entry
// without host, limit, page or date.
std::vector<PublishedLimit> parse_mail_limits(const ConfigurationText& file);

// Those that the program was built with.
const std::vector<PublishedLimit>& published_mail_limits();

// The entry for a server; nothing if none is known. `host` in any case, with or without a final dot.
const PublishedLimit* find_limit(const std::vector<PublishedLimit>& limits, std::string_view host);

// "300/m", "5/s", "1000/h", "10000/d". Nothing if it is none, or not from 1 to 1,000,000 messages.
std::optional<MessageRate> parse_message_rate(std::string_view text);
// "30 a minute", "5 a second"
std::string describe(const MessageRate& rate);

}  // namespace dialin
