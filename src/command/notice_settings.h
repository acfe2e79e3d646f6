// SPDX-License-Identifier: Apache-2.0
// What notices of changed PINs are made of (welcome/pin_notice.h): mail.notify_changes, the templates, the
// configured sender and mail server.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "command/command_context.h"
#include "welcome/welcome_settings.h"

namespace dialin {

// In the person's language, else mail.language, else English. A template of mail.template_directory that
// cannot be used is told by `dialin template check`; the built-in one is used instead, because a notice must
// hold back nothing. `configuration` outlives the result, which belongs to one thread at a time.
std::function<std::optional<NoticeTemplate>(const Person&)> notice_templates(
    const Configuration& configuration);

// mail.from, and the mail server of $PSEmailServer or [smtp], by the person's site. One that is configured
// wrongly is said once. `context` outlives the result.
std::function<std::optional<NoticeSender>(const Person&)> notice_senders(
    const CommandContext& context, std::function<void(const std::string&)> say);

}  // namespace dialin
