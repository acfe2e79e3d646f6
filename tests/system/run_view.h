// SPDX-License-Identifier: Apache-2.0
// Runs as a test types them, and what arrived of them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "support/dialin_program.h"
#include "support/mail_receiver.h"

namespace dialin::test {

// What may arrive twice when a process is killed: one message a connection, and one group of outcomes that
// was not recorded yet (doc/delivery.md).
inline constexpr std::size_t connections_of_a_run = 2;
inline constexpr std::size_t most_repeats_of_a_kill = connections_of_a_run + 32;

// "PREFIX1" to "PREFIXn".
std::vector<std::string> numbered(const std::string& prefix, std::size_t count);

// Writes NAME.csv for these people, and gives the command that runs it, as the run NAME, by the server on
// `port`.
DialinProgram::Arguments run_command(const DialinProgram& program, const std::string& name,
                                     const std::vector<std::string>& people, std::uint16_t port,
                                     const DialinProgram::Arguments& more = {});
DialinProgram::Arguments resume_command(const std::string& name);

// By the recipient's address.
std::map<std::string, std::vector<KeptMail>> by_recipient(std::vector<KeptMail> mails);

// Each of `people` got a mail; whoever got more than one got the same PIN under the same Message-ID. Of
// those, and of `others`, the PIN of the mail is the valid one (a process each). Returns how many mails came
// a second time.
std::size_t expect_welcomed(const DialinProgram& program, const std::vector<std::string>& people,
                            const std::vector<KeptMail>& mails, std::size_t others = 5);

// The run is finished, and its report calls everybody Sent with the PIN `pin_result`.
void expect_finished(const DialinProgram& program, const std::string& name,
                     const std::vector<std::string>& people, const std::string& pin_result = "Set");

}  // namespace dialin::test
