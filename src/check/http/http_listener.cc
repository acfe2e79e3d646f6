// SPDX-License-Identifier: Apache-2.0
// The only file that includes Boost.Beast.
#include "check/http/http_listener.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cerrno>
#include <cstring>
#include <list>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "base/wiping_allocator.h"

namespace dialin {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using net::ip::tcp;

constexpr auto as_result = net::as_tuple(net::use_awaitable);

constexpr std::size_t LargestHeader = 8192;
constexpr std::size_t LargestBuffer = LargestHeader + CheckRequest::LongestBody;
constexpr std::size_t FirstRead = 512;
constexpr std::chrono::milliseconds AskInterval{50};
constexpr std::chrono::milliseconds PauseWithoutDescriptors{100};
// After a refusal what is still being sent is read for so long: closing at once would destroy the answer.
constexpr std::chrono::milliseconds DrainTime{1000};
constexpr std::size_t DrainOctets = 64 * 1024;

using Stream = beast::basic_stream<net::generic::stream_protocol>;
// What is read holds PINs.
using Buffer = beast::basic_flat_buffer<WipingAllocator<char>>;
using Parser = http::request_parser<http::buffer_body>;
using Response = http::response<http::string_body>;

struct Refusal {
  http::status status;
  const char* words;
};

// A name of a header that may stand once only.
std::optional<std::string_view> single(const http::fields& fields, http::field name) {
  if (fields.count(name) != 1) return std::nullopt;
  const beast::string_view value = fields[name];
  return trim(std::string_view(value.data(), value.size()));
}

bool may_ask(const http::fields& fields, const Secret& token) {
  const std::optional<std::string_view> value = single(fields, http::field::authorization);
  constexpr std::string_view scheme = "Bearer ";
  if (!value || !equal_ignoring_case(value->substr(0, scheme.size()), scheme)) return false;
  return Secret(trim(value->substr(scheme.size()))).same_as(token);
}

enum class BodyKind { Form, Json };

std::optional<BodyKind> body_kind(const http::fields& fields) {
  const std::optional<std::string_view> value = single(fields, http::field::content_type);
  if (!value) return std::nullopt;
  const std::string_view type = trim(value->substr(0, value->find(';')));
  if (equal_ignoring_case(type, "application/x-www-form-urlencoded")) return BodyKind::Form;
  if (equal_ignoring_case(type, "application/json")) return BodyKind::Json;
  return std::nullopt;
}

// What makes two readers of one connection disagree about where a request ends is refused, not interpreted.
std::optional<Refusal> refusal_of(const Parser& parser, const Secret& token) {
  const auto& request = parser.get();
  if (request.version() != 10 && request.version() != 11)
    return Refusal{http::status::http_version_not_supported, "HTTP/1.1 is spoken here"};
  if (request.count(http::field::transfer_encoding) != 0)
    return Refusal{http::status::length_required, "a body has a Content-Length, and no Transfer-Encoding"};
  if (request.count(http::field::content_length) > 1 || request.count(http::field::host) > 1 ||
      (request.version() == 11 && request.count(http::field::host) == 0))
    return Refusal{http::status::bad_request, "Host and Content-Length stand once"};
  if (!may_ask(request, token)) return Refusal{http::status::unauthorized, "Unauthorized"};
  if (request.target() != "/check") {
    return request.target().starts_with("/check?")
               ? Refusal{http::status::bad_request,
                         "the question belongs into the body, never into the address"}
               : Refusal{http::status::not_found, "there is /check and nothing else"};
  }
  if (request.method() != http::verb::post) return Refusal{http::status::method_not_allowed, "POST only"};
  if (request.count(http::field::expect) != 0)
    return Refusal{http::status::expectation_failed, "no Expect: the body is small"};
  if (request.count(http::field::content_encoding) != 0 || !body_kind(request)) {
    return Refusal{http::status::unsupported_media_type,
                   "the body is application/x-www-form-urlencoded or application/json"};
  }
  const std::optional<std::string_view> length = single(request, http::field::content_length);
  if (!length) return Refusal{http::status::length_required, "Content-Length is missing"};
  // Beast takes a list of equal lengths for one.
  if (length->find_first_not_of("0123456789") != std::string_view::npos)
    return Refusal{http::status::bad_request, "Content-Length is a number"};
  return std::nullopt;
}

Refusal refusal_of_broken(const error_code& error) {
  if (error == http::error::body_limit)
    return {http::status::payload_too_large, "the body is longer than 4096 octets"};
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return {http::status::request_header_fields_too_large, "the header is longer than 8192 octets"};
  return {http::status::bad_request, "this is no HTTP request"};
}

Response make_response(http::status status, std::string_view word, bool json, unsigned version) {
  Response response(status, version);
  response.set(http::field::cache_control, "no-store");
  response.set(http::field::content_type, json ? "application/json" : "text/plain; charset=utf-8");
  // Words of ours: there is nothing to escape.
  response.body() = json ? fmt::format("{{\"result\":\"{}\"}}\n", word) : fmt::format("{}\n", word);
  return response;
}

Response make_response(const CheckReply& reply, bool json, unsigned version) {
  if (reply.kind == CheckReply::Kind::Word)
    return make_response(http::status::ok, to_text(reply.word), json, version);
  const bool throttled = reply.kind == CheckReply::Kind::Throttled;
  Response response =
      make_response(throttled ? http::status::too_many_requests : http::status::service_unavailable,
                    "Unknown", json, version);
  response.set(http::field::retry_after, std::to_string(reply.retry_after.count()));
  return response;
}

}  // namespace

// Everything runs on the thread of run(), but for the answers that workers post to it.
class HttpListener::Implementation {
 public:
  Implementation(const ListenPlace& place, const Secret& token, const HttpListenerSettings& settings)
      : place_(place), token_(token), settings_(settings) {
    place_.path.empty() ? listen_tcp() : listen_unix();
  }
  ~Implementation() {
    if (!place_.path.empty()) ::unlink(place_.path.c_str());
  }

  const ListenPlace& place() const { return place_; }

  void run(CheckWorkers& workers, const std::function<bool()>& stop) {
    workers_ = &workers;
    if (tcp_) net::co_spawn(io_, accept(*tcp_), net::detached);
    if (unix_) net::co_spawn(io_, accept(*unix_), net::detached);
    net::co_spawn(io_, watch(stop), net::detached);
    io_.run();
  }

 private:
  struct Session {
    explicit Session(Stream stream) : stream(std::move(stream)) {}
    Stream stream;
    std::string address;
    Buffer buffer{LargestBuffer};
    bool waiting = true;  // for a request, or for the rest of one: may be closed for another
    bool between_requests = true;
    std::list<std::shared_ptr<Session>>::iterator place;
  };
  using SessionPointer = std::shared_ptr<Session>;

  void listen_tcp() {
    error_code error;
    const tcp::endpoint endpoint(net::ip::make_address(place_.host), place_.port);
    tcp_.emplace(io_);
    tcp_->open(endpoint.protocol());
    tcp_->set_option(tcp::acceptor::reuse_address(true));
    tcp_->bind(endpoint, error);
    if (!error) tcp_->listen(net::socket_base::max_listen_connections, error);
    if (error) refuse_place(error);
    place_.port = tcp_->local_endpoint().port();
  }

  void listen_unix() {
    using Local = net::local::stream_protocol;
    const Local::endpoint endpoint(place_.path);
    // A socket that nobody listens on any more is of a process that was killed.
    error_code error;
    Local::socket probe(io_);
    probe.connect(endpoint, error);
    if (!error) refuse_place(net::error::address_in_use);
    if (error == net::error::connection_refused) ::unlink(place_.path.c_str());
    unix_.emplace(io_);
    unix_->open(Local());
    // Whoever may connect still has to show the token; the group decides who may try.
    const mode_t former = ::umask(0117);
    unix_->bind(endpoint, error);
    ::umask(former);
    if (!error) unix_->listen(net::socket_base::max_listen_connections, error);
    if (error) refuse_place(error);
  }

  [[noreturn]] void refuse_place(const error_code& error) {
    const std::string text = place_.text();
    throw_place(text, error);
  }
  [[noreturn]] static void throw_place(const std::string& text, const error_code& error) {
    const bool taken = error == net::error::address_in_use;
    throw Error(taken                                ? ErrorCode::AlreadyExists
                : error == net::error::access_denied ? ErrorCode::Permission
                                                     : ErrorCode::Configuration,
                fmt::format("cannot listen on {} for PIN checks: {}", text, error.message()),
                taken ? "Another process listens there: end it, or change [check] listen."
                      : "Change [check] listen.");
  }

  template <class Acceptor>
  net::awaitable<void> accept(Acceptor& acceptor) {
    while (!stopping_) {
      auto [error, socket] = co_await acceptor.async_accept(as_result);
      if (stopping_) co_return;
      if (error) {
        net::steady_timer pause(io_, PauseWithoutDescriptors);
        co_await pause.async_wait(as_result);
        continue;
      }
      if (sessions_.size() >= settings_.connections && !close_oldest_waiting()) continue;
      std::string address = "unix";
      if constexpr (std::is_same_v<Acceptor, tcp::acceptor>) {
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        address = socket.remote_endpoint(ignored).address().to_string();
      }
      auto session = std::make_shared<Session>(Stream(typename Stream::socket_type(std::move(socket))));
      session->address = std::move(address);
      session->place = sessions_.insert(sessions_.end(), session);
      net::co_spawn(io_, serve(session), [this, session](std::exception_ptr) {
        sessions_.erase(session->place);
        if (stopping_ && sessions_.empty()) io_.stop();
      });
    }
  }

  // Sessions stand in the order in which they were last heard of.
  bool close_oldest_waiting() {
    for (const SessionPointer& session : sessions_) {
      if (!session->waiting) continue;
      session->waiting = false;
      session->stream.close();
      return true;
    }
    return false;
  }

  net::awaitable<void> watch(const std::function<bool()>& stop) {
    net::steady_timer timer(io_);
    while (!stop()) {
      timer.expires_after(AskInterval);
      co_await timer.async_wait(as_result);
    }
    stopping_ = true;
    error_code ignored;
    if (tcp_) tcp_->close(ignored);
    if (unix_) unix_->close(ignored);
    for (const SessionPointer& session : sessions_) {
      if (session->between_requests) session->stream.close();
    }
    if (sessions_.empty()) io_.stop();
    timer.expires_after(settings_.finish);
    co_await timer.async_wait(as_result);
    io_.stop();
  }

  // One connection, request after request.
  net::awaitable<void> serve(SessionPointer session) {
    bool more = true;
    while (more && !stopping_) more = co_await serve_request(session);
    error_code ignored;
    session->stream.socket().shutdown(net::socket_base::shutdown_send, ignored);
    session->stream.close();
  }

  net::awaitable<bool> serve_request(const SessionPointer& session) {
    Stream& stream = session->stream;
    Buffer& buffer = session->buffer;
    session->waiting = session->between_requests = true;
    sessions_.splice(sessions_.end(), sessions_, session->place);
    if (buffer.size() == 0) {
      // Gives back, and so wipes, what the request before stood in.
      buffer.shrink_to_fit();
      stream.expires_after(settings_.idle);
      const auto [error, count] = co_await stream.async_read_some(buffer.prepare(FirstRead), as_result);
      if (error) co_return false;
      buffer.commit(count);
    }
    session->between_requests = false;
    stream.expires_after(settings_.request);

    Parser parser;
    parser.header_limit(LargestHeader);
    parser.body_limit(CheckRequest::LongestBody);
    {
      const auto [error, count] = co_await http::async_read_header(stream, buffer, parser, as_result);
      if (error) {
        // Silence, and what broke off, gets no answer.
        const bool broken = error.category() == make_error_code(http::error::bad_method).category() &&
                            error != http::error::end_of_stream && error != http::error::partial_message;
        if (broken) co_await refuse(session, refusal_of_broken(error), 11);
        co_return false;
      }
    }
    if (const std::optional<Refusal> refusal = refusal_of(parser, token_)) {
      co_await refuse(session, *refusal, parser.get().version());
      co_return false;
    }
    const std::optional<BodyKind> kind = body_kind(parser.get());
    const bool json = parser.get()[http::field::accept].find("application/json") != beast::string_view::npos;
    const unsigned version = parser.get().version();
    Secret body = Secret::of_size(static_cast<std::size_t>(parser.content_length().value_or(0)));
    if (!body.empty()) {
      parser.get().body().data = body.reveal_mutable(ClearSecretAccess());
      parser.get().body().size = body.size();
      parser.get().body().more = false;
      while (!parser.is_done()) {
        const auto [error, count] = co_await http::async_read(stream, buffer, parser, as_result);
        if (error && error != http::error::need_buffer) co_return false;
      }
    }
    session->waiting = false;
    stream.expires_never();
    std::optional<CheckRequest> request =
        *kind == BodyKind::Form ? parse_check_form(body) : parse_check_json(body);
    if (!request) {
      const Refusal refusal{http::status::bad_request, "the body is not who, pin and caller"};
      co_await refuse(session, refusal, version);
      co_return false;
    }
    const CheckReply reply = co_await ask(session, std::move(*request));
    co_return co_await respond(session, make_response(reply, json, version),
                               parser.get().keep_alive() && !stopping_);
  }

  net::awaitable<CheckReply> ask(const SessionPointer& session, CheckRequest request) {
    // The answer comes by post to this very thread, so nothing is missed between submit() and the wait.
    struct Waiting {
      explicit Waiting(net::io_context& io) : timer(io, net::steady_timer::time_point::max()) {}
      net::steady_timer timer;
      CheckReply reply;
    };
    const auto waiting = std::make_shared<Waiting>(io_);
    const bool taken =
        workers_->submit(std::move(request), session->address, [this, waiting](const CheckReply& reply) {
          net::post(io_, [waiting, reply] {
            waiting->reply = reply;
            waiting->timer.cancel();
          });
        });
    if (taken) co_await waiting->timer.async_wait(as_result);
    co_return waiting->reply;
  }

  net::awaitable<void> refuse(const SessionPointer& session, Refusal refusal, unsigned version) {
    session->waiting = false;
    Response response = make_response(refusal.status, refusal.words, false, version == 10 ? 10 : 11);
    if (refusal.status == http::status::unauthorized) response.set(http::field::www_authenticate, "Bearer");
    if (refusal.status == http::status::method_not_allowed) response.set(http::field::allow, "POST");
    if (!co_await respond(session, std::move(response), false, true)) co_return;
    error_code ignored;
    session->stream.socket().shutdown(net::socket_base::shutdown_send, ignored);
    session->stream.expires_after(DrainTime);
    for (std::size_t drained = 0; drained < DrainOctets;) {
      session->buffer.clear();
      const auto [error, count] =
          co_await session->stream.async_read_some(session->buffer.prepare(FirstRead), as_result);
      if (error) co_return;
      drained += count;
    }
  }

  // Whether the connection goes on; with `drains`, whether the response was written.
  net::awaitable<bool> respond(const SessionPointer& session, Response response, bool keep_alive,
                               bool drains = false) {
    response.keep_alive(keep_alive);
    response.prepare_payload();
    session->stream.expires_after(settings_.answer);
    const auto [error, count] = co_await http::async_write(session->stream, response, as_result);
    co_return !error && (keep_alive || drains);
  }

  ListenPlace place_;
  const Secret& token_;
  CheckWorkers* workers_ = nullptr;  // while it runs
  const HttpListenerSettings settings_;
  net::io_context io_{1};
  std::optional<tcp::acceptor> tcp_;
  std::optional<net::local::stream_protocol::acceptor> unix_;
  std::list<SessionPointer> sessions_;
  bool stopping_ = false;
};

HttpListener::HttpListener(const ListenPlace& place, const Secret& token,
                           const HttpListenerSettings& settings)
    : implementation_(std::make_unique<Implementation>(place, token, settings)) {}
HttpListener::~HttpListener() = default;

const ListenPlace& HttpListener::place() const {
  return implementation_->place();
}
void HttpListener::run(CheckWorkers& workers, const std::function<bool()>& stop) {
  implementation_->run(workers, stop);
}

}  // namespace dialin
