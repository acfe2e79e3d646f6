// SPDX-License-Identifier: Apache-2.0
// Any octets as the body of a PIN check, as a form and as JSON: reading ends with a question or with none,
// what it accepts is what the type promises, and the same question written in the plainest way is read as the
// same.
#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.h"
#include "check/check_request.h"
#include "check/checked_name.h"

namespace {

using dialin::CheckRequest;

void require(bool holds) {
  if (!holds) std::abort();
}

std::string percent(std::string_view text) {
  std::string escaped;
  for (const char c : text) escaped += fmt::format("%{:02x}", static_cast<unsigned char>(c));
  return escaped;
}

std::string json_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

void same(const std::optional<CheckRequest>& again, const CheckRequest& request) {
  require(again && again->who == request.who && again->caller == request.caller);
  require(again->pin.has_value() == request.pin.has_value());
}

void look_at(const std::optional<CheckRequest>& request) {
  if (!request) return;
  require(!request->who.empty() && request->who.size() <= CheckRequest::LongestWho);
  require(request->caller.size() <= CheckRequest::LongestCaller);
  for (const std::string* text : {&request->who, &request->caller})
    require(dialin::is_utf8(*text) && !dialin::has_control_characters(*text));
  if (request->pin) require(request->pin->length() >= 4 && request->pin->length() <= 24);
  dialin::parse_checked_name(request->who);
  // The PIN itself cannot be seen here: any of its length will do.
  const std::string pin = request->pin ? std::string(request->pin->length(), '7') : "no PIN";
  const std::string form =
      "caller=" + percent(request->caller) + "&pin=" + percent(pin) + "&who=" + percent(request->who);
  if (form.size() <= CheckRequest::LongestBody)
    same(dialin::parse_check_form(dialin::Secret(std::string_view(form))), *request);
  const std::string json = fmt::format("{{\"caller\":\"{}\",\"pin\":\"{}\",\"who\":\"{}\"}}",
                                       json_escaped(request->caller), pin, json_escaped(request->who));
  same(dialin::parse_check_json(dialin::Secret(std::string_view(json))), *request);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const dialin::Secret body(std::string_view(reinterpret_cast<const char*>(data), size));
  look_at(dialin::parse_check_form(body));
  look_at(dialin::parse_check_json(body));
  return 0;
}
