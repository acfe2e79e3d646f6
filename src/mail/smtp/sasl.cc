// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/sasl.h"

#include <fmt/format.h>
#include <gsasl.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/error.h"

namespace dialin::smtp {
namespace {

// SCRAM first: it gives a server that does not know the password nothing. LOGIN is for servers that have no
// PLAIN.
constexpr std::array<const char*, 4> mechanisms = {"SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN"};

// What GNU SASL allocated and may hold the password: wiped, then freed.
class GsaslText {
 public:
  ~GsaslText() {
    if (text == nullptr) return;
    wipe(text, std::strlen(text));
    gsasl_free(text);
  }
  char* text = nullptr;
};

}  // namespace

class SaslExchange::Impl {
 public:
  Impl() = default;
  ~Impl() {
    if (session != nullptr) gsasl_finish(session);
    if (context != nullptr) gsasl_done(context);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Gsasl* context = nullptr;
  Gsasl_session* session = nullptr;
};

std::vector<std::string> usable_mechanisms(const std::vector<std::string>& offered) {
  std::vector<std::string> usable;
  for (const char* mechanism : mechanisms) {
    if (std::find(offered.begin(), offered.end(), mechanism) != offered.end()) usable.emplace_back(mechanism);
  }
  return usable;
}

SaslExchange::SaslExchange(const std::string& mechanism, const std::string& user,
                           const std::shared_ptr<const Secret>& password)
    : impl_(std::make_unique<Impl>()), mechanism_(mechanism) {
  int code = gsasl_init(&impl_->context);
  if (code == GSASL_OK) code = gsasl_client_start(impl_->context, mechanism.c_str(), &impl_->session);
  if (code == GSASL_OK) code = gsasl_property_set(impl_->session, GSASL_AUTHID, user.c_str());
  if (code == GSASL_OK) {
    const std::string_view clear = password->reveal(ClearSecretAccess());
    code = gsasl_property_set_raw(impl_->session, GSASL_PASSWORD, clear.data(), clear.size());
  }
  if (code != GSASL_OK) {
    throw Error(ErrorCode::Internal, fmt::format("signing in with {}: {}", mechanism, gsasl_strerror(code)),
                "Check that libgsasl is installed whole.");
  }
}

SaslExchange::~SaslExchange() = default;

bool SaslExchange::client_first() const {
  return mechanism_ != "LOGIN";
}

std::optional<Secret> SaslExchange::respond(std::string_view challenge) {
  const std::string terminated(challenge);
  GsaslText answer;
  const int code = gsasl_step64(impl_->session, terminated.c_str(), &answer.text);
  if (code != GSASL_OK && code != GSASL_NEEDS_MORE) {
    // SCRAM's last step checks the server: GSASL_AUTHENTICATION_ERROR there is a server without the password.
    error_ =
        code == GSASL_AUTHENTICATION_ERROR
            ? "the server could not prove that it knows the password"
            : fmt::format("the server's part of {} cannot be answered: {}", mechanism_, gsasl_strerror(code));
    return std::nullopt;
  }
  complete_ = code == GSASL_OK;
  return Secret(answer.text == nullptr ? std::string_view() : std::string_view(answer.text));
}

}  // namespace dialin::smtp
