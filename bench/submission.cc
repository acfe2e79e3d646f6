// SPDX-License-Identifier: Apache-2.0
// Messages a second from finished messages to smtp-sink: Dialin's client, smtp-source -d, libcurl with reuse
// and Python's smtplib, on loopback and at a round trip of 20 ms. All take turns, so that whatever else the
// machine does falls on all of them alike; a figure is the median of five.
#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/process_hardening.h"
#include "benchmark_program.h"
#include "delaying_proxy.h"
#include "mail/smtp/smtp_transport.h"
#include "support/child_process.h"
#include "support/mail_servers.h"

namespace dialin {
namespace {

constexpr int Rounds = 5;
constexpr int MessageSize = 6000;  // octets, as a welcome has them
constexpr std::chrono::milliseconds OneWay{10};

const std::string& content() {
  static const std::string text = [] {
    std::string lines = "Subject: measured\r\n\r\n";
    while (lines.size() < MessageSize) {
      lines += "A line of sixty-two octets that stands here for all the others.\r\n";
    }
    return lines;
  }();
  return text;
}

class Prepared final : public MessageStream {
 public:
  Prepared(int messages, int connections)
      : left_(messages), connections_(connections), content_(std::make_shared<const Secret>(content())) {}

  Next next() override {
    if (left_ == 0) return {Supply::Ended};
    --left_;
    return {Supply::Message, OutgoingMessage{.id = "w" + std::to_string(left_),
                                             .envelope_sender = "marco@contoso.com",
                                             .recipient = recipient_,
                                             .content = content_}};
  }
  bool may_write(const std::string&) override { return true; }
  void finished(const std::string&, const Delivery& delivery) override {
    if (delivery.result != DeliveryResult::Accepted) throw std::runtime_error(describe(delivery));
  }
  int connection_limit() override { return connections_; }

 private:
  int left_;
  const int connections_;
  const Mailbox recipient_ = *Mailbox::parse("bob@contoso.com");
  const std::shared_ptr<const Secret> content_;
};

void by_dialin(std::uint16_t port, int messages, int connections, Pipelining pipelining) {
  Prepared stream(messages, connections);
  SmtpTransport transport;
  const SubmissionServer server{
      .host = "127.0.0.1", .port = port, .helo_name = "bench.example.org", .pipelining = pipelining};
  const auto problem = transport.submit(server, stream, nullptr, nullptr);
  if (problem) throw std::runtime_error(describe(*problem));
}

void by_smtp_source(std::uint16_t port, int messages, int connections) {
  const auto text = [](int number) { return std::to_string(number); };
  const test::Completed done =
      test::run({.arguments = {test::find_program("smtp-source", "postfix"), "-d", "-s", text(connections),
                               "-m", text(messages), "-l", text(MessageSize), "-f", "marco@contoso.com", "-t",
                               "bob@contoso.com", fmt::format("127.0.0.1:{}", port)}});
  if (done.exit_code != 0) throw std::runtime_error("smtp-source: " + done.error);
}

std::size_t read_content(char* buffer, std::size_t size, std::size_t count, void* at) {
  auto& position = *static_cast<std::size_t*>(at);
  const std::size_t octets = std::min(size * count, content().size() - position);
  std::memcpy(buffer, content().data() + position, octets);
  position += octets;
  return octets;
}

void by_curl_handle(std::uint16_t port, int messages) {
  CURL* curl = curl_easy_init();
  curl_slist* recipients = curl_slist_append(nullptr, "<bob@contoso.com>");
  std::size_t position = 0;
  CURLcode code = CURLE_OK;
  curl_easy_setopt(curl, CURLOPT_URL, fmt::format("smtp://127.0.0.1:{}/bench.example.org", port).c_str());
  curl_easy_setopt(curl, CURLOPT_MAIL_FROM, "<marco@contoso.com>");
  curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_content);
  curl_easy_setopt(curl, CURLOPT_READDATA, &position);
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  for (int i = 0; i < messages && code == CURLE_OK; ++i) {
    position = 0;
    code = curl_easy_perform(curl);
  }
  curl_slist_free_all(recipients);
  curl_easy_cleanup(curl);
  if (code != CURLE_OK) fmt::print(stderr, "libcurl: {}\n", curl_easy_strerror(code));
}

void by_curl(std::uint16_t port, int messages, int connections) {
  std::vector<std::thread> threads;
  for (int i = 0; i < connections; ++i) {
    threads.emplace_back([=] { by_curl_handle(port, messages / connections); });
  }
  for (std::thread& thread : threads) thread.join();
}

// A script as an administrator writes it: a connection a thread, sendmail() for each message.
void by_smtplib(std::uint16_t port, int messages, int connections) {
  constexpr const char* Script =
      "import smtplib, sys, threading\n"
      "port, messages, connections = map(int, sys.argv[1:4])\n"
      "content = sys.stdin.buffer.read()\n"
      "def send():\n"
      "    with smtplib.SMTP('127.0.0.1', port, 'bench.example.org') as session:\n"
      "        for _ in range(messages // connections):\n"
      "            session.sendmail('marco@contoso.com', ['bob@contoso.com'], content)\n"
      "threads = [threading.Thread(target=send) for _ in range(connections)]\n"
      "for thread in threads: thread.start()\n"
      "for thread in threads: thread.join()\n";
  const test::Completed done =
      test::run({.arguments = {"/usr/bin/python3", "-c", Script, std::to_string(port),
                               std::to_string(messages), std::to_string(connections)}},
                content());
  if (done.exit_code != 0) throw std::runtime_error("smtplib: " + done.error);
}

struct Client {
  const char* name;
  std::function<void(std::uint16_t, int, int)> send;
};

struct Case {
  const char* where;
  std::uint16_t port;
  int connections;
  int messages;
  double goal;  // times smtp-source; 0: none
};

void measure(const Case& c, const std::vector<Client>& clients) {
  std::vector<std::vector<double>> rates(clients.size());
  for (int round = 0; round < Rounds; ++round) {
    for (std::size_t i = 0; i < clients.size(); ++i) {
      const auto begin = std::chrono::steady_clock::now();
      clients[i].send(c.port, c.messages, c.connections);
      const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
      rates[i].push_back(c.messages / time.count());
    }
  }
  fmt::print("{}, connections: {}\n", c.where, c.connections);
  const double reference = bench::median(rates[2]);
  for (std::size_t i = 0; i < clients.size(); ++i) {
    const double rate = bench::median(rates[i]);
    fmt::print("  {:<28}{:>10.0f}/s{:>8.2f}", clients[i].name, rate, rate / reference);
    if (i == 0 && c.goal > 0) {
      fmt::print("  goal {:.1f}: {}", c.goal, rate / reference >= c.goal ? "reached" : "missed");
    }
    fmt::print("\n");
  }
  std::fflush(stdout);
}

int measure_all() {
  harden_process();
  curl_global_init(CURL_GLOBAL_ALL);
  const test::SmtpSink sink({}, false);
  const bench::DelayingProxy proxy(sink.port(), OneWay);
  const std::vector<Client> clients = {
      {"dialin, across", [](auto port, int messages,
                            int connections) { by_dialin(port, messages, connections, Pipelining::Across); }},
      {"dialin, message",
       [](auto port, int messages, int connections) {
         by_dialin(port, messages, connections, Pipelining::Message);
       }},
      {"smtp-source -d", by_smtp_source},
      {"libcurl, reused", by_curl},
      {"smtplib (Python)", by_smtplib},
  };
  fmt::print("messages of {} octets a second, and times smtp-source; {} rounds, interleaved\n\n", MessageSize,
             Rounds);
  for (const Case& c : std::vector<Case>{{"loopback", sink.port(), 1, 4000, 0},
                                         {"loopback", sink.port(), 4, 12000, 0},
                                         {"loopback", sink.port(), 16, 24000, 1.5},
                                         {"20 ms", proxy.port(), 1, 64, 3.5},
                                         {"20 ms", proxy.port(), 16, 1600, 3.5}}) {
    measure(c, clients);
  }
  return 0;
}

}  // namespace
}  // namespace dialin

int main() {
  return dialin::bench::run_benchmark("bench_submission", dialin::measure_all);
}
