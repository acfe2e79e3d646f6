// SPDX-License-Identifier: Apache-2.0
// A command line run as main runs it, against a real SQLite store in a directory of the test's own, with
// streams, answers and a mail server that are the test's.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random_source.h"
#include "command/command_context.h"
#include "command/operator_files.h"
#include "support/fake_prompter.h"
#include "support/fake_streams.h"
#include "support/temporary_directory.h"

namespace dialin::test {

// Keeps what is submitted, and answers as it is told.
class FakeTransport final : public MailTransport {
 public:
  struct Submitted {
    SubmissionServer server;
    std::string envelope_sender;
    std::string recipient;
    std::string content;
  };

  Delivery answer{.result = DeliveryResult::Accepted, .scope = DeliveryScope::None, .reply_code = 250};
  std::optional<Delivery> session_problem;  // ends the session before a message is taken
  std::vector<Submitted> messages;

  std::optional<Delivery> submit(const SubmissionServer& server, MessageStream& stream,
                                 const ProtocolTrace& trace, const std::function<bool()>& cancelled) override;
  ProbeResult probe(const SubmissionServer& server, std::size_t message_size, const ProtocolTrace& trace,
                    const std::function<bool()>& cancelled) override;
  ServerOffer offer{.answered = true};  // what a probe finds

  struct Probe {
    SubmissionServer server;
    std::size_t message_size;
  };
  std::vector<Probe> probes;
};

class CommandBench {
 public:
  CommandBench();

  // The exit code of `dialin WORDS`; an Error is printed to standard error, as main does. Clears the output
  // of the command before.
  int run(const std::vector<std::string>& words);

  const std::string& output() const { return streams->output; }
  const std::string& error() const { return streams->error; }
  std::filesystem::path file(std::string_view name, std::string_view content) const {
    return directory.write(name, content);
  }
  bool store_exists() const { return std::filesystem::exists(data_directory()); }
  std::filesystem::path data_directory() const { return directory / "data"; }
  std::unique_ptr<Store> open_store(OpenMode mode = OpenMode::MustExist);
  // Of people in the store.
  Person person(const std::string& sip_address);

  TemporaryDirectory directory;
  std::unique_ptr<FakeStreams> streams = std::make_unique<FakeStreams>();
  FakePrompter prompter;  // no terminal unless the test says so
  FakeTransport transport;
  std::map<std::string, std::string> settings;  // environment: {"DIALIN_MAIL_FROM", "marco@contoso.com"}
  std::string input;                            // standard input of the next command
  bool input_is_terminal = false;
  bool interrupted = false;
  OperatorEnvironment variables;
  std::chrono::seconds ahead{0};  // the clock, of what it is

 private:
  // The system's, put forward or back.
  class BenchClock final : public Clock {
   public:
    explicit BenchClock(const std::chrono::seconds& ahead) : ahead_(ahead) {}
    Timestamp now() const override { return system_.now() + ahead_; }
    SteadyTime steady_now() const override { return system_.steady_now(); }

   private:
    const std::chrono::seconds& ahead_;
    SystemClock system_;
  };
  BenchClock clock_{ahead};
  SystemRandom random_;
  Checkpoints checkpoints_;
};

// The example files of the project.
std::string example(const std::string& name);

}  // namespace dialin::test
