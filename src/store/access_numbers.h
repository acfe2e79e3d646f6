// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/store.h"
#include "store/store_context.h"

namespace dialin {

class SociNumberStore final : public NumberStore {
 public:
  explicit SociNumberStore(StoreContext& context) : context_(context) {}

  Import import(const std::vector<AccessNumber>& numbers, ImportMode mode, const Operator& by) override;
  std::vector<AccessNumber> of_region(const std::string& region) override;
  std::vector<EmptyRegion> empty_regions() override;
  void create(const AccessNumber& number, const Operator& by) override;
  void change(const PhoneNumber& line, const AccessNumberChanges& changes, const Operator& by) override;
  bool remove(const PhoneNumber& line, const Operator& by) override;
  void reorder(const PhoneNumber& line, const std::string& region, std::size_t place,
               const Operator& by) override;
  std::vector<DtmfConfiguration> dtmf() override;
  void change_dtmf(const ScopeIdentity& identity, const DtmfChanges& changes, const Operator& by) override;
  bool reset_dtmf(const ScopeIdentity& identity, const Operator& by) override;

 private:
  StoreContext& context_;
};

// Locks all numbers, whose addresses must be unique.
void lock_numbers(WriteTransaction& transaction);
std::vector<AccessNumber> read_numbers(SociSession& sql);  // by priority
std::vector<AccessNumber> numbers_of_region(SociSession& sql, const std::string& region);
bool has_region(const AccessNumber& number, const std::string& region);
void write_number(SociSession& sql, const AccessNumber& number);

}  // namespace dialin
