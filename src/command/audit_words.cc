// SPDX-License-Identifier: Apache-2.0
#include "command/audit_words.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "base/encoding.h"
#include "base/error.h"

namespace dialin {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kLongestLine = 1 << 20;
constexpr std::size_t kPublicKeySize = 32;

// A damaged line is shown as it is: audit verify is who judges.
Json detail_of(const AuditLine& line) {
  Json detail = Json::parse(line.detail, nullptr, false);
  return detail.is_object() ? detail : Json{{"text", line.detail}};
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool is_an_id(const std::string& text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

void AuditWords::look_up(const std::vector<AuditLine>& lines) {
  people_.clear();
  std::set<std::string> ids;
  for (const AuditLine& line : lines) {
    if (!line.person.empty() && !people_.contains(line.person)) {
      const std::optional<Person> person = store_.people().get(line.person);
      people_.emplace(line.person, person ? person->sip_address.uri() : std::string());
    }
    const Json written = detail_of(line);
    for (const auto& [name, value] : written.items()) {
      if (value.is_string() && is_an_id(value.get<std::string>())) ids.insert(value.get<std::string>());
    }
  }
  names_ = store_.audit().names({ids.begin(), ids.end()});
}

std::string AuditWords::identity(const AuditLine& line) const {
  const auto found = people_.find(line.person);
  return found == people_.end() ? std::string() : found->second;
}

std::string AuditWords::named(const std::string& value) const {
  const auto found = names_.find(value);
  return found == names_.end() ? value : found->second;
}

std::string AuditWords::json(const AuditLine& line) const {
  Json object = {{"chain", line.chain},
                 {"number", line.number},
                 {"at", to_rfc3339(from_microseconds(line.at))},
                 {"operator", line.operator_name},
                 {"origin", line.origin},
                 {"event", line.event},
                 {"person", line.person}};
  if (const std::string who = identity(line); !who.empty()) object["identity"] = who;
  Json detail = Json::object();
  const Json written = detail_of(line);
  for (const auto& [name, value] : written.items())
    detail[name] = value.is_string() ? Json(named(value.get<std::string>())) : value;
  object["detail"] = std::move(detail);
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

OutputObject AuditWords::object(const AuditLine& line) const {
  std::string detail;
  const Json written = detail_of(line);
  for (const auto& [name, value] : written.items())
    detail += fmt::format("{}{}={}", detail.empty() ? "" : ", ", name, named(text_of(value)));
  const std::string who = identity(line);
  OutputObject object;
  object.time("At", from_microseconds(line.at))
      .text("Operator", line.operator_name)
      .text("Event", line.event)
      .text("Identity", who.empty() ? line.person : who)
      .text("Detail", detail)
      .text("Chain", line.chain)
      .number("Number", line.number)
      .text("Origin", line.origin);
  return object;
}

std::vector<std::string> AuditWords::columns(OutputFormat format) {
  if (format == OutputFormat::Table) return {"At", "Operator", "Event", "Identity", "Detail"};
  return {"At", "Operator", "Event", "Identity", "Detail", "Chain", "Number", "Origin"};
}

std::optional<std::string> FileLines::next() {
  for (;;) {
    const std::size_t end = buffer_.find('\n');
    if (end != std::string::npos || (ended_ && !buffer_.empty())) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end == std::string::npos ? end : end + 1);
      if (!line.empty() && line.back() == '\r') line.pop_back();
      return line;
    }
    if (ended_) return std::nullopt;
    if (buffer_.size() > kLongestLine)
      throw Error(ErrorCode::InvalidInput, "the file has a line of over 1 MB: it is none of dialin's");
    char piece[65536];
    const std::size_t size = read_(piece, sizeof piece);
    if (size == 0) ended_ = true;
    buffer_.append(piece, size);
  }
}

ParameterSpec public_key_parameter_spec() {
  return {
      .name = "PublicKey",
      .kind = ParameterKind::List,
      .value_name = "key",
      .help = "Keys of other hosts whose signatures are proofs too, as dialin audit head shows them there."};
}

std::vector<std::string> trusted_keys(Store& store, const BoundParameters& bound) {
  std::vector<std::string> keys = {store.audit().public_key()};
  for (const std::string& key : bound.list("PublicKey")) {
    const std::optional<std::string> octets = from_base64(key);
    if (!octets || octets->size() != kPublicKeySize)
      throw Error(ErrorCode::InvalidInput, fmt::format("-PublicKey: '{}' is no public key", key),
                  "It stands behind key= in what dialin audit head prints on the host that has it.");
    keys.push_back(key);
  }
  return keys;
}

}  // namespace dialin
