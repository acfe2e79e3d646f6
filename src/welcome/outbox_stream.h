// SPDX-License-Identifier: Apache-2.0
// Rows of the outbox as a stream of messages for one session: each is claimed, its PIN hashed, its mail
// rendered and composed when the session is ready for it; its outcome is recorded, and a PIN becomes valid,
// when the server has spoken. Copies of an accepted welcome follow on the same session.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "mail/mail_transport.h"
#include "welcome/lease_keeper.h"
#include "welcome/mail_preparation.h"
#include "welcome/relay_gate.h"
#include "welcome/welcome_settings.h"

namespace dialin {

// What became of one row of the outbox in this session.
struct RowOutcome {
  WelcomeId id;
  ClaimResult::Outcome claim = ClaimResult::Outcome::Claimed;
  ClaimResult claim_result;          // whose lease, which pause, until when (without the claimed part)
  std::optional<WelcomeRow> row;     // as it was claimed
  std::optional<Delivery> delivery;  // the server's answer; its text is without the PIN
  std::optional<RecordResult> record;
  std::optional<Pin> pin;      // of an accepted welcome, for -ShowPin
  std::optional<Error> error;  // its mail could not be made; it is queued again, and what follows went on
};

class OutboxStream final : public MessageStream {
 public:
  // A row whose way is no longer `way` when it is claimed is given back and gets no outcome.
  OutboxStream(const WelcomeEnvironment& environment, const WelcomeSettings& settings, const WelcomeWay& way);

  void add(const WelcomeId& id, ClaimReason reason);
  // Waits, and says so, until one of the relay's connections is free. False: interrupted.
  bool wait_for_connection();
  // What was claimed and not taken by the session any more is given back.
  void give_back_unsent();
  // The relay's daily limit is used up until then: nothing was sent after that.
  std::optional<Timestamp> used_up_until() const { return gate_.used_up_until(); }
  // The server said "too many".
  void too_busy();
  // The outcomes so far, in the order in which rows were finished with.
  std::vector<RowOutcome> take_outcomes() { return std::move(outcomes_); }
  // The transport's trace, without the PINs that are on their way: a server may quote them.
  ProtocolTrace trace() const;

  // Replaces every occurrence of a PIN of this session in words of a server.
  std::string blot(const std::string& words) const;

  Next next() override;
  bool may_write(const std::string& id) override;
  void finished(const std::string& id, const Delivery& delivery) override;
  int connection_limit() override { return gate_.connections(); }
  void connections_open(int count) override { gate_.connections_open(count); }

 private:
  struct Waiting {
    WelcomeId id;
    ClaimReason reason;
  };
  // The one that has been handed to the session, or, with its `message`, waits for its permit.
  struct Current {
    ClaimedWelcome claimed;
    std::optional<Secret> verifier;
    std::optional<OutgoingMessage> message;
  };

  bool may_send();
  Next hand_over();
  ClaimResult claim(const Waiting& waiting);
  OutgoingMessage prepare(Current& current);
  void give_back(const std::string& why, std::chrono::seconds retry_after);

  const WelcomeEnvironment& environment_;
  const WelcomeSettings& settings_;
  const WelcomeWay way_;
  MailPreparation preparation_;
  LeaseKeeper lease_;
  RelayGate gate_;
  std::deque<Waiting> waiting_;
  std::optional<Current> current_;
  std::vector<Pin> pins_seen_;
  std::vector<RowOutcome> outcomes_;
};

}  // namespace dialin
