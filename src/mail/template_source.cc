// SPDX-License-Identifier: Apache-2.0
// A template as one text: fields as netstrings ("5:hello,"), in a fixed order behind a line with the version.
#include <fmt/format.h>

#include <charconv>

#include "base/encoding.h"
#include "base/error.h"
#include "mail/welcome_template.h"

namespace dialin {
namespace {

constexpr std::string_view OfWelcome = "dialin template 1\n";
constexpr std::string_view OfNotice = "dialin notice 1\n";

std::string netstring(std::string_view field) {
  return fmt::format("{}:{},", field.size(), field);
}

[[noreturn]] void damaged() {
  throw Error(ErrorCode::Internal, "reading a template from the store: it is damaged");
}

std::string take_netstring(std::string_view& rest) {
  std::size_t size = 0;
  const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), size);
  const auto digits = static_cast<std::size_t>(end - rest.data());
  if (problem != std::errc() || digits == rest.size() || rest[digits] != ':') damaged();
  rest.remove_prefix(digits + 1);
  if (rest.size() <= size || rest[size] != ',') damaged();
  std::string field(rest.substr(0, size));
  rest.remove_prefix(size + 1);
  return field;
}

}  // namespace

std::string serialize(const TemplateSource& source) {
  std::string result(source.purpose == TemplatePurpose::Notice ? OfNotice : OfWelcome);
  result += netstring(source.name);
  result += netstring(source.language);
  result += netstring(source.html);
  if (source.text) result += netstring(*source.text);
  return result;
}

TemplateSource deserialize_template(std::string_view serialized) {
  TemplateSource source;
  if (serialized.starts_with(OfNotice)) {
    source.purpose = TemplatePurpose::Notice;
  } else if (!serialized.starts_with(OfWelcome)) {
    damaged();
  }
  std::string_view rest = serialized.substr(serialized.find('\n') + 1);
  source.name = take_netstring(rest);
  source.language = take_netstring(rest);
  source.html = take_netstring(rest);
  if (!rest.empty()) source.text = take_netstring(rest);
  if (!rest.empty()) damaged();
  return source;
}

std::string template_hash(const TemplateSource& source) {
  // Without the name: the same template from another folder is the same content.
  TemplateSource content = source;
  content.name.clear();
  return sha256_hex(serialize(content));
}

}  // namespace dialin
