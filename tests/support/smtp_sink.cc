// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <sstream>
#include <stdexcept>

#include "support/free_port.h"
#include "support/mail_servers.h"

namespace dialin::test {
namespace {

// Reads what smtp-sink -d writes: records of its own, a Received field of three lines, then the message.
// Nothing while the dot has not come.
std::optional<ReceivedMail> parse_dump(const std::string& text) {
  // The end of a dump is an empty line.
  if (text.size() < 2 || text.compare(text.size() - 2, 2, "\n\n") != 0) return std::nullopt;
  ReceivedMail mail;
  std::istringstream lines(text.substr(0, text.size() - 1));
  for (std::string line; std::getline(lines, line);) {
    const auto value_of = [&](std::string_view name) -> std::optional<std::string> {
      if (line.rfind(name, 0) != 0) return std::nullopt;
      return line.substr(name.size());
    };
    if (auto value = value_of("X-Mail-Args: ")) mail.mail_arguments = *value;
    if (auto value = value_of("X-Rcpt-Args: ")) mail.rcpt_arguments.push_back(*value);
    if (auto value = value_of("X-Helo-Args: ")) mail.helo = *value;
    if (value_of("Received: ")) {
      std::getline(lines, line);
      std::getline(lines, line);
      break;
    }
  }
  mail.message.assign(std::istreambuf_iterator<char>(lines), std::istreambuf_iterator<char>());
  return mail;
}

}  // namespace

SmtpSink::SmtpSink(std::vector<std::string> options, bool keep) : port_(free_port()) {
  std::vector<std::string> arguments = {find_program("smtp-sink", "postfix")};
  const std::filesystem::path kept = directory_ / "mails";
  std::filesystem::create_directory(kept);
  if (::geteuid() == 0) {  // as root it insists on another account
    directory_.open_to_others();
    give_to(kept, "nobody");
    arguments.insert(arguments.end(), {"-u", "nobody"});
  }
  if (keep) arguments.insert(arguments.end(), {"-d", kept / "%M."});
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.insert(arguments.end(), {"127.0.0.1:" + std::to_string(port_), "1000"});
  process_ = std::make_unique<ChildProcess>(Command{.arguments = arguments, .log = directory_ / "log"});
  // Its socket listens before it does anything else; a connection to find out would count for -n and -m.
  const bool up = eventually([&] { return !process_->running() || has_listener(port_); });
  if (!up || !process_->running()) {
    throw std::runtime_error("smtp-sink did not start: " + read_file(directory_ / "log"));
  }
}

std::vector<ReceivedMail> SmtpSink::mails() const {
  std::vector<ReceivedMail> found;
  for (const auto& entry : std::filesystem::directory_iterator(directory_ / "mails")) {
    if (auto mail = parse_dump(read_file(entry.path()))) found.push_back(std::move(*mail));
  }
  return found;
}

std::vector<ReceivedMail> SmtpSink::wait_for(std::size_t count, std::chrono::milliseconds limit) const {
  std::vector<ReceivedMail> found;
  eventually(
      [&] {
        found = mails();
        return found.size() >= count;
      },
      limit);
  if (found.size() < count) {
    throw std::runtime_error("waited for " + std::to_string(count) + " mails, but only " +
                             std::to_string(found.size()) + " came");
  }
  return found;
}

}  // namespace dialin::test
