// SPDX-License-Identifier: Apache-2.0
// TLS of the client: 1.2 or newer (RFC 8997), who the server is (RFC 6125), and, if that cannot be proven,
// words that mend it. OpenSSL only; the sockets are elsewhere.
#pragma once

#include <optional>
#include <string>

#include "mail/mail_transport.h"

struct ssl_ctx_st;
struct ssl_st;

namespace dialin::smtp {

// What the client trusts: the system's store and server.ca_file. The handshake itself verifies without
// failing; whoever uses the connection asks check_certificate() before the first octet goes over it.
class TlsContext {
 public:
  // Error(Configuration): the fingerprint is not 64 hexadecimal digits, or ca_file cannot be opened.
  explicit TlsContext(const SubmissionServer& server);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // Made when it is first asked for, because a delivery in clear text should not wait for OpenSSL's start
  // (some milliseconds). Error(Configuration): ca_file holds no certificates.
  ssl_ctx_st* get();

 private:
  const std::string ca_file_;
  ssl_ctx_st* context_ = nullptr;
};

// Before the handshake: the server's name goes out as SNI (RFC 6066; not for an address).
void prepare_tls(ssl_st* connection, const std::string& host);

struct CertificateCheck {
  bool good = false;
  // If not good: what is wrong, names, issuer, dates and fingerprint, and the one step that mends it.
  std::string text = {};
  std::string details = {};  // names, issuer, dates and fingerprint
  std::optional<Timestamp> ends = {};
};

// After the handshake: the chain and the host's name or address, or, if server.fingerprint is set, only that.
CertificateCheck check_certificate(ssl_st* connection, const SubmissionServer& server);

// "TLSv1.3, TLS_AES_256_GCM_SHA384", for the trace.
std::string describe_tls(ssl_st* connection);

}  // namespace dialin::smtp
