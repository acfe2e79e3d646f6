// SPDX-License-Identifier: Apache-2.0
#include "command/welcome_workplace.h"

#include <fmt/format.h>

#include "base/error.h"
#include "command/notice_settings.h"

namespace dialin {

class WelcomeWorkplace::Observer final : public WelcomeObserver {
 public:
  Observer(Streams& streams, bool verbose) : streams_(streams), verbose_(verbose) {}
  void say(const std::string& sentence) override {
    if (progress_ != nullptr)
      progress_->say(sentence);
    else
      streams_.write_error(sentence + "\n");
  }
  void trace(const std::string& line) override {
    if (verbose_) say(line);
  }
  void speak_above(Progress* progress) { progress_ = progress; }
  bool wants_trace() const override { return verbose_; }

 private:
  Streams& streams_;
  bool verbose_;
  Progress* progress_ = nullptr;
};

PinHashCost pin_hash_cost(const Configuration& configuration) {
  return {.memory_kib = configuration.pin.hash_memory_kib, .passes = configuration.pin.hash_passes};
}

WelcomeSettings welcome_settings(const Configuration& configuration, Store* store, const TypedLimits& typed) {
  WelcomeSettings settings;
  settings.policy_of = [policies = store != nullptr ? store->policies().policies()
                                                    : PolicySet()](const Person& person) {
    return policies.of(person.site, person.pin_policy).policy;
  };
  settings.generated_length = static_cast<unsigned>(configuration.pin.generated_length.value_or(0));
  settings.hash_cost = pin_hash_cost(configuration);
  settings.lease = configuration.queue.lease;
  settings.max_queue_time = configuration.queue.max_queue_time;
  settings.retry_pause = configuration.queue.retry_pause;
  settings.give_up_after = configuration.queue.give_up_after;
  settings.organisation_of = [&configuration](const Person& person) {
    const OrganisationSettings organisation = configuration.for_site(person.site).organisation;
    return OrganisationValues{organisation.name, organisation.settings_page_url, organisation.support_contact,
                              organisation.logo_text};
  };
  settings.notice_template_of = notice_templates(configuration);
  settings.trust_of = [&configuration](const WelcomeWay& way) { return trust_of(configuration, way); };
  settings.limit_of = [&configuration, typed](const WelcomeWay& way) {
    return stated_limit(configuration, way, typed).limit;
  };
  settings.connections_of = [&configuration, typed](const WelcomeWay& way) {
    return stated_limit(configuration, way, typed).connections;
  };
  return settings;
}

WelcomeWorkplace::WelcomeWorkplace(CommandContext& context, Store& store, Passwords* passwords, bool verbose,
                                   const TypedLimits& typed)
    : observer_(std::make_unique<Observer>(context.streams, verbose)),
      settings_(welcome_settings(context.configuration, &store, typed)) {
  environment_ = std::unique_ptr<WelcomeEnvironment>(new WelcomeEnvironment{
      .store = store,
      .open_store =
          [&context] {
            auto opened = context.open_store(OpenMode::MustExist);
            if (!opened) throw Error(ErrorCode::Unavailable, "the store is not there any more");
            return opened;
          },
      .transport = context.transport,
      .password_of =
          [passwords](const WelcomeWay& way) {
            return passwords != nullptr ? passwords->of(way) : std::shared_ptr<const Secret>();
          },
      .clock = context.clock,
      .random = context.random,
      .checkpoints = context.checkpoints,
      .observer = *observer_,
      .by = context.by,
      .interrupted = context.interrupted,
      .wait = context.wait,
  });
  settings_.notice_sender_of =
      notice_senders(context, [this](const std::string& sentence) { observer_->say(sentence); });
}

WelcomeWorkplace::~WelcomeWorkplace() = default;

void WelcomeWorkplace::speak_above(Progress* progress) {
  observer_->speak_above(progress);
}

}  // namespace dialin
