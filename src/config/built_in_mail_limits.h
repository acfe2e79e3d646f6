// SPDX-License-Identifier: Apache-2.0
// The text of share/mail-limits.toml. Generated at build time; used inside config/.
#pragma once

#include <string_view>

namespace dialin {

std::string_view built_in_mail_limits();

}  // namespace dialin
