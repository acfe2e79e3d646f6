// SPDX-License-Identifier: Apache-2.0
#include "store/seals.h"

#include "base/error.h"

namespace dialin {
namespace {

constexpr const char* kVerifier = "verifier";
constexpr const char* kWelcomePin = "welcome-pin";
constexpr const char* kRowPin = "run-row-pin";

}  // namespace

std::string Seals::seal_verifier(const PersonId& person, const Secret& verifier) const {
  return sealer_.seal(verifier, context(kVerifier, person));
}

Secret Seals::open_verifier(const PersonId& person, const std::string& sealed) const {
  return sealer_.open(sealed, context(kVerifier, person));
}

std::string Seals::seal_pin(const PersonId& person, const Pin& pin) const {
  return seal_digits(kWelcomePin, person, pin);
}

Pin Seals::open_pin(const PersonId& person, const std::string& sealed) const {
  return open_digits(kWelcomePin, person, sealed);
}

std::string Seals::seal_row_pin(const PersonId& person, const Pin& pin) const {
  return seal_digits(kRowPin, person, pin);
}

Pin Seals::open_row_pin(const PersonId& person, const std::string& sealed) const {
  return open_digits(kRowPin, person, sealed);
}

std::string Seals::seal_digits(const char* purpose, const PersonId& person, const Pin& pin) const {
  return sealer_.seal(Secret(pin.reveal(ClearPinAccess())), context(purpose, person));
}

Pin Seals::open_digits(const char* purpose, const PersonId& person, const std::string& sealed) const {
  const Secret digits = sealer_.open(sealed, context(purpose, person));
  std::optional<Pin> pin = Pin::parse(digits.reveal(ClearSecretAccess()));
  if (!pin) throw Error(ErrorCode::Internal, "a sealed PIN in the store holds something else");
  return std::move(*pin);
}

std::string Seals::credential_stamp(const Secret& password) const {
  return sealer_.mac("credential", password);
}

std::string Seals::name_stamp(const std::string& name) const {
  return sealer_.mac("checked-name", Secret(std::string_view(name)));
}

}  // namespace dialin
