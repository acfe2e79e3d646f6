// SPDX-License-Identifier: Apache-2.0
// TLS of the client: 1.2 or newer (RFC 8997), who the server is (RFC 6125), and, if that cannot be proven,
// words that mend it. OpenSSL only; the sockets are elsewhere.
#pragma once

#include <memory>
#include <string>

#include "mail/mail_transport.h"

struct ssl_ctx_st;
struct ssl_st;

namespace dialin::smtp {

struct SslContextDeleter {
  void operator()(ssl_ctx_st* context) const;
};
using SslContext = std::unique_ptr<ssl_ctx_st, SslContextDeleter>;

// Trusts the system's store and server.ca_file. The handshake itself verifies without failing; whoever uses
// the connection asks check_certificate() before the first octet goes over it. Error(Configuration): ca_file
// cannot be read, or the fingerprint is not 64 hexadecimal digits.
SslContext make_tls_context(const SubmissionServer& server);

// Before the handshake: the server's name goes out as SNI (RFC 6066; not for an address).
void prepare_tls(ssl_st* connection, const std::string& host);

struct CertificateCheck {
  bool good = false;
  // If not good: what is wrong, names, issuer, dates and fingerprint, and the one step that mends it.
  std::string text;
};

// After the handshake: the chain and the host's name or address, or, if server.fingerprint is set, only that.
CertificateCheck check_certificate(ssl_st* connection, const SubmissionServer& server);

// "TLSv1.3, TLS_AES_256_GCM_SHA384", for the trace.
std::string describe_tls(ssl_st* connection);

}  // namespace dialin::smtp
