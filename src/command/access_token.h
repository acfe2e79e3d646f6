// SPDX-License-Identifier: Apache-2.0
// OAuth 2 access tokens for the mail server: from a file that something else renews, or printed by a program.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/secret.h"
#include "config/configuration.h"
#include "store/records.h"

namespace dialin {

// Whether the way's password_source is a token's: "oauth-file:PATH" or "oauth-command". The command itself
// stays in the configuration: it may hold a secret, and a row in the store must not choose a program.
bool is_access_token(const WelcomeWay& way);

// Gives the token of `way` as it is now, each time anew; callable on any thread. Throws Error(Configuration).
std::function<std::shared_ptr<const Secret>()> access_token_of(const WelcomeWay& way,
                                                               const SmtpSettings& smtp);

// smtp.oauth_token_command in words. Spaces and tabs separate them; what stands between two ' or two " is
// taken as it is, and may be a part of a word. Nothing else is special: no backslash, no variables, no
// patterns. Error(Configuration): no word, a quote without its end, or a program that is not an absolute
// path.
std::vector<std::string> split_command(const std::string& command);

// Runs the program without a shell, in a minimal environment (PATH, HOME, LC_ALL), standard input and error
// at /dev/null, and gives its output without the white space around it. Error(Configuration), which shows
// neither arguments nor output: it cannot be started, fails, prints nothing or more than 16 KiB, or is not
// done within `limit`; then it is killed, with the processes it started.
std::shared_ptr<const Secret> token_from_command(const std::vector<std::string>& words,
                                                 std::chrono::milliseconds limit = std::chrono::seconds(30));

}  // namespace dialin
