// SPDX-License-Identifier: Apache-2.0
// A private PostgreSQL on a port of 127.0.0.1, in a directory of its own, gone when the object ends.
//
// Most tests take PostgresqlServer::shared().create_database(): one server for the whole test program,
// started at the first call (about 0.6 s), and a fresh, empty database for each test. A test that stops,
// kills or breaks its server makes its own object. Nothing is synced to disk (fsync=off): a kill -9 of the
// server keeps what the kernel has, a power cut is not what is tested here.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "support/child_process.h"
#include "support/temporary_directory.h"

namespace dialin::test {

class PostgresqlServer {
 public:
  // `options`: more settings, each like "max_connections=20". Everybody on 127.0.0.1 may come in without a
  // password as user `app`, who may do everything. As root the server runs as the account postgres (nobody
  // where that is missing). Throws std::runtime_error if the programs are not installed or it does not come
  // up.
  explicit PostgresqlServer(std::vector<std::string> options = {});
  ~PostgresqlServer();

  // The server that the tests of this program share. Call it from the main thread first.
  static PostgresqlServer& shared();

  // Makes an empty database (UTF-8, C.UTF-8) and gives its connection string for libpq and SOCI:
  // "host=127.0.0.1 port=... dbname=... user=app". From any thread.
  std::string create_database();
  // The same for a database by name ("postgres" always exists).
  std::string connection_string(const std::string& database) const;
  std::uint16_t port() const { return port_; }
  // Its log, for messages of failed tests.
  std::string log() const;

  // A service that went away and came back: fast shutdown (open connections end), kill -9 of all its
  // processes, start on the same data and port. stop() and kill() wait until it is gone, start() until it
  // answers.
  void stop();
  void kill();
  void start();
  // Stops every process of the server where it is (SIGSTOP): connections hang, nothing is refused.
  void freeze();
  void thaw();

 private:
  std::vector<pid_t> processes();

  std::vector<std::string> options_;
  TemporaryDirectory directory_;
  std::string user_;
  std::uint16_t port_ = 0;
  std::unique_ptr<ChildProcess> server_;
  std::mutex mutex_;
  int databases_ = 0;
};

}  // namespace dialin::test
