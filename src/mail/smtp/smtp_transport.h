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
// cannot belong to it gets one command at a time from then on, and one that gives no reply to a content with
// which the next envelope went, each envelope after the reply to the content before it: as long as this
// object lives, because a run makes many calls. No content is ever sent twice by any of that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

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
  using Address = std::pair<std::string, std::uint16_t>;
  Pipelining borne_by(const Address& server) const;
  void note(const Address& server, Pipelining bears);

  const smtp::Timeouts timeouts_;
  mutable std::mutex mutex_;
  std::map<Address, Pipelining> borne_;  // by servers that do not bear what they offer
};

}  // namespace dialin
