// SPDX-License-Identifier: Apache-2.0
// The rules for what is known of a person and is neither a mail address nor a number: logon names and free
// text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dialin {

// user@domain, the domain as lower-case A-label, as in Mailbox but without quotes and network addresses.
// Its key for comparing is fold_case() of it.
std::optional<std::string> parse_user_principal_name(std::string_view text);

// DOMAIN\logon or logon, as typed; at most 256 characters, none of " / [ ] : ; | = , + * ? < > @ (Active
// Directory's rule). Its key for comparing is fold_case() of it.
std::optional<std::string> parse_sam_account_name(std::string_view text);

inline constexpr std::size_t kLongestFreeText = 256;  // characters

// Why `text` cannot be a display name, region, site, external or conference id: longer than kLongestFreeText,
// not UTF-8, or with control characters (bidirectional overrides count as such: they make a name read as
// another). Empty if it can.
std::string explain_bad_free_text(std::string_view text);

}  // namespace dialin
