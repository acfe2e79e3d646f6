// SPDX-License-Identifier: Apache-2.0
// Names of groups as configurations and systems write them: "RTCUniversalServerAdmins",
// "CONTOSO\RTCUniversalServerAdmins", "rtcuniversalserveradmins@contoso.com".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dialin {

// Whether two names may mean the same group: without case, and a name without a domain is that of any
// domain. Where both have one, it must be the same; CONTOSO and contoso.com are.
bool same_group(std::string_view a, std::string_view b);

// How a system may know the group that a configuration names, the likeliest first: as it stands, without its
// domain, and each in lower case, because a file of groups is searched with regard to case.
std::vector<std::string> spellings_of_group(std::string_view name);

}  // namespace dialin
