// SPDX-License-Identifier: Apache-2.0
#include "command/run_changes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "command/mail_server_parameters.h"
#include "command/sender_parameters.h"
#include "welcome/outbox_session.h"
#include "welcome/same_command.h"

namespace dialin {
namespace {

[[noreturn]] void refuse_while_sent(const RunRecord& run) {
  throw Error(ErrorCode::TryAgain,
              fmt::format("the run {} is being sent by another process at this moment", run.name),
              "Stop that one first, or resume the run without a change to follow it.");
}

// The only one, else the only one that a pause covers.
template <typename One, typename IsPaused>
One which(std::vector<One> all, const IsPaused& is_paused, const RunRecord& run, const char* of,
          const std::string& parameter) {
  if (all.size() > 1) std::erase_if(all, [&](const One& one) { return !is_paused(one); });
  if (all.size() == 1) return all.front();
  throw Error(
      ErrorCode::InvalidInput,
      fmt::format("the run {} has several {}, and {} does not tell which is meant: {} of them {} paused",
                  run.name, of, parameter, all.size(), all.size() == 1 ? "is" : "are"),
      "To send it another way, cancel it and begin it anew.");
}

void change_account(const RunWorkplace& work, const RunRecord& run, const std::vector<Pause>& pauses) {
  const WelcomeWay before = which(
      ways_of(work.store, run.id),
      [&](const WelcomeWay& way) {
        return std::ranges::any_of(pauses, [&](const Pause& pause) {
          return pause.server == way.server && pause.port == way.port && pause.user == way.user;
        });
      },
      run, "ways", work.bound.display_name("Credential"));
  const WelcomeWay now = with_credential(work.context, work.bound, before);
  if (same_way(before, now)) return;
  if (!work.store.runs().change_way(run.id, before, now, work.context.by)) refuse_while_sent(run);
  work.context.streams.write_error(
      fmt::format("The run {} now goes by {}, not by {}.\n", run.name, describe(now), describe(before)));
}

void change_sender(const RunWorkplace& work, const RunRecord& run, const std::string& typed,
                   const std::vector<Pause>& pauses) {
  const std::string parameter = work.bound.display_name("From");
  const Mailbox now = checked_mailbox(typed, parameter, ErrorCode::InvalidInput);
  const std::vector<RunPlan> plans = work.store.runs().plans(run.id);
  std::vector<Mailbox> senders;
  for (const RunPlan& plan : plans) {
    if (std::ranges::find(senders, plan.content.from) == senders.end()) senders.push_back(plan.content.from);
  }
  const Mailbox before = which(
      std::move(senders),
      [&](const Mailbox& sender) {
        return std::ranges::any_of(plans, [&](const RunPlan& plan) {
          return plan.content.from == sender && std::ranges::any_of(pauses, [&](const Pause& pause) {
                   return !pause.sender.empty() && covers(pause, plan.way, sender.address());
                 });
        });
      },
      run, "senders", parameter);
  if (!work.store.runs().change_sender(run.id, before, now, work.context.by)) refuse_while_sent(run);
  work.context.streams.write_error(fmt::format("Mails of the run {} now come from {}, not from {}.\n",
                                               run.name, now.address(), before.address()));
}

}  // namespace

std::vector<ParameterSpec> run_change_parameter_specs() {
  std::vector<ParameterSpec> specs;
  for (std::vector<ParameterSpec> all : {mail_server_parameter_specs(), sender_parameter_specs()}) {
    for (ParameterSpec& spec : all) {
      if (spec.name == "Credential") {
        spec.help =
            "Another account at the mail server, or another source of its password; typed without a "
            "file, the password is asked for. Implies verified TLS.";
        specs.push_back(std::move(spec));
      } else if (spec.name == "From") {
        spec.help = "Another sender, where the mail server does not accept the one that the run has.";
        specs.push_back(std::move(spec));
      }
    }
  }
  return specs;
}

void change_run(const RunWorkplace& work, const RunRecord& run) {
  const auto sender = work.bound.text("From");
  if (!sender && !work.bound.given("Credential")) return;
  const std::vector<Pause> pauses = work.store.outbox().pauses();
  if (work.bound.given("Credential")) change_account(work, run, pauses);
  if (sender) change_sender(work, run, *sender, pauses);
}

}  // namespace dialin
