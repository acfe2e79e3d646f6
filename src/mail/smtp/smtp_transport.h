// SPDX-License-Identifier: Apache-2.0
// MailTransport by SMTP submission (RFC 6409, RFC 5321): Dialin's own client.
//
// Each call of submit() runs on the calling thread with connections of its own, all on that thread; one
// object may be used by several threads at once. Names are looked up by the system's resolver in a thread of
// their own, which `cancelled` cannot hurry: a dead name server may hold submit() for as long as resolv.conf
// says, and so may access_token.
//
// How many connections there are, and when, mail/smtp/session_pool.h says. When the server closes an idle
// one, or has refused so many recipients in a row that it will slow down or close (Postfix: 10 and 20
// errors), the next message goes over a new one. A server that answers a group of commands with replies that
// cannot belong to it gets one command at a time for the rest of the submit(). No content is ever sent twice
// by any of that.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "mail/mail_transport.h"
#include "mail/smtp/timeouts.h"

namespace dialin {

class SmtpTransport final : public MailTransport {
 public:
  explicit SmtpTransport(const smtp::Timeouts& timeouts = {}) : timeouts_(timeouts) {}

  // Throws Error(Configuration) for a server that cannot be used as written (ca_file, fingerprint,
  // helo_name), Error(Internal) for a message with octets that must not be sent, after its finished(); and
  // what `stream` throws.
  std::optional<Delivery> submit(const SubmissionServer& server, MessageStream& stream,
                                 const ProtocolTrace& trace, const std::function<bool()>& cancelled) override;

  ProbeResult probe(const SubmissionServer& server, std::size_t message_size, const ProtocolTrace& trace,
                    const std::function<bool()>& cancelled) override;

 private:
  const smtp::Timeouts timeouts_;
};

}  // namespace dialin
