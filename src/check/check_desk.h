// SPDX-License-Identifier: Apache-2.0
// Where questions of telephone systems are answered, whichever way they come: one desk a worker thread, each
// with a store of its own, all with one throttle and one knowledge of whether the store can be asked.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/error.h"
#include "check/check_engine.h"
#include "check/check_request.h"

namespace dialin {

struct CheckReply {
  enum class Kind {
    Word,       // `word`
    Throttled,  // nothing was looked at
    Unknown,    // it could not be found out
  };
  Kind kind = Kind::Unknown;
  CheckWord word = CheckWord::IncorrectPin;
  std::chrono::seconds retry_after{1};
};

// A store that is away is not asked again by everybody at once: each would wait for it, and the callers with
// them. Any thread.
class StoreHealth {
 public:
  // `say` gets a sentence when the store goes away and when it is back.
  StoreHealth(const Clock& clock, std::function<void(const std::string&)> say)
      : clock_(clock), say_(std::move(say)) {}
  // How long nobody asks; none: ask.
  std::optional<std::chrono::seconds> rest() const;
  void failed(const Error& error);
  void answered();

 private:
  const Clock& clock_;
  std::function<void(const std::string&)> say_;
  mutable std::mutex mutex_;
  std::optional<SteadyTime> away_until_;
};

class CheckDesk {
 public:
  CheckDesk(std::unique_ptr<Store> store, PinHasher& hasher, CheckRules rules, CheckThrottle& throttle,
            StoreHealth& health, Operator by)
      : store_(std::move(store)),
        engine_(*store_, hasher, std::move(rules), &throttle, std::move(by)),
        health_(health) {}

  // Never throws: what cannot be done is Unknown. `address`: of the telephone system.
  CheckReply answer(const CheckRequest& request, const std::string& address);

 private:
  std::unique_ptr<Store> store_;
  CheckEngine engine_;
  StoreHealth& health_;
};

}  // namespace dialin
