// SPDX-License-Identifier: Apache-2.0
// Heads of this host's chain, signed and sent to the journal.
#pragma once

#include "store/store_context.h"

namespace dialin {

// After so many lines, or so long after the last one, the next line makes a head.
inline constexpr std::int64_t kLinesAHead = 1000;
inline constexpr std::chrono::hours kTimeAHead{1};

// Signs the chain's end within the transaction, if a head is due. True: send_heads() after the commit.
bool sign_if_due(WriteTransaction& transaction, const ChainEnd& end);

// The same whether or not it is due; nothing if no line was written since the last head.
bool sign_now(WriteTransaction& transaction, const ChainEnd& end);

// Sends the heads of this host that the journal has not got, oldest first, as far as it takes them. What
// stands in the way is tried again with the next head: the lines are committed already, and nobody is told
// that they were not.
void send_heads(StoreContext& context) noexcept;

const SigningKey& signing_key(StoreContext& context);

}  // namespace dialin
