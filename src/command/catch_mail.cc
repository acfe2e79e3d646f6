// SPDX-License-Identifier: Apache-2.0
// catch-mail: a mail server on this machine that keeps every mail in files, for trying things out.
#include <fmt/format.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/error.h"
#include "command/commands.h"
#include "mail/catcher/mail_catcher.h"

namespace dialin {
namespace {

constexpr std::chrono::milliseconds AskInterval{50};

CommandSpec catch_mail_spec() {
  CommandSpec spec;
  spec.verb = "catch-mail";
  spec.group = "Mail";
  spec.summary = "Receives mail on this machine and keeps it in files, for trying things out.";
  spec.description =
      "Listens on a loopback address only, takes every mail, sends nothing on, and prints a line for each. A "
      "mail is "
      "kept as 0001.eml, as it was received, with 0001.html and 0001.txt beside it. Runs until it is "
      "interrupted "
      "(Ctrl-C). The files hold PINs: delete them when you are done.";
  spec.parameters = {
      {.name = "Listen",
       .kind = ParameterKind::Text,
       .value_name = "address:port",
       .help = "Where it listens: 127.0.0.1:2525 if not named; port 0 takes a free one, which is printed."},
      {.name = "Directory",
       .kind = ParameterKind::Path,
       .value_name = "folder",
       .help = "Where the files go; it is made if it is not there.",
       .mandatory = true},
  };
  spec.examples = {
      {"dialin catch-mail --listen 127.0.0.1:2525 --directory ./mails", "Receives mail until Ctrl-C."},
      {"dialin welcome bob@contoso.com --from marco@contoso.com --smtp-server 127.0.0.1:2525",
       "In another terminal: a mail for it."},
  };
  spec.exit_codes = {{0, "interrupted, which is how it ends"}, {1, "the port is taken"}};
  spec.host = CommandHost::OwnProcess;
  return spec;
}

// Sets a flag soon after the operator has interrupted the command.
class InterruptWatch {
 public:
  explicit InterruptWatch(const std::function<bool()>& interrupted)
      : thread_([this, &interrupted] {
          std::unique_lock lock(mutex_);
          while (!over_ && !interrupted()) ended_.wait_for(lock, AskInterval);
          stop_ = true;
        }) {}
  ~InterruptWatch() {
    {
      const std::lock_guard guard(mutex_);
      over_ = true;
    }
    ended_.notify_one();
    thread_.join();
  }
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;
  const std::atomic<bool>& flag() const { return stop_; }

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  bool over_ = false;
  std::atomic<bool> stop_ = false;
  std::thread thread_;  // last: it uses the others
};

int run_catch_mail(CommandContext& context, BoundParameters& bound) {
  const ListenAddress address = ListenAddress::parse(bound.text_or("Listen", "127.0.0.1:2525"));
  const std::string directory = bound.text_or("Directory", "");
  if (bound.what_if()) {
    context.streams.write_output(fmt::format("What if: mail to {}:{} would be kept in {}.\n", address.host(),
                                             address.port(), directory));
    return 0;
  }
  const auto on_mail = [&](const CaughtMail& mail) {
    context.streams.write_output(summary(mail) + "\n");
    context.streams.flush();
  };
  const auto on_problem = [&](const Error& error) {
    context.streams.write_error(fmt::format("{} {}\n", error.what(), error.next()));
  };
  MailCatcher catcher(address, directory, on_mail, on_problem);
  context.streams.write_error(fmt::format("Listening on {}{}{}:{}, keeping mail in {}. Ctrl-C ends it.\n",
                                          address.is_ipv6() ? "[" : "", address.host(),
                                          address.is_ipv6() ? "]" : "", catcher.port(), directory));
  context.finish_on_interruption();
  const InterruptWatch watch(context.interrupted);
  catcher.run(watch.flag());
  return 0;
}

}  // namespace

Command catch_mail_command() {
  return {catch_mail_spec(), run_catch_mail};
}

}  // namespace dialin
