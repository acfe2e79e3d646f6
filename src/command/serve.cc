// SPDX-License-Identifier: Apache-2.0
// serve: every listener that the configuration names, until it is told to end.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <mutex>
#include <thread>

#include "base/error.h"
#include "check/check_desk.h"
#include "check/check_workers.h"
#include "check/http/http_listener.h"
#include "command/audit_signer.h"
#include "command/commands.h"
#include "command/existing_store.h"
#include "command/operator_files.h"
#include "command/welcome_workplace.h"

namespace dialin {
namespace {

constexpr std::size_t ShortestToken = 16;
// A caller waits on the telephone: what has waited longer than this is better asked again.
constexpr std::chrono::milliseconds Patience{5000};
// Descriptors besides the connections: the stores', the standard streams, the listener.
constexpr std::size_t OtherDescriptors = 256;

CommandSpec serve_spec() {
  CommandSpec spec;
  spec.verb = "serve";
  spec.group = "System";
  spec.summary = "Answers telephone systems that ask whether a PIN is right.";
  spec.description =
      "Listens where [check] listen says, for POST /check with the token of [check] token_file "
      "(doc/check.md), and "
      "runs until it is interrupted or gets SIGTERM; then it finishes what it is answering.";
  spec.examples = {
      {"dialin serve", "Answers until it is told to end, as a service does."},
      {"DIALIN_CHECK_LISTEN=127.0.0.1:0 dialin serve", "On a free port, which is printed."},
  };
  spec.exit_codes = {{0, "told to end, which is how it ends"},
                     {1, "the place is taken, or there is no store"},
                     {69, "the store could not be opened"},
                     {78, "no listener is configured, or its token is missing"}};
  return spec;
}

Secret token_of(const CheckSettings& settings) {
  if (settings.token_file.empty()) {
    throw Error(ErrorCode::Configuration,
                "dialin serve does not listen for PIN checks without a token: [check] token_file is not set",
                "Make one with: (umask 077; openssl rand -hex 32 > /etc/dialin/check-token)");
  }
  Secret token = read_secret_file(settings.token_file)->duplicate();
  if (token.size() < ShortestToken) {
    throw Error(
        ErrorCode::Configuration,
        fmt::format("the token in {} is shorter than {} characters", settings.token_file, ShortestToken),
        "Make one with: openssl rand -hex 32");
  }
  return token;
}

// As many connections as the limit on open files allows, which is raised as far as it may be.
std::size_t connections_within_limits(std::size_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  limit.rlim_cur =
      std::min<rlim_t>(limit.rlim_max, std::max<rlim_t>(limit.rlim_cur, wanted + OtherDescriptors));
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted + OtherDescriptors) return wanted;
  return std::max<std::size_t>(1, limit.rlim_cur > OtherDescriptors ? limit.rlim_cur - OtherDescriptors : 1);
}

int run_serve(CommandContext& context, BoundParameters& bound) {
  const CheckSettings& check = context.configuration.check;
  if (check.listen.empty()) {
    throw Error(ErrorCode::Configuration, "dialin serve has nothing to do: no listener is configured",
                "Set [check] listen = \"127.0.0.1:8467\" and token_file.");
  }
  const ListenPlace place = ListenPlace::parse(check.listen, "[check] listen");
  const Secret token = token_of(check);
  if (bound.what_if()) {
    context.streams.write_output(fmt::format("What if: PIN checks would be answered on {}.\n", place.text()));
    return 0;
  }
  std::mutex speaking;
  const auto say = [&](const std::string& sentence) {
    const std::lock_guard guard(speaking);
    context.streams.write_error(sentence + "\n");
  };

  ArgonPinHasher hasher(pin_hash_cost(context.configuration));
  CheckThrottle throttle({check.caller_failures, check.system_failures}, context.clock);
  StoreHealth health(context.clock, say);
  std::vector<std::unique_ptr<CheckDesk>> desks;
  std::vector<CheckWorkers::Desk> answers;
  for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i) {
    auto store = existing_store(context);
    CheckRules rules = rules_of(*store, check.most_sharers);
    desks.push_back(std::make_unique<CheckDesk>(std::move(store), hasher, std::move(rules), throttle, health,
                                                context.by));
    answers.push_back([desk = desks.back().get()](const CheckRequest& request, const std::string& address) {
      return desk->answer(request, address);
    });
  }
  HttpListenerSettings listening;
  listening.connections = connections_within_limits(check.connections);
  HttpListener listener(place, token, listening);
  CheckWorkers workers(std::move(answers), check.queue, Patience);
  context.finish_on_interruption();
  say(fmt::format("Listening on {} for PIN checks.", listener.place().text()));
  if (listening.connections < check.connections) {
    say(fmt::format("The limit on open files allows {} connections of the {} in [check] connections.",
                    listening.connections, check.connections));
  }
  if (!place.is_local()) {
    say("PINs and the token cross the network in clear: put a proxy with TLS before this place, or listen on "
        "127.0.0.1.");
  }
  const AuditSigner signer(existing_store(context));
  listener.run(workers, context.interrupted);
  return 0;
}

}  // namespace

Command serve_command() {
  return {serve_spec(), run_serve};
}

}  // namespace dialin
