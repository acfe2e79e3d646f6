// SPDX-License-Identifier: Apache-2.0
// From a claimed row of the outbox to the message that goes over the wire and the verifier that its
// acceptance makes valid: hash, render, compose. Knows no store and no session, so any number of threads may
// use one.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/checkpoint.h"
#include "mail/mail_transport.h"
#include "mail/message_mould.h"
#include "mail/welcome_template.h"
#include "welcome/welcome_settings.h"

namespace dialin {

struct PreparedMail {
  OutgoingMessage message;
  std::optional<Secret> verifier;  // of a welcome
};

class MailPreparation {
 public:
  // All outlive it.
  MailPreparation(const WelcomeSettings& settings, Clock& clock, Checkpoints& checkpoints)
      : settings_(settings), clock_(clock), checkpoints_(checkpoints) {}

  // `numbers` as access_numbers_for() gives them, `commands` as telephone_commands_for() does. Error: the
  // mail cannot be made.
  PreparedMail prepare(const ClaimedWelcome& claimed, const SharedList<AccessNumberValue>& numbers,
                       const SharedList<WelcomeValues::TelephoneCommand>& commands);

 private:
  std::shared_ptr<const WelcomeTemplate> parsed_template(const ClaimedWelcome& claimed);
  std::shared_ptr<const MessageMould> mould_for(const WelcomeContent& content);

  const WelcomeSettings& settings_;
  Clock& clock_;
  Checkpoints& checkpoints_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const WelcomeTemplate>> templates_;  // by hash
  std::vector<std::shared_ptr<const MessageMould>> moulds_;                  // the one used last is first
};

// Who gets the row's mail: of a copy, who gets the copy.
const Mailbox& recipient_of(const WelcomeRow& row);

}  // namespace dialin
