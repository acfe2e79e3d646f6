// SPDX-License-Identifier: Apache-2.0
// The outbox on SOCI; split over outbox_*.cc by subject.
#pragma once

#include "store/store.h"
#include "store/store_context.h"

namespace dialin {

struct OutboxRow;

class SociOutbox final : public Outbox {
 public:
  explicit SociOutbox(StoreContext& context) : context_(context) {}

  IssueResult issue(const NewWelcome& welcome, const Operator& by) override;
  std::optional<WelcomeRow> get(const WelcomeId& id) override;
  std::optional<WelcomeRow> unfinished_of(const PersonId& person) override;
  std::optional<WelcomeRow> latest_of(const PersonId& person) override;
  std::optional<WelcomeRow> unreported(const PersonId& person, const Operator& by,
                                       const std::string& command_hash, Timestamp since) override;
  void mark_reported(const WelcomeId& id) override;
  ContentChange change_content(const WelcomeId& id, const WelcomeContent& content,
                               const std::string& template_text, const Pin* pin,
                               const std::vector<SharerVersion>& sharers, const std::string& command_hash,
                               const Operator& by) override;
  void change_way(const WelcomeId& id, const WelcomeWay& way, const Operator& by) override;
  std::optional<bool> has_pin(const WelcomeId& id, const Pin& pin) override;

  std::vector<WelcomeId> due(std::size_t limit) override;
  std::vector<WelcomeId> paused(std::size_t limit) override;
  LaterAttempts not_yet_due() override;
  std::vector<WelcomeId> copies_of(const WelcomeId& id) override;
  ClaimResult claim(const WelcomeId& id, ClaimReason reason, const ProcessIdentity& owner,
                    std::chrono::seconds lease) override;
  std::vector<ClaimResult> claim_many(const std::vector<WelcomeId>& ids, ClaimReason reason,
                                      const ProcessIdentity& owner, std::chrono::seconds lease) override;
  std::vector<WelcomeId> renew_many(const std::vector<Claimed>& claims, std::chrono::seconds lease) override;
  std::vector<RecordResult> record(const std::vector<AttemptRecord>& records, const Operator& by) override;
  CancelResult cancel(const PersonId& person, const Operator& by) override;
  std::size_t sweep(std::chrono::seconds max_queue_time) override;

  void pause(const Pause& pause, const Operator& by) override;
  std::vector<Pause> pauses() override;
  void end_pause(const std::string& pause_id, const Operator& by) override;

 private:
  // Nothing for a row that is not there.
  std::vector<std::optional<ClaimResult>> claim_those_there_are(const std::vector<WelcomeId>& ids,
                                                                ClaimReason reason,
                                                                const ProcessIdentity& owner,
                                                                std::chrono::seconds lease);

  StoreContext& context_;
};

}  // namespace dialin
