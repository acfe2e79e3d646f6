// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/redactor.h"

#include "base/encoding.h"

namespace dialin::smtp {

void Redactor::hide(std::string_view secret) {
  if (secret.empty()) return;
  std::string coded = to_base64(secret);
  hidden_.emplace_back(secret);
  hidden_.emplace_back(coded);
  wipe(coded);
}

void Redactor::hide(const Secret& secret) {
  hide(secret.reveal(ClearSecretAccess()));
}

void Redactor::clean(std::string& text) const {
  constexpr std::string_view replacement = "<redacted>";
  for (const Secret& secret : hidden_) {
    const std::string_view clear = secret.reveal(ClearSecretAccess());
    for (std::size_t at = text.find(clear); at != std::string::npos;
         at = text.find(clear, at + replacement.size())) {
      text.replace(at, clear.size(), replacement);
    }
  }
}

}  // namespace dialin::smtp
