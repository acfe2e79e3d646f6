// SPDX-License-Identifier: Apache-2.0
// POST /check over HTTP/1.1 (doc/check.md): the request's body is a question, the answer one result word.
//
// One thread reads and writes for all connections; questions are answered by the workers. Whoever is idle or
// slow holds a connection and nothing else: requests have a deadline, and when all connections are taken the
// one that has kept its telephone system's silence for longest is closed for the next.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "base/secret.h"
#include "check/check_workers.h"
#include "check/http/listen_place.h"

namespace dialin {

struct HttpListenerSettings {
  std::size_t connections = 2000;
  std::chrono::milliseconds idle{120000};    // between two requests
  std::chrono::milliseconds request{10000};  // from the first octet of a request to its last
  std::chrono::milliseconds answer{10000};   // to take the answer
  std::chrono::milliseconds finish{15000};   // for what is in flight, when it stops
};

class HttpListener {
 public:
  // Listens from now on. `token`: what telephone systems show. Error(AlreadyExists) if the place is taken,
  // Error(Permission), Error(Configuration). `token` outlives it.
  HttpListener(const ListenPlace& place, const Secret& token, const HttpListenerSettings& settings);
  ~HttpListener();
  HttpListener(const HttpListener&) = delete;
  HttpListener& operator=(const HttpListener&) = delete;

  // Where, with the port that was taken.
  const ListenPlace& place() const;
  // Until `stop` is true, which is asked every 50 ms; then finishes what is in flight. Once. `workers` ends
  // before the listener: its last answers still come here.
  void run(CheckWorkers& workers, const std::function<bool()>& stop);

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace dialin
