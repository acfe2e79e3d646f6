// SPDX-License-Identifier: Apache-2.0
#include "unit/command/command_bench.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <span>

#include "base/error.h"
#include "command/command_table.h"
#include "people/directory.h"
#include "shell/binder.h"
#include "shell/command_lookup.h"

namespace dialin::test {

std::optional<Delivery> FakeTransport::submit(const SubmissionServer& server, MessageStream& stream,
                                              const ProtocolTrace&, const std::function<bool()>&) {
  if (session_problem) return session_problem;
  std::mutex mutex;
  std::condition_variable changed;
  bool woken = false;
  stream.set_wake([&] {
    const std::lock_guard lock(mutex);
    woken = true;
    changed.notify_one();
  });
  stream.connections_open(1);
  for (;;) {
    MessageStream::Next next = stream.next();
    if (next.supply == MessageStream::Supply::Ended) break;
    if (!next.message) {
      std::unique_lock lock(mutex);
      changed.wait_for(lock, std::chrono::milliseconds(200), [&] { return woken; });
      woken = false;
      continue;
    }
    const OutgoingMessage& message = *next.message;
    if (stream.may_write(message.id)) {
      messages.push_back({server, message.envelope_sender, message.recipient.address(),
                          std::string(message.content->reveal(ClearSecretAccess()))});
      stream.finished(message.id, answer);
    } else {
      stream.finished(message.id, {.problem = SessionProblem::LeaseLost});
    }
  }
  stream.connections_open(0);
  return std::nullopt;
}

ProbeResult FakeTransport::probe(const SubmissionServer& server, std::size_t message_size,
                                 const ProtocolTrace&, const std::function<bool()>&) {
  probes.push_back({server, message_size});
  return {.problem = session_problem, .offer = offer};
}

CommandBench::CommandBench() {
  prompter.terminal = false;
  // The cheapest hash that there is.
  settings = {{"DIALIN_PIN_HASH_MEMORY_KIB", "8"}, {"DIALIN_PIN_HASH_PASSES", "1"}};
}

std::unique_ptr<Store> CommandBench::open_store(OpenMode mode) {
  return dialin::open_store({.url = "", .data_directory = data_directory().string()}, mode, clock_, random_,
                            checkpoints_,
                            [this](const std::string& sentence) { streams->error += sentence + "\n"; });
}

Person CommandBench::person(const std::string& sip_address) {
  return resolve_person(open_store()->people(), *UserIdentifier::parse(sip_address));
}

int CommandBench::run(const std::vector<std::string>& words) {
  streams = std::make_unique<FakeStreams>();
  streams->input = input;
  streams->input_is_terminal = input_is_terminal;
  streams->variables = variables;
  input.clear();
  try {
    const CommandTable table = command_specs();
    const FoundCommand found = find_command(table, "dialin", words);
    if (found.what != FoundCommand::What::Run) throw Error(ErrorCode::Internal, "the test runs no command");
    BoundParameters bound = bind_parameters(*found.spec, found.words, found.spelling);
    ask_for_missing(bound, prompter);
    const Configuration configuration = load_configuration(std::nullopt, settings);
    const ConfigurationPlace configuration_place{.file = std::nullopt,
                                                 .reason = "built-in defaults: no file was found"};
    const DataPlace data_place{
        .directory = data_directory(), .exists = store_exists(), .reason = "the test's"};
    PosixOperatorFiles files(*streams);
    CommandContext context{
        .by = {.name = "marco", .origin = "test"},
        .streams = *streams,
        .prompter = prompter,
        .files = files,
        .configuration = configuration,
        .configuration_place = configuration_place,
        .data_place = data_place,
        .clock = clock_,
        .random = random_,
        .checkpoints = checkpoints_,
        .transport = transport,
        .open_store = [this](OpenMode mode) { return open_store(mode); },
        .password_from_environment = nullptr,
        .finish_on_interruption = [] {},
        .interrupted = [this] { return interrupted; },
        .wait = [](std::chrono::milliseconds) {},
    };
    return command_of(*found.spec).run(context, bound);
  } catch (const Error& error) {
    streams->error += std::string("dialin: ") + error.what() + "\n" + error.next() + "\n";
    return exit_code(error.code());
  }
}

std::string example(const std::string& name) {
  return std::string(DIALIN_SOURCE_DIR) + "/examples/" + name;
}

}  // namespace dialin::test
