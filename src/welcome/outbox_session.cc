// SPDX-License-Identifier: Apache-2.0
#include "welcome/outbox_session.h"

#include <fmt/format.h>

#include "welcome/failure_policy.h"

namespace dialin {
namespace {

TlsMode tls_mode(WelcomeWay::Tls tls) {
  switch (tls) {
    case WelcomeWay::Tls::Opportunistic:
      return TlsMode::Opportunistic;
    case WelcomeWay::Tls::Required:
      return TlsMode::Required;
    case WelcomeWay::Tls::Implicit:
      return TlsMode::Implicit;
  }
  return TlsMode::Required;
}

// As the store compares senders: without case.
bool same_mailbox(const std::string& a, const std::string& b) {
  const auto first = Mailbox::parse(a);
  const auto second = Mailbox::parse(b);
  return first && second ? *first == *second : a == b;
}

}  // namespace

SubmissionServer submission_server(const WelcomeWay& way, const WelcomeSettings& settings,
                                   std::shared_ptr<const Secret> password) {
  SubmissionServer server;
  server.host = way.server;
  server.port = way.port;
  server.tls = tls_mode(way.tls);
  ServerTrust trust = settings.trust_of(way);
  server.ca_file = std::move(trust.ca_file);
  server.fingerprint = std::move(trust.fingerprint);
  server.helo_name = std::move(trust.helo_name);
  server.pipelining = trust.pipelining;
  server.user = way.user;
  server.password = std::move(password);
  server.access_token = std::move(trust.access_token);
  server.allow_insecure_auth = trust.allow_insecure_auth;
  return server;
}

bool covers(const Pause& pause, const WelcomeWay& way, const std::string& sender) {
  return pause.server == way.server && pause.port == way.port && pause.user == way.user &&
         (pause.sender.empty() || same_mailbox(pause.sender, sender));
}

std::string describe(const Pause& pause) {
  std::string what;
  switch (pause.reason) {
    case Pause::Reason::Password:
      what = fmt::format("the mail server {}:{} did not accept the password of {}", pause.server, pause.port,
                         pause.user);
      break;
    case Pause::Reason::SenderRefused:
      what = fmt::format("the mail server {}:{} does not let {} send as {}", pause.server, pause.port,
                         pause.user.empty() ? "a client without -Credential" : pause.user, pause.sender);
      break;
    case Pause::Reason::ServerAway:
      what = fmt::format("the mail server {}:{} could not be reached", pause.server, pause.port);
      break;
    case Pause::Reason::Quota:
      what = fmt::format("the mail server {}:{} accepts no more mail for now", pause.server, pause.port);
      break;
  }
  return fmt::format("{} (paused since {}; {})", what, to_rfc3339(pause.since), pause.words);
}

std::string how_to_end(const Pause& pause) {
  switch (pause.reason) {
    case Pause::Reason::Password:
      return "Nothing is lost: type the same command again with the right password (-Credential USER asks "
             "for it), or "
             "correct the file that it comes from.";
    case Pause::Reason::SenderRefused:
      return "Nothing is lost: type the same command again with -Credential of an account that may send as "
             "that "
             "address, or with another -From.";
    case Pause::Reason::ServerAway:
    case Pause::Reason::Quota:
      return "Nothing is lost: run `dialin deliver` later.";
  }
  return {};
}

ErrorCode code_of(const Pause& pause) {
  return pause.reason == Pause::Reason::Password ? ErrorCode::Unauthenticated : ErrorCode::TryAgain;
}

WayAccess access_to(const WelcomeEnvironment& environment, const WelcomeWay& way) {
  WayAccess access;
  if (!way.user.empty()) {
    access.password = environment.password_of(way);
    if (!access.password) {
      access.password_missing = true;
      return access;
    }
    access.stamp = environment.store.credential_stamp(*access.password);
  }
  for (Pause& pause : environment.store.outbox().pauses()) {
    if (!pause.sender.empty() || !covers(pause, way, {})) continue;
    if (pause.reason == Pause::Reason::Password && pause.credential_stamp != access.stamp) {
      environment.store.outbox().end_pause(pause.id, environment.by);
      continue;
    }
    access.pause = std::move(pause);
    break;
  }
  return access;
}

void pause_deliveries(const WelcomeEnvironment& environment, Pause& pause) {
  if (pause.reason == Pause::Reason::Quota) pause.until = environment.clock.now() + QuotaPause;
  environment.store.outbox().pause(pause, environment.by);
}

std::optional<Pause> pause_after(const WelcomeEnvironment& environment, const WelcomeWay& way,
                                 const Delivery& problem, const std::string& stamp) {
  if (problem.scope != DeliveryScope::Session) return std::nullopt;
  std::optional<Pause> pause = pause_for(problem, way, {});
  if (!pause) return std::nullopt;
  if (pause->reason == Pause::Reason::Password) pause->credential_stamp = stamp;
  pause_deliveries(environment, *pause);
  return pause;
}

SessionReport run_session(const WelcomeEnvironment& environment, const WelcomeSettings& settings,
                          const WelcomeWay& way, const std::vector<WelcomeId>& ids, ClaimReason reason) {
  SessionReport report;
  WayAccess access = access_to(environment, way);
  report.password_missing = access.password_missing;
  report.pause = std::move(access.pause);
  if (report.password_missing || report.pause) return report;

  OutboxStream stream(environment, settings, way);
  for (const WelcomeId& id : ids) stream.add(id, reason);
  report.used_up_until = stream.used_up_until();
  if (report.used_up_until || !stream.wait_for_connection()) return report;
  environment.checkpoints.reach("before-session");
  SubmissionServer server = submission_server(way, settings, access.password);
  // The stream holds one welcome at a time, and knows of copies only when it was accepted.
  if (server.pipelining == Pipelining::Across) server.pipelining = Pipelining::Message;
  report.problem = environment.transport.submit(server, stream, stream.trace(), environment.interrupted);
  stream.give_back_unsent();
  report.used_up_until = stream.used_up_until();
  if (report.problem) {
    if (report.problem->problem == SessionProblem::TooBusy) stream.too_busy();
    report.problem->text = stream.blot(report.problem->text);
    pause_after(environment, way, *report.problem, access.stamp);
  }
  report.outcomes = stream.take_outcomes();
  return report;
}

}  // namespace dialin
