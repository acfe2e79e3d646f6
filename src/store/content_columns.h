// SPDX-License-Identifier: Apache-2.0
// What a welcome says and which way it goes, as columns: those that rows of `welcomes` and of `run_plans`
// have in common.
#pragma once

#include <optional>
#include <string>

#include "store/records.h"
#include "store/sql_value.h"

namespace dialin {

inline constexpr const char* kSharedContentColumns =
    "mail_from, reply_to, envelope_sender, subject, language, cc, bcc, mask_pin_in_copies, plain_text_only, "
    "without_link, template_hash";
inline constexpr std::size_t kSharedContentColumnCount = 11;
inline constexpr const char* kWayColumns = "server, port, tls, user_name, password_source";
inline constexpr std::size_t kWayColumnCount = 5;

// `to` is each welcome's own; without one, of a plan, it is made equal to `from`.
WelcomeContent read_shared_content(SqlRowReader& reader, const std::optional<Mailbox>& to);
WelcomeWay read_way(SqlRowReader& reader);

// For INSERT and UPDATE: `mail_to`, `to_is_from_record`, the shared columns and `sender_key`.
Binds content_binds(const WelcomeContent& content);
Binds way_binds(const WelcomeWay& way);

const char* to_text(WelcomeWay::Tls tls);
WelcomeWay::Tls tls_from_text(const std::string& text);

}  // namespace dialin
