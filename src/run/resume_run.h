// SPDX-License-Identifier: Apache-2.0
// What a person ends who resumes a run: its own pause, and those of the mail servers that its rows go to.
#pragma once

#include "store/store.h"
#include "welcome/welcome_settings.h"

namespace dialin {

// Error(NotFound) for an unknown run, Error(Precondition) for one that is being staged, finished or
// cancelled. A refused password is then tried once more, whether it is another one or not.
void resume_run(const WelcomeEnvironment& environment, const RunId& run);

}  // namespace dialin
