// SPDX-License-Identifier: Apache-2.0
// Takes secrets out of what a server says: servers quote what they did not understand, and refuse with words
// that hold the line they refuse.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace dialin::smtp {

class Redactor {
 public:
  // `secret` itself and its base64 form; the empty text is ignored.
  void hide(std::string_view secret);
  void hide(const Secret& secret);
  // Every occurrence becomes "<redacted>".
  void clean(std::string& text) const;

 private:
  std::vector<Secret> hidden_;
};

}  // namespace dialin::smtp
