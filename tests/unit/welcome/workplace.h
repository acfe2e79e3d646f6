// SPDX-License-Identifier: Apache-2.0
// Everything that a pipeline works with, as fakes: a clock that stands, a store that knows only what a test
// sets, a mail server that takes everything.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/fake_clock.h"
#include "support/fake_mail_transport.h"
#include "support/fake_random.h"
#include "unit/welcome/fake_store.h"
#include "welcome/welcome_settings.h"

namespace dialin::test {

class Workplace : public testing::Test {
 protected:
  class KeptWords final : public WelcomeObserver {
   public:
    bool verbose = false;
    std::vector<std::string> traced;

    void say(const std::string&) override {}
    void trace(const std::string& line) override { traced.push_back(line); }
    bool wants_trace() const override { return verbose; }
  };

  static ClaimedWelcome claimed(const std::string& id, const char* pin = "73519") {
    const Mailbox to = *Mailbox::parse(id + "@contoso.com");
    ClaimedWelcome welcome{
        .row = {.id = id, .content = {.to = to, .from = *Mailbox::parse("m@contoso.com")}},
        .person = {.id = "person of " + id, .sip_address = *SipAddress::parse("sip:" + id + "@contoso.com")}};
    welcome.row.person = welcome.person.id;
    welcome.row.way = way();
    welcome.claim_id = "claim of " + id;
    welcome.pin = Pin::parse(pin);
    return welcome;
  }
  static WelcomeWay way() { return {.server = "mail.contoso.com"}; }

  FakeStore store_;
  FakeMailTransport server_;
  FakeClock clock_;
  FakeRandom random_{1};
  Checkpoints checkpoints_;
  KeptWords observer_;
  WelcomeSettings settings_;
  std::atomic<bool> interrupted_ = false;
  WelcomeEnvironment environment_{
      .store = store_,
      .open_store = [] { return std::make_unique<FakeStore>(); },
      .transport = server_,
      .password_of = [](const WelcomeWay&) { return nullptr; },
      .clock = clock_,
      .random = random_,
      .checkpoints = checkpoints_,
      .observer = observer_,
      .by = {.name = "marco", .origin = "test"},
      .interrupted = [this] { return interrupted_.load(); },
      .wait = [](std::chrono::milliseconds) {},
  };
};

}  // namespace dialin::test
