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

 private:
  StoreContext& context_;
};

}  // namespace dialin
