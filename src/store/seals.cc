// SPDX-License-Identifier: Apache-2.0
#include "store/seals.h"

#include "base/error.h"

namespace dialin {
namespace {

// Bound into every seal that stands in a store: never to be changed.
std::string_view words_of(SealPurpose purpose) {
  switch (purpose) {
    case SealPurpose::Verifier:
      return "verifier";
    case SealPurpose::WelcomePin:
      return "welcome-pin";
    case SealPurpose::RowPin:
      return "run-row-pin";
    case SealPurpose::StampKey:
      return "stamp-key";
  }
  return {};
}

Pin pin_of(const Secret& digits) {
  std::optional<Pin> pin = Pin::parse(digits.reveal(ClearSecretAccess()));
  if (!pin) throw Error(ErrorCode::Internal, "a sealed PIN in the store holds something else");
  return std::move(*pin);
}

}  // namespace

std::string SealsUnder::seal(SealPurpose purpose, const PersonId& person, const Secret& clear) const {
  return sealer_->seal(clear, {words_of(purpose), store_id_, person});
}

std::string SealsUnder::seal_verifier(const PersonId& person, const Secret& verifier) const {
  return seal(SealPurpose::Verifier, person, verifier);
}

std::string SealsUnder::seal_pin(const PersonId& person, const Pin& pin) const {
  return seal(SealPurpose::WelcomePin, person, Secret(pin.reveal(ClearPinAccess())));
}

std::string SealsUnder::seal_row_pin(const PersonId& person, const Pin& pin) const {
  return seal(SealPurpose::RowPin, person, Secret(pin.reveal(ClearPinAccess())));
}

Secret Seals::open(SealPurpose purpose, const PersonId& person, std::string_view sealed) const {
  const std::optional<KeyId> key = Sealer::key_of(sealed);
  if (!key) {
    throw Error(
        ErrorCode::Internal,
        "opening a sealed " + std::string(words_of(purpose)) + ": it is not in the form v1.<key id>.<base64>",
        "Somebody or something altered the store. Restore it from a backup, or give the person a new PIN: "
        "dialin people disable, people enable, welcome.");
  }
  return ring_.sealer(*key).open(sealed, {words_of(purpose), store_id_, person});
}

Secret Seals::open_verifier(const PersonId& person, const std::string& sealed) const {
  return open(SealPurpose::Verifier, person, sealed);
}

Pin Seals::open_pin(const PersonId& person, const std::string& sealed) const {
  return pin_of(open(SealPurpose::WelcomePin, person, sealed));
}

Pin Seals::open_row_pin(const PersonId& person, const std::string& sealed) const {
  return pin_of(open(SealPurpose::RowPin, person, sealed));
}

}  // namespace dialin
