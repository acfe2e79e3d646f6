// SPDX-License-Identifier: Apache-2.0
// Where the threads of a pipeline meet: rows wait here to be prepared, for a session that is ready for them,
// and to be recorded. Towards the transport it is the stream of messages.
//
// One thread (the store's) puts rows in and takes what became of them; any number prepare; one submits.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "mail/mail_transport.h"
#include "mail/welcome_template.h"
#include "welcome/lease_keeper.h"
#include "welcome/relay_gate.h"
#include "welcome/welcome_settings.h"

namespace dialin {

// A claimed row on its way through the pipeline.
struct RowInFlight {
  ClaimedWelcome claimed;
  SharedList<AccessNumberValue> numbers;
  SharedList<WelcomeValues::TelephoneCommand> commands;
  std::optional<OutgoingMessage> message = {};
  std::optional<Secret> verifier = {};
};

// What became of it.
struct EndOfRow {
  std::unique_ptr<RowInFlight> row;
  std::optional<Delivery> delivery;  // the server's answer, or why the session failed
  std::optional<Error> error;        // its mail could not be made
  // Neither: it was not handed to a session.
};

class MailExchange final : public MessageStream {
 public:
  // So many rows are taken to be recorded together at most.
  static constexpr std::size_t MostTogether = 32;

  // All outlive it.
  // `most_unrecorded`: no message is handed out while so many are on the wire or have ended without
  // recorded() having been called for them; a kill leaves no more than that in doubt.
  MailExchange(const WelcomeEnvironment& environment, RelayGate& gate, LeaseKeeper& leases,
               std::size_t most_unrecorded);

  // ---- The store's thread ----
  void put(std::unique_ptr<RowInFlight> row);
  // There will be no more rows.
  void no_more();
  // No further row is handed out; those that were not come back as ends without delivery.
  void stop();
  // A session has asked for a message.
  bool session_is_ready() const;
  std::size_t in_flight() const;  // put, and not taken as an end
  std::size_t unsent() const;     // put, and not given to a session yet
  // Wakes the sessions: a permit's time has come, or more connections may be open.
  void wake_sessions();
  // Waits until there is something for the store's thread to do, at most until `until`: `group` ends, the
  // oldest of them old enough, or none left in flight; a session that became ready or was refused a permit;
  // submit() came back.
  void wait(SteadyTime until, std::size_t group, std::chrono::milliseconds oldest);
  // What has ended, if there are `group` of them or the oldest is old enough, or in any case, if `all`.
  std::vector<EndOfRow> take_ends(std::size_t group, std::chrono::milliseconds oldest, bool all);
  // What was taken stands in the store.
  void recorded();
  // Problems of single sessions since the last call.
  std::vector<Delivery> take_problems();
  std::vector<std::string> take_trace();
  // `words` without the PINs of all rows in flight.
  std::string blot(std::string words) const;

  // ---- The preparing threads ----
  // The next row to be prepared; null: there will be none.
  std::unique_ptr<RowInFlight> take_unprepared();
  void prepared(std::unique_ptr<RowInFlight> row);
  void failed(std::unique_ptr<RowInFlight> row, const Error& error);

  // ---- The submitting thread ----
  void submit_ended();
  ProtocolTrace trace();
  void set_wake(std::function<void()> wake) override;
  Next next() override;
  bool may_write(const std::string& id) override;
  void finished(const std::string& id, const Delivery& delivery) override;
  int connection_limit() override;
  void connections_open(int count) override;
  void session_problem(const Delivery& problem) override;

 private:
  struct End {
    EndOfRow end;
    SteadyTime at;
  };

  void add_end(EndOfRow end);  // mutex held
  bool ends_are_due(std::size_t group, std::chrono::milliseconds oldest, SteadyTime now) const;

  const WelcomeEnvironment& environment_;
  RelayGate& gate_;
  LeaseKeeper& leases_;
  const std::size_t most_unrecorded_;

  mutable std::mutex mutex_;
  std::condition_variable for_store_;
  std::condition_variable for_preparation_;
  std::function<void()> wake_;
  std::deque<std::unique_ptr<RowInFlight>> unprepared_;
  std::deque<std::unique_ptr<RowInFlight>> ready_;
  std::map<WelcomeId, std::unique_ptr<RowInFlight>> on_the_wire_;
  std::deque<End> ends_;
  std::size_t being_prepared_ = 0;
  std::size_t being_recorded_ = 0;
  std::vector<Delivery> problems_;
  std::vector<std::string> trace_;
  std::vector<Pin> pins_;  // of the rows in flight, for blotting; by no order
  bool session_ready_ = false;
  bool attention_ = false;  // something for the store's thread
  bool no_more_ = false;
  bool stopped_ = false;
  bool submit_ended_ = false;
};

}  // namespace dialin
