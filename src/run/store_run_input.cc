// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <set>

#include "base/encoding.h"
#include "base/text.h"
#include "run/run_input.h"
#include "welcome/kept_pins.h"

namespace dialin {
namespace {

constexpr std::size_t PageSize = 500;

class StoreRunInput final : public RunInput {
 public:
  StoreRunInput(Store& store, PeopleSelection selection)
      : store_(store),
        selection_(std::move(selection)),
        region_(fold_case(selection_.region)),
        site_(fold_case(selection_.site)) {
    if (selection_.not_meeting_policy_at) {
      not_meeting_.emplace();
      for (const Person& person : pins_not_meeting_policy(store, *selection_.not_meeting_policy_at).people)
        not_meeting_->insert(person.id);
    }
  }

  std::optional<RunInputRow> next() override {
    for (;;) {
      if (position_ == page_.size() && !next_page()) return std::nullopt;
      Person& person = page_[position_++];
      if (!is_selected(person)) continue;
      RunInputRow row;
      row.line = ++rows_;
      row.identity = person.sip_address.uri();
      row.person = std::move(person);
      return row;
    }
  }

  const std::vector<UnknownColumn>& unknown_columns() const override { return unknown_columns_; }

  std::string digest() const override {
    // Lengths, so that no region can read like another selection.
    return sha256_hex(fmt::format("people{}{} {}:{} {}:{}", selection_.pin_not_set ? " without a PIN" : "",
                                  not_meeting_ ? " not meeting their policy" : "", region_.size(), region_,
                                  site_.size(), site_));
  }

 private:
  bool next_page() {
    if (last_page_) return false;
    page_ = store_.people().list(after_, PageSize);
    position_ = 0;
    last_page_ = page_.size() < PageSize;
    if (!page_.empty()) after_ = page_.back().sip_address.key();
    return !page_.empty();
  }

  bool is_selected(const Person& person) {
    if (!person.enabled) return false;
    if (!region_.empty() && fold_case(person.region) != region_) return false;
    if (!site_.empty() && fold_case(person.site) != site_) return false;
    if (not_meeting_ && !not_meeting_->contains(person.id)) return false;
    return !selection_.pin_not_set || !store_.pins().pin_of(person.id).verifier;
  }

  Store& store_;
  PeopleSelection selection_;
  std::string region_;
  std::string site_;
  std::optional<std::set<PersonId>> not_meeting_;
  std::vector<Person> page_;
  std::size_t position_ = 0;
  bool last_page_ = false;
  std::string after_;
  std::int64_t rows_ = 0;
  std::vector<UnknownColumn> unknown_columns_;  // never any
};

}  // namespace

std::unique_ptr<RunInput> store_run_input(Store& store, PeopleSelection selection) {
  return std::make_unique<StoreRunInput>(store, std::move(selection));
}

}  // namespace dialin
