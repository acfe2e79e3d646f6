// SPDX-License-Identifier: Apache-2.0
// The directory in which the catcher keeps mails: 0001.eml as received, 0001.html and 0001.txt its bodies.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/catcher/smtp_dialogue.h"

namespace dialin {

struct CaughtMail {
  CaughtEnvelope envelope;
  std::string subject;  // decoded, one line, without control characters
  std::filesystem::path message_file;
  std::optional<std::filesystem::path> html_file;
  std::optional<std::filesystem::path> text_file;
};

class MailKeeper {
 public:
  // Makes `directory` (mode 0700) if it is not there, and keeps other catchers out of it until this object
  // ends. Throws Error: Precondition if another one works there, Permission or Unavailable if it cannot be
  // used.
  explicit MailKeeper(const std::filesystem::path& directory);
  ~MailKeeper();
  MailKeeper(const MailKeeper&) = delete;
  MailKeeper& operator=(const MailKeeper&) = delete;

  // Writes the files of one mail, mode 0600, the .eml last: who sees it sees the others. A file appears under
  // its name only when it is complete. Numbers go on after the highest that is there; nothing is ever
  // overwritten. HTML that does not say its encoding itself gets a byte order mark, so that a browser reads
  // it as UTF-8. Nothing is synced to the disk. Throws Error Unavailable, and leaves no half of a mail.
  CaughtMail keep(const CaughtEnvelope& envelope, std::string_view message);

 private:
  std::filesystem::path write(const std::string& name, std::string_view content);
  int highest_number() const;

  std::filesystem::path directory_;
  int descriptor_;
  int number_ = 0;
};

}  // namespace dialin
