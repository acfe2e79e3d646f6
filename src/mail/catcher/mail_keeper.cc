// SPDX-License-Identifier: Apache-2.0
#include "mail/catcher/mail_keeper.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

#include "base/error.h"
#include "base/text.h"
#include "mail/catcher/caught_parts.h"

namespace dialin {
namespace {

// Where a file stands until it is complete; other programs do not look at names with a leading dot.
constexpr const char* Unfinished = ".unfinished";

[[noreturn]] void fail(const std::filesystem::path& directory, std::string_view doing, int reason) {
  const bool forbidden = reason == EACCES || reason == EPERM || reason == EROFS;
  throw Error(forbidden ? ErrorCode::Permission : ErrorCode::Unavailable,
              fmt::format("Cannot {} \"{}\": {}.", doing, directory.string(), std::strerror(reason)),
              "Name a directory in which you may write, with --directory.");
}

bool write_all(int file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t count = ::write(file, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

// A browser takes a file without any hint for windows-1252.
std::string as_html_file(const std::string& html) {
  const std::string start = to_lower_ascii(html.substr(0, 1024));
  const bool says_utf8 = start.find("charset=utf-8") != std::string::npos ||
                         start.find("charset=\"utf-8\"") != std::string::npos;
  return is_ascii(html) || says_utf8 ? html : "\xEF\xBB\xBF" + html;
}

}  // namespace

MailKeeper::MailKeeper(const std::filesystem::path& directory) : directory_(directory) {
  if (::mkdir(directory_.c_str(), 0700) != 0 && errno != EEXIST)
    fail(directory_, "make the directory", errno);
  descriptor_ = ::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor_ < 0) fail(directory_, "open the directory", errno);
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    ::close(descriptor_);
    throw Error(
        ErrorCode::Precondition,
        fmt::format("Cannot keep mails in \"{}\": another catcher does so already.", directory_.string()),
        "Stop it, or name another directory with --directory.");
  }
  number_ = highest_number();
}

MailKeeper::~MailKeeper() {
  ::close(descriptor_);
}

int MailKeeper::highest_number() const {
  int highest = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, ignored)) {
    const std::string stem = entry.path().stem().string();
    int number = 0;
    const auto [end, problem] = std::from_chars(stem.data(), stem.data() + stem.size(), number);
    if (problem == std::errc() && end == stem.data() + stem.size()) highest = std::max(highest, number);
  }
  return highest;
}

std::filesystem::path MailKeeper::write(const std::string& name, std::string_view content) {
  ::unlinkat(descriptor_, Unfinished, 0);  // of a catcher that was killed; the lock says that none is at work
  const int file =
      ::openat(descriptor_, Unfinished, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) fail(directory_ / name, "write the file", errno);
  const bool written = write_all(file, content);
  const int reason = errno;
  const bool closed = ::close(file) == 0;
  if (written && closed &&
      ::renameat2(descriptor_, Unfinished, descriptor_, name.c_str(), RENAME_NOREPLACE) == 0) {
    return directory_ / name;
  }
  const int problem = written ? errno : reason;
  ::unlinkat(descriptor_, Unfinished, 0);
  fail(directory_ / name, "write the file", problem);
}

CaughtMail MailKeeper::keep(const CaughtEnvelope& envelope, std::string_view message) {
  const CaughtParts parts = parse_caught_parts(message);
  const std::string stem = fmt::format("{:04}", ++number_);
  CaughtMail mail{envelope, parts.subject, {}, {}, {}};
  try {
    if (parts.html) mail.html_file = write(stem + ".html", as_html_file(*parts.html));
    if (parts.text) mail.text_file = write(stem + ".txt", *parts.text);
    mail.message_file = write(stem + ".eml", message);
  } catch (const Error&) {
    for (const char* ending : {".html", ".txt"}) ::unlinkat(descriptor_, (stem + ending).c_str(), 0);
    throw;
  }
  return mail;
}

}  // namespace dialin
