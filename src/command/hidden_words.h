// SPDX-License-Identifier: Apache-2.0
// What the build and the shells' completion ask the program, and no help tells of: texts made of the table.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "shell/streams.h"

namespace dialin {

// True: `words` were one of these, and are answered.
//   help --names                        the cmdlets' names, one a line, for the links
//   help --manual-pages FOLDER DATE     writes man1/ and man5/ there
//   complete                            what the last word of a line may become (shell/completion.h); the
//   line's
//                                       words come by standard input, each ended by NUL, because there may be
//                                       a PIN among them, and arguments can be read by everybody
bool answer_hidden_words(std::span<const std::string> words, std::string_view version, Streams& streams);

}  // namespace dialin
