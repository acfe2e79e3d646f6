// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/tls.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>
#include <vector>

#include "base/encoding.h"
#include "base/error.h"
#include "base/text.h"

namespace dialin::smtp {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

std::string last_tls_error() {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  ERR_clear_error();
  return text.data();
}

// Colons and spaces, as tools print them, are left out.
std::string normal_fingerprint(const std::string& fingerprint) {
  std::string digits;
  for (const char c : to_lower_ascii(fingerprint)) {
    if (c != ':' && c != ' ') digits += c;
  }
  return digits;
}

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

// The system's certificates. Reading the one file of them all takes longer than a whole delivery (40 ms and
// more for Debian's), so it is read only where there is no directory of them by hash, from which OpenSSL
// takes the one that it needs.
void trust_system_store(SSL_CTX* context) {
  SSL_CTX_set_default_verify_dir(context);
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(X509_get_default_cert_dir(), error)) {
    const std::string name = entry.path().filename().string();
    if (name.size() == 10 && name.find_first_not_of("0123456789abcdef") == 8 && name.compare(8, 2, ".0") == 0)
      return;
  }
  SSL_CTX_set_default_verify_file(context);
}

// A name with a final dot is absolute in the DNS; certificates are written without it.
std::string certificate_name(const std::string& host) {
  return !host.empty() && host.back() == '.' ? host.substr(0, host.size() - 1) : host;
}

std::string fingerprint_of(const X509& certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (X509_digest(&certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
  return to_hex(std::string_view(reinterpret_cast<const char*>(digest.data()), size));
}

std::string one_line(const X509_NAME* name) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  if (!out || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0) return {};
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return sanitize_foreign_text(std::string_view(data, static_cast<std::size_t>(size)), 80);
}

std::string date(const ASN1_TIME* time) {
  std::tm fields{};
  if (ASN1_TIME_to_tm(time, &fields) != 1) return "?";
  return fmt::format("{:04}-{:02}-{:02}", fields.tm_year + 1900, fields.tm_mon + 1, fields.tm_mday);
}

std::optional<Timestamp> end_of(const X509& certificate) {
  std::tm fields{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &fields) != 1) return std::nullopt;
  return Timestamp(std::chrono::seconds(timegm(&fields)));
}

std::string address_text(const ASN1_OCTET_STRING* octets) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = ASN1_STRING_length(octets) == 4 ? AF_INET : AF_INET6;
  if (family == AF_INET6 && ASN1_STRING_length(octets) != 16) return {};
  inet_ntop(family, ASN1_STRING_get0_data(octets), text.data(), text.size());
  return text.data();
}

// subjectAltName; at most five, which is what a person reads.
std::string names_of(const X509& certificate) {
  auto* all =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr));
  std::vector<std::string> names;
  for (int i = 0; i < sk_GENERAL_NAME_num(all) && names.size() < 5; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all, i);
    if (name->type == GEN_DNS) {
      const std::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                                  static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
      names.push_back(sanitize_foreign_text(text, 60));
    } else if (name->type == GEN_IPADD) {
      names.push_back(address_text(name->d.iPAddress));
    }
  }
  GENERAL_NAMES_free(all);
  return names.empty() ? one_line(X509_get_subject_name(&certificate)) : join(names, ", ");
}

std::string details_of(const X509& certificate) {
  return fmt::format("It is for {}, issued by {}, valid {} to {}, SHA-256 {}.", names_of(certificate),
                     one_line(X509_get_issuer_name(&certificate)), date(X509_get0_notBefore(&certificate)),
                     date(X509_get0_notAfter(&certificate)), fingerprint_of(certificate));
}

// The one step that mends it.
std::string mending_step(long result) {
  switch (result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "Renew the certificate on the server, or set the clock of this host.";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "Name the server as its certificate does.";
    default:
      return "If it is your server, put the certificate of its authority into smtp.ca_file.";
  }
}

bool names_host(X509& certificate, const std::string& host) {
  const std::string name = certificate_name(host);
  if (is_address(name)) return X509_check_ip_asc(&certificate, name.c_str(), 0) == 1;
  return X509_check_host(&certificate, name.data(), name.size(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
                         nullptr) == 1;
}

}  // namespace

TlsContext::TlsContext(const SubmissionServer& server) : ca_file_(server.ca_file) {
  if (!server.fingerprint.empty()) {
    const std::string digits = normal_fingerprint(server.fingerprint);
    if (digits.size() != 64 || digits.find_first_not_of("0123456789abcdef") != std::string::npos) {
      throw Error(ErrorCode::Configuration,
                  "smtp.fingerprint is not a SHA-256 fingerprint (64 hexadecimal digits)",
                  "openssl x509 -in certificate.pem -noout -fingerprint -sha256 prints it.");
    }
  }
  if (!ca_file_.empty() && access(ca_file_.c_str(), R_OK) != 0) {
    const std::error_code reason(errno, std::generic_category());
    throw Error(ErrorCode::Configuration,
                fmt::format("reading smtp.ca_file {}: {}", ca_file_, reason.message()),
                "It must be a readable file of certificates in PEM.");
  }
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

ssl_ctx_st* TlsContext::get() {
  if (context_ != nullptr) return context_;
  ERR_clear_error();
  context_ = SSL_CTX_new(TLS_client_method());
  if (context_ == nullptr || SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION) != 1) {
    throw Error(ErrorCode::Internal, "preparing TLS: " + last_tls_error());
  }
  SSL_CTX_set_verify(context_, SSL_VERIFY_NONE, nullptr);
  trust_system_store(context_);
  if (!ca_file_.empty() && SSL_CTX_load_verify_locations(context_, ca_file_.c_str(), nullptr) != 1) {
    throw Error(ErrorCode::Configuration,
                fmt::format("reading smtp.ca_file {}: {}", ca_file_, last_tls_error()),
                "It must be a readable file of certificates in PEM.");
  }
  return context_;
}

void prepare_tls(ssl_st* connection, const std::string& host) {
  const std::string name = certificate_name(host);
  if (!is_address(name)) SSL_set_tlsext_host_name(connection, name.c_str());
}

CertificateCheck check_certificate(ssl_st* connection, const SubmissionServer& server) {
  const Certificate certificate(SSL_get1_peer_certificate(connection), X509_free);
  // Without a certificate SSL_get_verify_result() says X509_V_OK.
  if (!certificate) return {false, "the server showed no certificate"};
  CertificateCheck check{.details = details_of(*certificate), .ends = end_of(*certificate)};
  if (!server.fingerprint.empty()) {
    check.good = fingerprint_of(*certificate) == normal_fingerprint(server.fingerprint);
    if (check.good) return check;
    check.text = fmt::format(
        "the certificate is not the one of smtp.fingerprint. {} If the server's certificate was "
        "renewed, compare this on the server and set smtp.fingerprint to it.",
        check.details);
    return check;
  }
  long result = SSL_get_verify_result(connection);
  std::string problem;
  if (result != X509_V_OK) {
    problem = X509_verify_cert_error_string(result);
  } else if (!names_host(*certificate, server.host)) {
    result = is_address(server.host) ? X509_V_ERR_IP_ADDRESS_MISMATCH : X509_V_ERR_HOSTNAME_MISMATCH;
    problem = fmt::format("it is not for {}", sanitize_foreign_text(server.host, 80));
  } else {
    check.good = true;
    return check;
  }
  check.text =
      fmt::format("the certificate does not verify: {}. {} {}", problem, check.details, mending_step(result));
  return check;
}

std::string describe_tls(ssl_st* connection) {
  return fmt::format("{}, {}", SSL_get_version(connection), SSL_get_cipher_name(connection));
}

}  // namespace dialin::smtp
