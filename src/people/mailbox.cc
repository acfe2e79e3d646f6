// SPDX-License-Identifier: Apache-2.0
#include "people/mailbox.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "people/address_rules.h"

namespace dialin {
namespace {

constexpr std::size_t kLongestText = 2048;        // octets of "name <address>" as typed
constexpr std::size_t kLongestLocalPart = 64;     // octets, RFC 5321 section 4.5.3.1.1
constexpr std::size_t kLongestDisplayName = 256;  // characters

struct Parts {
  std::string address;
  std::string display_name;
  std::string problem;  // empty if the two above are good
};

Parts refused(std::string problem) {
  return {{}, {}, std::move(problem)};
}

// A dot-atom's characters (RFC 5322 atext, and everything above ASCII, RFC 6531).
bool is_atom_character(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return octet >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

// Why `text` is no dot-atom; empty if it is one.
std::string explain_bad_dot_atom(std::string_view text) {
  if (text.empty()) return "nothing stands before the @";
  if (text.front() == '.' || text.back() == '.') return "the part before the @ begins or ends with a dot";
  if (text.find("..") != std::string_view::npos) return "the part before the @ contains two dots in a row";
  for (char c : text) {
    if (c == ' ') return "the part before the @ contains a space";
    if (c == '@') return "it contains more than one @";
    if (c != '.' && !is_atom_character(c)) return fmt::format("the part before the @ contains '{}'", c);
  }
  return {};
}

// The position after the quoted string that begins at `begin`, npos if it is never closed; `content`, if
// given, receives what stands in it, without quotes and backslashes.
std::size_t skip_quoted(std::string_view text, std::size_t begin, std::string* content = nullptr) {
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] == '"') return i + 1;
    if (text[i] == '\\' && ++i == text.size()) break;
    if (content) *content += text[i];
  }
  return std::string_view::npos;
}

// The first of `wanted` outside of quotes, npos if there is none.
std::size_t find_outside_quotes(std::string_view text, std::string_view wanted, std::size_t begin = 0) {
  for (std::size_t i = begin; i < text.size();) {
    if (wanted.find(text[i]) != std::string_view::npos) return i;
    i = text[i] == '"' ? skip_quoted(text, i) : i + 1;
  }
  return std::string_view::npos;
}

std::string quote(std::string_view content) {
  std::string quoted = "\"";
  for (char c : content) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

// [192.0.2.1] or [IPv6:2001:db8::1] in one spelling; nothing if it is neither.
std::optional<std::string> parse_address_literal(std::string_view text) {
  if (text.size() < 3 || text.size() > 64 || text.front() != '[' || text.back() != ']') return std::nullopt;
  const std::string inner(text.substr(1, text.size() - 2));
  char canonical[INET6_ADDRSTRLEN];
  in_addr four{};
  if (inet_pton(AF_INET, inner.c_str(), &four) == 1) {
    return fmt::format("[{}]", inet_ntop(AF_INET, &four, canonical, sizeof canonical));
  }
  in6_addr six{};
  if (inner.size() > 5 && equal_ignoring_case(inner.substr(0, 5), "ipv6:") &&
      inet_pton(AF_INET6, inner.c_str() + 5, &six) == 1) {
    return fmt::format("[IPv6:{}]", inet_ntop(AF_INET6, &six, canonical, sizeof canonical));
  }
  return std::nullopt;
}

// local@domain, without name and angle brackets.
Parts parse_address(std::string_view text) {
  std::string local;
  std::string_view rest;
  if (text.starts_with('"')) {
    const std::size_t end = skip_quoted(text, 0, &local);
    if (end == std::string_view::npos) return refused("a quote is not closed");
    if (end == text.size() || text[end] != '@') return refused("there is no @ after the quoted part");
    if (local.empty()) return refused("nothing stands before the @");
    rest = text.substr(end + 1);
    // "bob"@contoso.com is bob@contoso.com: one address, one spelling.
    if (!explain_bad_dot_atom(local).empty()) local = quote(local);
  } else {
    const std::size_t at = text.find('@');
    if (at == std::string_view::npos) return refused("there is no @");
    local = text.substr(0, at);
    rest = text.substr(at + 1);
    if (std::string problem = explain_bad_dot_atom(local); !problem.empty())
      return refused(std::move(problem));
  }
  if (local.size() > kLongestLocalPart) return refused("the part before the @ is longer than 64 octets");
  if (has_invisible_characters(local))
    return refused("the part before the @ contains an invisible character");
  if (rest.find('@') != std::string_view::npos) return refused("it contains more than one @");
  if (rest.empty()) return refused("nothing stands after the @");
  if (rest.starts_with('[')) {
    std::optional<std::string> literal = parse_address_literal(rest);
    if (!literal) return refused("the network address in brackets is not valid");
    return {local + "@" + *literal, {}, {}};
  }
  std::string reason;
  std::optional<std::string> domain = to_ascii_domain(rest, &reason);
  if (!domain) return refused("the domain " + reason);
  return {local + "@" + *domain, {}, {}};
}

// The words before <address>: one quoted string, or words that need no quotes.
Parts parse_display_name(std::string_view text) {
  std::string name;
  if (text.starts_with('"')) {
    const std::size_t end = skip_quoted(text, 0, &name);
    if (end == std::string_view::npos) return refused("a quote is not closed");
    if (end != text.size()) return refused("text stands between the quoted name and the <");
    name = trim(name);
  } else {
    const std::size_t special = text.find_first_of("\"<>,;:@()[]\\");
    if (special != std::string_view::npos) {
      return refused(fmt::format("the name contains '{}': write it in quotes", text[special]));
    }
    name = text;
  }
  if (length_in_characters(name) > kLongestDisplayName)
    return refused("the name is longer than 256 characters");
  return {{}, name, {}};
}

Parts parse_parts(std::string_view text) {
  if (text.size() > kLongestText) return refused("it is longer than 2,048 octets");
  if (!is_utf8(text)) return refused("it is not valid UTF-8");
  text = trim(text);
  if (text.empty()) return refused("it is empty");
  if (has_control_characters(text)) return refused("it contains a control character or a line end");
  const std::size_t open = find_outside_quotes(text, "<");
  if (open == std::string_view::npos) return parse_address(text);
  if (text.back() != '>') return refused("the < has no > at the end");
  Parts name = parse_display_name(trim(text.substr(0, open)));
  if (!name.problem.empty()) return name;
  const std::string_view inside = text.substr(open + 1, text.size() - open - 2);
  if (inside.starts_with('@')) return refused("it contains a route, which mail no longer has");
  Parts parts = parse_address(inside);
  parts.display_name = std::move(name.display_name);
  return parts;
}

}  // namespace

std::optional<Mailbox> Mailbox::parse(std::string_view text) {
  Parts parts = parse_parts(text);
  if (!parts.problem.empty()) return std::nullopt;
  return Mailbox(std::move(parts.address), std::move(parts.display_name));
}

std::string Mailbox::local_part() const {
  return address_.substr(0, address_.rfind('@'));
}

std::string Mailbox::domain() const {
  return address_.substr(address_.rfind('@') + 1);
}

bool Mailbox::needs_smtputf8() const {
  return !is_ascii(address_);
}

std::string Mailbox::key() const {
  return fold_case(local_part()) + "@" + to_lower_ascii(domain());
}

Mailbox Mailbox::with_display_name(std::string_view name) const {
  // sanitize_foreign_text makes spaces of control characters; runs of spaces then become one.
  std::string clean;
  for (char c : sanitize_foreign_text(name, kLongestDisplayName)) {
    if (c != ' ' || (!clean.empty() && clean.back() != ' ')) clean += c;
  }
  return Mailbox(address_, std::string(trim(clean)));
}

std::string explain_bad_mailbox(std::string_view text) {
  return parse_parts(text).problem;
}

std::optional<std::vector<Mailbox>> parse_mailbox_list(std::string_view text, std::string* bad) {
  std::vector<Mailbox> list;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(find_outside_quotes(text, ",;", begin), text.size());
    const std::string_view one = trim(text.substr(begin, end - begin));
    begin = end + 1;
    if (one.empty()) continue;  // a separator at the end, or twice
    std::optional<Mailbox> mailbox = Mailbox::parse(one);
    if (!mailbox) {
      if (bad) *bad = one;
      return std::nullopt;
    }
    list.push_back(std::move(*mailbox));
  }
  return list;
}

}  // namespace dialin
