// SPDX-License-Identifier: Apache-2.0
// What all sessions of one submit() share.
#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <optional>

#include "mail/mail_transport.h"
#include "mail/smtp/timeouts.h"
#include "mail/smtp/tls.h"

namespace dialin::smtp {

struct Submission {
  // `bears`: what the server was seen to bear before.
  Submission(const SubmissionServer& server, Pipelining bears, const Timeouts& timeouts,
             const ProtocolTrace& trace, const std::function<bool()>& cancelled)
      : server(server),
        timeouts(timeouts),
        trace(trace),
        cancelled(cancelled),
        pipelining(std::min(server.pipelining, bears)) {
    if (server.access_token) token_thread.emplace(1);
  }

  void bear_at_most(Pipelining most) { pipelining = std::min(pipelining, most); }
  bool is_cancelled() const { return cancelled && cancelled(); }

  boost::asio::io_context io{1};
  const SubmissionServer& server;
  const Timeouts& timeouts;
  const ProtocolTrace& trace;
  const std::function<bool()>& cancelled;
  TlsContext tls{server};
  // In force for sessions to come: the server's, until it turns out not to bear it.
  Pipelining pipelining;
  // Where access_token is asked, which may take seconds: sessions go on meanwhile.
  std::optional<boost::asio::thread_pool> token_thread;
};

}  // namespace dialin::smtp
