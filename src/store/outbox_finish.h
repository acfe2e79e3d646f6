// SPDX-License-Identifier: Apache-2.0
// What ends rows of the outbox without a mail server: a newer decision about the person, and time.
#pragma once

#include "store/outbox_rows.h"

namespace dialin {

// The person's unfinished welcome becomes superseded, unless it is being sent under a live lease: that one's
// outcome finds the version changed. The caller has locked the person. `because` in words: "the PIN was set".
void supersede_welcome(WriteTransaction& transaction, const PersonId& person, const Operator& by,
                       const char* because, const WelcomeId& except = {});

// Copies that show a PIN which is no longer the person's, unless they are being sent.
void supersede_copies(WriteTransaction& transaction, const PersonId& person, const Operator& by,
                      const char* because);

// A welcome whose version is no longer the person's, found when somebody wants to go on with it.
void supersede_row(WriteTransaction& transaction, OutboxRow& row, const Operator& by, const char* because);

// An uncertain welcome that is older than seven days fails.
bool is_old_uncertain(const OutboxRow& row, Timestamp now);
void fail_old_uncertain(WriteTransaction& transaction, OutboxRow& row);
// All of them but those that somebody else holds.
void finish_old_uncertain(WriteTransaction& transaction);

// Who is named in the audit trail for what time does.
Operator nobody();

}  // namespace dialin
