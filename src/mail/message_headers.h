// SPDX-License-Identifier: Apache-2.0
// The headers of a message as they are written, encoded (RFC 2047) and folded, by GMime. Each line ends with
// CRLF. Any thread.
#pragma once

#include <string>

#include "mail/message_mould.h"

namespace dialin {

struct FixedHeaders {
  std::string message;  // From, Cc, Reply-To and the like, MIME-Version, Content-Type
  std::string text;     // of the parts, if there are two
  std::string html;
  std::string boundary;  // 128 random bits behind "=-"
};

FixedHeaders fixed_headers(const SharedHeaders& headers, BodyForm form);
// Date, To, Subject, Message-Id.
std::string own_headers(const OwnHeaders& headers);

}  // namespace dialin
