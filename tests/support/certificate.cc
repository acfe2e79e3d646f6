// SPDX-License-Identifier: Apache-2.0
#include "support/certificate.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <cstdio>
#include <stdexcept>

namespace dialin::test {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using X509Pointer = std::unique_ptr<X509, decltype(&X509_free)>;

template <typename Result>
Result checked(Result result) {
  if (!result)
    throw std::runtime_error(std::string("OpenSSL: ") + ERR_error_string(ERR_get_error(), nullptr));
  return result;
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = checked(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  checked(X509_add_ext(certificate, extension, -1));
  X509_EXTENSION_free(extension);
}

X509Pointer new_certificate(const std::string& common_name, EVP_PKEY* key, std::chrono::hours from,
                            std::chrono::hours until) {
  X509Pointer certificate{checked(X509_new()), &X509_free};
  X509_set_version(certificate.get(), 2);  // version 3
  std::uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1 | 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), std::chrono::seconds(from).count());
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), std::chrono::seconds(until).count());
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  return certificate;
}

template <typename Write>
void write_pem(const std::filesystem::path& file, Write write) {
  std::FILE* stream = std::fopen(file.c_str(), "w");
  if (stream == nullptr) throw std::runtime_error("cannot write " + file.string());
  const int written = write(stream);
  std::fclose(stream);
  checked(written);
}

std::string fingerprint(X509* certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  checked(X509_digest(certificate, EVP_sha256(), digest, &size));
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    constexpr char Digits[] = "0123456789abcdef";
    text += Digits[digest[i] >> 4];
    text += Digits[digest[i] & 15];
  }
  return text;
}

}  // namespace

class CertificateAuthority::Impl {
 public:
  explicit Impl(const std::string& name)
      : key{checked(EVP_EC_gen("P-256")), &EVP_PKEY_free},
        certificate{
            new_certificate(name, key.get(), std::chrono::hours(-24 * 30), std::chrono::hours(24 * 365))} {
    // Servers that drop their privileges read what is in here.
    directory.open_to_others();
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
    add_extension(certificate.get(), certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate.get(), certificate.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(certificate.get(), certificate.get(), NID_subject_key_identifier, "hash");
    checked(X509_sign(certificate.get(), key.get(), EVP_sha256()));
    write_pem(directory / "ca.pem", [&](std::FILE* file) { return PEM_write_X509(file, certificate.get()); });
  }

  TemporaryDirectory directory;
  Key key;
  X509Pointer certificate;
  std::atomic<int> issued = 0;
};

CertificateAuthority::CertificateAuthority(const std::string& name) : impl_(std::make_unique<Impl>(name)) {}
CertificateAuthority::~CertificateAuthority() = default;

std::filesystem::path CertificateAuthority::file() const {
  return impl_->directory / "ca.pem";
}

Certificate CertificateAuthority::issue(const Request& request) const {
  const Key key{checked(EVP_EC_gen("P-256")), &EVP_PKEY_free};
  const X509Pointer certificate =
      new_certificate(request.common_name, key.get(), request.valid_from, request.valid_until);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(impl_->certificate.get()));
  X509* issuer = impl_->certificate.get();
  add_extension(certificate.get(), issuer, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate.get(), issuer, NID_ext_key_usage, "serverAuth,clientAuth");
  add_extension(certificate.get(), issuer, NID_subject_key_identifier, "hash");
  add_extension(certificate.get(), issuer, NID_authority_key_identifier, "keyid");
  std::string names;
  for (const std::string& name : request.names) names += (names.empty() ? "" : ",") + name;
  if (!names.empty()) add_extension(certificate.get(), issuer, NID_subject_alt_name, names);
  checked(X509_sign(certificate.get(), impl_->key.get(), EVP_sha256()));

  const std::string number = std::to_string(++impl_->issued);
  const Certificate files{impl_->directory / ("certificate-" + number + ".pem"),
                          impl_->directory / ("key-" + number + ".pem"), fingerprint(certificate.get())};
  write_pem(files.certificate_file, [&](std::FILE* file) { return PEM_write_X509(file, certificate.get()); });
  write_pem(files.key_file, [&](std::FILE* file) {
    return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  return files;
}

}  // namespace dialin::test
