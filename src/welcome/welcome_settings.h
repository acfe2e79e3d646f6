// SPDX-License-Identifier: Apache-2.0
// What the main job needs to know from the configuration, and whom it talks to while it works.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/checkpoint.h"
#include "base/clock.h"
#include "base/operator.h"
#include "base/random_source.h"
#include "mail/mail_transport.h"
#include "pin/pin_policy.h"
#include "pin/pin_verifier.h"
#include "store/store.h"

namespace dialin {

struct OrganisationValues {
  std::string name;
  std::string settings_page_url;
  std::string support_contact;
  std::string logo_text;
};

// What [smtp] says of a mail server besides the way.
struct ServerTrust {
  std::string ca_file;                          // smtp.ca_file
  std::string fingerprint;                      // smtp.fingerprint
  std::string helo_name;                        // smtp.helo_name
  Pipelining pipelining = Pipelining::Message;  // smtp.pipelining
  bool allow_insecure_auth = false;             // smtp.allow_insecure_auth
  // As in SubmissionServer: set where the way's password is an access token.
  std::function<std::shared_ptr<const Secret>()> access_token = nullptr;
};

// The words of a notice in a person's language (mail/template_library.h).
struct NoticeTemplate {
  std::string language;
  std::string hash;
  std::string text;  // serialize(TemplateSource)
};

// Who sends notices that follow no mail, and how.
struct NoticeSender {
  Mailbox from;
  std::optional<Mailbox> reply_to;
  std::string envelope_sender;
  WelcomeWay way;
};

struct WelcomeSettings {
  // The policy that holds for the person (store/policy_store.h), without asking the store. Any thread.
  std::function<PinPolicy(const Person&)> policy_of = [](const Person&) { return PinPolicy{}; };
  unsigned generated_length = 0;  // pin.generated_length; 0: the policy's minimum
  PinHashCost hash_cost;
  std::function<OrganisationValues(const Person&)> organisation_of;  // by the person's site
  std::function<ServerTrust(const WelcomeWay&)> trust_of;            // by the way's server
  std::chrono::seconds lease{60};                                    // queue.lease, at least 3 s
  std::chrono::seconds max_queue_time{48 * 3600};
  std::chrono::seconds give_up_after{12 * 3600};  // queue.give_up_after: a server that is away
  // What is stated of the way's relay (parameters, configuration, what its provider publishes); empty:
  // nothing.
  std::function<RelayLimit(const WelcomeWay&)> limit_of = [](const WelcomeWay&) { return RelayLimit(); };
  // How many connections a run opens to it at a time.
  std::function<int(const WelcomeWay&)> connections_of = [](const WelcomeWay&) { return 2; };
  // Nothing: the person gets no notices (mail.notify_changes).
  std::function<std::optional<NoticeTemplate>(const Person&)> notice_template_of = [](const Person&) {
    return std::optional<NoticeTemplate>();
  };
  // Nothing: none is known.
  std::function<std::optional<NoticeSender>(const Person&)> notice_sender_of = [](const Person&) {
    return std::optional<NoticeSender>();
  };
  std::size_t hash_threads = 0;  // 0: as many as there are processors
  std::chrono::milliseconds retry_pause{
      10000};  // queue.retry_pause: before the second try; twice that before the third
};

// The password for a way; a null pointer where it can only be typed and nobody is there to type it.
// Error(Configuration) if a file that is named cannot be read.
using PasswordSource = std::function<std::shared_ptr<const Secret>(const WelcomeWay&)>;

// A second connection to the same store, for the thread that renews leases.
using StoreOpener = std::function<std::unique_ptr<Store>()>;

// Sentences for the operator while the job works.
class WelcomeObserver {
 public:
  virtual ~WelcomeObserver() = default;
  virtual void say(const std::string& sentence) = 0;  // standard error, always
  virtual void trace(const std::string& line) = 0;    // with -Verbose only
  virtual bool wants_trace() const = 0;
};

// Everything outside that the job works with. All outlive it.
struct WelcomeEnvironment {
  Store& store;
  StoreOpener open_store;
  MailTransport& transport;
  PasswordSource password_of;
  Clock& clock;
  RandomSource& random;
  Checkpoints& checkpoints;
  WelcomeObserver& observer;
  Operator by;
  std::function<bool()> interrupted;  // Ctrl-C: finish what is in flight, begin nothing new
  // Waits that long, less if interrupted.
  std::function<void(std::chrono::milliseconds)> wait;
};

}  // namespace dialin
