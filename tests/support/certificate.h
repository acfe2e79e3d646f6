// SPDX-License-Identifier: Apache-2.0
// Certificates for the tests' servers: an authority of the test's own and what it signs, right and wrong
// ones.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "support/temporary_directory.h"

namespace dialin::test {

// A certificate and its key, as PEM files in a temporary directory of its authority.
struct Certificate {
  std::filesystem::path certificate_file;
  std::filesystem::path key_file;
  std::string sha256_fingerprint;  // of the certificate in DER: 64 lower-case hexadecimal digits
};

class CertificateAuthority {
 public:
  explicit CertificateAuthority(const std::string& name = "Dialin test authority");
  ~CertificateAuthority();

  // The authority's own certificate, for the client that is to trust it.
  std::filesystem::path file() const;

  struct Request {
    std::string common_name = "mx.example.org";
    // As in openssl.cnf; empty: no subjectAltName at all.
    std::vector<std::string> names = {"DNS:mx.example.org", "DNS:localhost", "IP:127.0.0.1"};
    std::chrono::hours valid_from = std::chrono::hours(-24);  // from now
    std::chrono::hours valid_until = std::chrono::hours(24 * 30);
  };
  // EC P-256 keys. The files stay until the authority ends.
  Certificate issue(const Request& request) const;
  Certificate issue() const { return issue(Request{}); }
  // For a name, or an address, that no test server has.
  Certificate issue_for_another_host() const {
    return issue({.common_name = "other.example.net", .names = {"DNS:other.example.net"}});
  }
  Certificate issue_expired() const {
    return issue({.valid_from = std::chrono::hours(-48), .valid_until = std::chrono::hours(-24)});
  }

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dialin::test
