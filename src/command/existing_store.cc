// SPDX-License-Identifier: Apache-2.0
#include "command/existing_store.h"

#include <fmt/format.h>

#include "base/error.h"

namespace dialin {

std::unique_ptr<Store> existing_store(CommandContext& context) {
  std::unique_ptr<Store> store = context.open_store(OpenMode::MustExist);
  if (!store) {
    throw Error(
        ErrorCode::NotFound,
        fmt::format("there is no store yet: nothing was found in {} ({})",
                    context.data_place.directory.string(), context.data_place.reason),
        "`dialin people import FILE.csv` or `dialin people add` makes it; `dialin status` shows which places "
        "are used and why.");
  }
  return store;
}

}  // namespace dialin
