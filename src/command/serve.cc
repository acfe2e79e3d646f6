// SPDX-License-Identifier: Apache-2.0
// serve: every listener that the configuration names, until it is told to end.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include "admin/admin_listener.h"
#include "base/error.h"
#include "check/check_desk.h"
#include "check/check_workers.h"
#include "check/http/http_listener.h"
#include "command/audit_signer.h"
#include "command/check_token.h"
#include "command/commands.h"
#include "command/existing_store.h"
#include "command/welcome_workplace.h"
#include "config/installation.h"

namespace dialin {
namespace {

// A caller waits on the telephone: what has waited longer than this is better asked again.
constexpr std::chrono::milliseconds Patience{5000};
// Descriptors besides the connections: the stores', the standard streams, the listener.
constexpr std::size_t OtherDescriptors = 256;

CommandSpec serve_spec() {
  CommandSpec spec;
  spec.verb = "serve";
  spec.group = "System";
  spec.summary = "Answers telephone systems that ask whether a PIN is right, and takes commands.";
  spec.description =
      "Listens where [check] listen says, for POST /check with the token of [check] token_file "
      "(doc/check.md), and, where there is no systemd to do it, on [admin] listen for the commands of "
      "administrators and the help desk, for each of which it starts a process. It runs until it is "
      "interrupted or gets SIGTERM; then it finishes what it is answering.";
  spec.examples = {
      {"dialin serve", "Answers until it is told to end, as a service does."},
      {"DIALIN_CHECK_LISTEN=127.0.0.1:0 dialin serve", "On a free port, which is printed."},
  };
  spec.exit_codes = {{0, "told to end, which is how it ends"},
                     {1, "the place is taken, or there is no store"},
                     {69, "the store could not be opened"},
                     {78, "no listener is configured, or its token is missing"}};
  spec.host = CommandHost::ServiceAccount;
  return spec;
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

using Say = std::function<void(const std::string&)>;

void serve_checks(CommandContext& context, const ListenPlace& place, const Secret& token, const Say& say) {
  const CheckSettings& check = context.configuration.check;
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
}

// The admin socket, in a thread of its own beside the checks.
class AdminThread {
 public:
  AdminThread(CommandContext& context, const BoundParameters& bound, std::filesystem::path path,
              const Say& say)
      : path_(std::move(path)), listener_(path_, arguments(bound)), thread_([this, &context, &say] {
          listener_.run([&] { return over_ || context.interrupted(); }, say);
        }) {}
  ~AdminThread() {
    over_ = true;
    join();
  }
  AdminThread(const AdminThread&) = delete;
  AdminThread& operator=(const AdminThread&) = delete;
  void join() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  // This program, as systemd would start it for a connection.
  static std::vector<std::string> arguments(const BoundParameters& bound) {
    std::vector<std::string> words = {"dialin", std::string(AdminConnectionOption)};
    if (const auto file = bound.text("Config")) words.push_back(std::filesystem::absolute(*file).string());
    return words;
  }

  const std::filesystem::path path_;
  AdminListener listener_;
  std::atomic<bool> over_ = false;
  std::thread thread_;  // last: it uses the others
};

int run_serve(CommandContext& context, BoundParameters& bound) {
  const CheckSettings& check = context.configuration.check;
  const std::string& admin = context.configuration.admin.listen;
  if (check.listen.empty() && admin.empty()) {
    throw Error(ErrorCode::Configuration, "dialin serve has nothing to do: no listener is configured",
                "Set [check] listen = \"127.0.0.1:8467\" and token_file, or [admin] listen.");
  }
  std::optional<ListenPlace> place;
  std::optional<Secret> token;
  if (!check.listen.empty()) {
    place = ListenPlace::parse(check.listen, "[check] listen");
    token = check_token(check);
  }
  std::optional<std::filesystem::path> socket;
  if (!admin.empty()) socket = socket_path_of(admin, "[admin] listen");
  if (bound.what_if()) {
    if (place)
      context.streams.write_output(
          fmt::format("What if: PIN checks would be answered on {}.\n", place->text()));
    if (socket)
      context.streams.write_output(
          fmt::format("What if: commands would be taken on {}.\n", socket->string()));
    return 0;
  }
  std::mutex speaking;
  const Say say = [&](const std::string& sentence) {
    const std::lock_guard guard(speaking);
    context.streams.write_error(sentence + "\n");
  };
  context.finish_on_interruption();
  std::optional<AdminThread> commands;
  if (socket) {
    commands.emplace(context, bound, *socket, say);
    say(fmt::format("Listening on {} for commands.", socket->string()));
  }
  if (place) serve_checks(context, *place, *token, say);
  if (commands) commands->join();
  return 0;
}

}  // namespace

Command serve_command() {
  return {serve_spec(), run_serve};
}

}  // namespace dialin
