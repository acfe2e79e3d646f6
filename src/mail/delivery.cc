// SPDX-License-Identifier: Apache-2.0
#include "mail/delivery.h"

#include <fmt/format.h>

namespace dialin {

std::string describe(const Delivery& delivery) {
  std::string words = delivery.text;
  if (!delivery.enhanced_code.empty()) words = delivery.enhanced_code + (words.empty() ? "" : " ") + words;
  if (delivery.reply_code != 0)
    words = fmt::format("{}{}{}", delivery.reply_code, words.empty() ? "" : " ", words);

  if (delivery.result == DeliveryResult::Accepted) {
    return fmt::format("{} accepted the message: {}", delivery.server, words);
  }
  if (delivery.result == DeliveryResult::Unknown) {
    return fmt::format("{} was sent the whole message and did not answer ({}); it may have arrived",
                       delivery.server, words);
  }
  if (delivery.reply_code != 0)
    return fmt::format("{} answered to {}: {}", delivery.server, delivery.during, words);
  // "connecting to mail.contoso.com:25" names the server already.
  if (delivery.server.empty() || delivery.during.find(delivery.server) != std::string::npos) {
    return fmt::format("{}: {}", delivery.during, words);
  }
  return fmt::format("{}, {}: {}", delivery.server, delivery.during, words);
}

}  // namespace dialin
