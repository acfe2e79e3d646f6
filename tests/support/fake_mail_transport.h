// SPDX-License-Identifier: Apache-2.0
// A mail server that a test scripts: what it answers to each session and message, and what happens meanwhile.
//
// It asks the stream exactly as a real transport does: next() when the session is ready, may_write() before
// content, finished() once for every message that was taken, before an error of the stream comes out of
// submit() too; where there is no message now, or no connection may be open, it waits until it is woken. One
// session at a time. Without a script everything is accepted.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "mail/mail_transport.h"

namespace dialin::test {

// A mail that lies in a mailbox: its content reached the server, which took it.
struct ArrivedMail {
  std::string id;  // of the outbox row
  std::string envelope_sender;
  std::string recipient;
  std::string content;
  TlsMode tls;
};

// What the server does with one message.
struct ServerAnswer {
  Delivery delivery;
  bool after_content = true;  // false: said at MAIL or RCPT, no content is written
  bool arrives = false;       // the mail lies in the mailbox, whatever is heard of it
};

inline Delivery reply(DeliveryResult result, DeliveryScope scope, int code, const std::string& text,
                      const std::string& during) {
  Delivery delivery;
  delivery.result = result;
  delivery.scope = scope;
  delivery.reply_code = code;
  delivery.text = text;
  delivery.during = during;
  delivery.server = "mail.contoso.com:25";
  return delivery;
}

inline ServerAnswer accepted(const std::string& text = "queued as 4XkF") {
  return {reply(DeliveryResult::Accepted, DeliveryScope::None, 250, text, "end of content"), true, true};
}
// The reply is lost after the last octet.
inline ServerAnswer reply_lost(bool arrives) {
  Delivery delivery =
      reply(DeliveryResult::Unknown, DeliveryScope::None, 0, "the connection was lost", "end of content");
  delivery.problem = SessionProblem::Unreachable;
  return {std::move(delivery), true, arrives};
}
inline ServerAnswer refused_recipient(const std::string& text = "no such user") {
  return {reply(DeliveryResult::Refused, DeliveryScope::Recipient, 550, text, "RCPT TO"), false, false};
}
inline ServerAnswer deferred_recipient(const std::string& text = "mailbox busy") {
  return {reply(DeliveryResult::Deferred, DeliveryScope::Recipient, 450, text, "RCPT TO"), false, false};
}
inline ServerAnswer refused_content(const std::string& text = "looks like spam") {
  return {reply(DeliveryResult::Refused, DeliveryScope::Content, 554, text, "end of content"), true, false};
}
inline ServerAnswer refused_sender(const std::string& text = "not owned by user") {
  return {reply(DeliveryResult::Deferred, DeliveryScope::Sender, 550, text, "MAIL FROM"), false, false};
}
inline ServerAnswer unclear_at_recipient(const std::string& text = "relay access denied") {
  return {reply(DeliveryResult::Refused, DeliveryScope::Unclear, 554, text, "RCPT TO"), false, false};
}
// 4yz to MAIL: belongs to the session, which stays open.
inline ServerAnswer deferred_sender(const std::string& text = "try again later") {
  return {reply(DeliveryResult::Deferred, DeliveryScope::Session, 451, text, "MAIL FROM"), false, false};
}
// The connection breaks before the content.
inline ServerAnswer connection_lost() {
  Delivery delivery =
      reply(DeliveryResult::Deferred, DeliveryScope::Session, 0, "the connection was lost", "RCPT TO");
  delivery.problem = SessionProblem::Unreachable;
  return {std::move(delivery), false, false};
}

// Why a session does not come about.
inline Delivery no_session(SessionProblem problem, int code = 0,
                           const std::string& text = "connection refused") {
  Delivery delivery = reply(DeliveryResult::Deferred, DeliveryScope::Session, code, text, "connecting");
  delivery.problem = problem;
  return delivery;
}

class FakeMailTransport final : public MailTransport {
 public:
  // For the messages and sessions to come, in order; then everything is accepted, or what always() says.
  void answer(ServerAnswer answer) { answers_.push_back(std::move(answer)); }
  void refuse_session(Delivery problem) { problems_.push_back(std::move(problem)); }
  void always(std::function<ServerAnswer(const OutgoingMessage&)> answer) { always_ = std::move(answer); }
  void forget_script() {
    answers_.clear();
    problems_.clear();
    always_ = nullptr;
    connecting = nullptr;
    taken = content_written = answering = nullptr;
  }

  // What happens meanwhile; each may run whole commands on other connections to the store, or throw.
  std::function<void()> connecting;
  std::function<void(const OutgoingMessage&)> taken;            // next() gave it
  std::function<void(const OutgoingMessage&)> content_written;  // the server has all of it, and decides
  std::function<void(const OutgoingMessage&)> answering;        // it has decided, the answer is on its way

  std::vector<ArrivedMail> arrived;
  std::vector<SubmissionServer> sessions;  // without passwords
  std::vector<std::string> passwords_used;

  std::optional<Delivery> submit(const SubmissionServer& server, MessageStream& stream,
                                 const ProtocolTrace& trace,
                                 const std::function<bool()>& cancelled) override {
    Session session(stream);
    if (!session.open(cancelled)) return stopped();
    remember(server);
    happens(connecting);
    if (!problems_.empty()) {
      const Delivery problem = problems_.front();
      problems_.pop_front();
      if (trace) trace("S: " + problem.text);
      return problem;
    }
    for (;;) {
      if (cancelled && cancelled()) return stopped();
      if (stream.connection_limit() == 0) {
        session.close();
        if (!session.open(cancelled)) return stopped();
        remember(server);
      }
      const MessageStream::Next next = stream.next();
      if (next.supply == MessageStream::Supply::Ended) return std::nullopt;
      if (next.supply == MessageStream::Supply::NotNow) {
        session.wait();
        continue;
      }
      const OutgoingMessage& message = next.message.value();
      Delivery delivery;
      try {
        delivery = exchange(server, stream, message, trace);
      } catch (...) {
        // A stream that could not answer: the connection is closed before the content.
        Delivery withdrawn = stopped();
        withdrawn.text = "not sent, because of an error";
        stream.finished(message.id, withdrawn);
        throw;
      }
      const bool session_ends =
          delivery.problem != SessionProblem::None || delivery.result == DeliveryResult::Unknown;
      happens(answering, message);
      stream.finished(message.id, delivery);
      if (session_ends) return delivery.result == DeliveryResult::Unknown ? lost() : delivery;
    }
  }

  // What probe() answers; every message it was asked for is in `probed`.
  std::optional<Delivery> probe_problem;
  std::vector<std::size_t> probed;  // message sizes

  ProbeResult probe(const SubmissionServer& server, std::size_t message_size, const ProtocolTrace&,
                    const std::function<bool()>&) override {
    remember(server);
    probed.push_back(message_size);
    return {.problem = probe_problem, .offer = {}};
  }

 private:
  // The one connection of a submit().
  class Session {
   public:
    explicit Session(MessageStream& stream) : stream_(stream) {
      // The stream may call it when submit() has returned, because it cannot know that at once.
      stream.set_wake([waking = waking_] {
        std::lock_guard lock(waking->mutex);
        waking->woken = true;
        waking->changed.notify_one();
      });
    }
    ~Session() { close(); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // As soon as one may be open. False: cancelled.
    bool open(const std::function<bool()>& cancelled) {
      while (stream_.connection_limit() == 0) {
        if (cancelled && cancelled()) return false;
        wait();
      }
      open_ = true;
      stream_.connections_open(1);
      return true;
    }
    void close() {
      if (!std::exchange(open_, false)) return;
      stream_.connections_open(0);
    }
    void wait() {
      std::unique_lock lock(waking_->mutex);
      waking_->changed.wait_for(lock, std::chrono::milliseconds(200), [&] { return waking_->woken; });
      waking_->woken = false;
    }

   private:
    struct Waking {
      std::mutex mutex;
      std::condition_variable changed;
      bool woken = false;
    };
    MessageStream& stream_;
    std::shared_ptr<Waking> waking_ = std::make_shared<Waking>();
    bool open_ = false;
  };

  // A copy is called, because it may replace itself.
  template <class... Arguments>
  static void happens(std::function<void(const Arguments&...)> what, const Arguments&... arguments) {
    if (what) what(arguments...);
  }

  void remember(const SubmissionServer& server) {
    SubmissionServer seen = server;
    passwords_used.push_back(server.password ? std::string(server.password->reveal(ClearSecretAccess()))
                                             : "");
    seen.password = nullptr;
    sessions.push_back(std::move(seen));
  }

  Delivery exchange(const SubmissionServer& server, MessageStream& stream, const OutgoingMessage& message,
                    const ProtocolTrace& trace) {
    happens(taken, message);
    const ServerAnswer answer = next_answer(message);
    if (trace) trace("C: RCPT TO:<" + message.recipient.address() + ">");
    if (answer.after_content) {
      if (!stream.may_write(message.id)) {
        return no_session(SessionProblem::LeaseLost, 0, "the message was withdrawn");
      }
      const std::string content(message.content->reveal(ClearSecretAccess()));
      if (answer.arrives)
        arrived.push_back(
            {message.id, message.envelope_sender, message.recipient.address(), content, server.tls});
      happens(content_written, message);
    }
    if (trace) trace("S: " + std::to_string(answer.delivery.reply_code) + " " + answer.delivery.text);
    return answer.delivery;
  }

  ServerAnswer next_answer(const OutgoingMessage& message) {
    if (answers_.empty()) return always_ ? always_(message) : accepted();
    const ServerAnswer answer = answers_.front();
    answers_.pop_front();
    return answer;
  }

  static Delivery stopped() {
    return reply(DeliveryResult::Deferred, DeliveryScope::Session, 0, "stopped", "between messages");
  }
  static Delivery lost() { return no_session(SessionProblem::Unreachable, 0, "the connection was lost"); }

  std::deque<ServerAnswer> answers_;
  std::deque<Delivery> problems_;
  std::function<ServerAnswer(const OutgoingMessage&)> always_;
};

}  // namespace dialin::test
