// SPDX-License-Identifier: Apache-2.0
// Whether two commands mean the same welcome (doc/delivery.md, "Typed again").
#pragma once

#include <string>

#include "people/person.h"
#include "store/records.h"

namespace dialin {

// The address of a welcome that goes to the person's recorded address is whatever is recorded.
bool same_content(const WelcomeContent& a, const WelcomeContent& b);

// "subject: "A", now "B"; to: a@contoso.com, now b@contoso.com"; empty if they are the same.
std::string describe_differences(const WelcomeContent& before, const WelcomeContent& now);

// "mail.contoso.com:25, TLS required, as admin@contoso.com"
std::string describe(const WelcomeWay& way);

// Of everything that the person's command says apart from the way and the PIN (a digest of a PIN would tell
// it).
std::string command_hash(const PersonId& person, const WelcomeContent& content, bool force, bool names_pin);

}  // namespace dialin
