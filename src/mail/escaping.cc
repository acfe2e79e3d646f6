// SPDX-License-Identifier: Apache-2.0
#include "mail/escaping.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace dialin {
namespace {

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

void append_html(WipedString& out, std::string_view value) {
  for (const char c : value) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
}

void append_percent_encoded(WipedString& out, std::string_view value, std::string_view kept) {
  static constexpr std::string_view Digits = "0123456789ABCDEF";
  for (const char c : value) {
    if (is_alphanumeric(c) || kept.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto octet = static_cast<unsigned char>(c);
      out += '%';
      out += Digits[octet >> 4];
      out += Digits[octet & 15];
    }
  }
}

void append_css(WipedString& out, std::string_view value) {
  static constexpr std::string_view Kept = " .,-#%";
  for (const char c : value) {
    if (is_alphanumeric(c) || Kept.find(c) != std::string_view::npos) out += c;
  }
}

}  // namespace

bool has_linkable_scheme(std::string_view value) {
  static constexpr std::array<std::string_view, 4> Schemes = {"https:", "http:", "mailto:", "tel:"};
  return std::any_of(Schemes.begin(), Schemes.end(), [&](std::string_view scheme) {
    return equal_ignoring_case(value.substr(0, scheme.size()), scheme);
  });
}

void append_escaped(WipedString& out, std::string_view value, Escaping escaping) {
  switch (escaping) {
    case Escaping::Plain:
      out += value;
      return;
    case Escaping::Html:
      return append_html(out, value);
    case Escaping::Url:
      return append_html(out, has_linkable_scheme(value) ? value : "#");
    case Escaping::UrlInText:
      // Angle brackets would end the <address> that stands behind a link's words.
      return append_percent_encoded(out, has_linkable_scheme(value) ? value : "#", ":/?#[]@!$&'()*+,;=-._~%");
    case Escaping::UrlComponent:
      return append_percent_encoded(out, value, "-._~");
    case Escaping::AddressComponent:
      return append_percent_encoded(out, value, "-._~@+");
    case Escaping::Css:
      return append_css(out, value);
  }
}

}  // namespace dialin
