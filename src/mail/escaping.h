// SPDX-License-Identifier: Apache-2.0
// How a value is made harmless for the place that it stands in.
#pragma once

#include <string>
#include <string_view>

#include "mail/wiped_string.h"

namespace dialin {

enum class Escaping {
  Plain,         // the text part and the subject: as it is
  Html,          // text, quoted attributes, comments: & < > " ' as references, so that nothing ends or begins
  Url,           // a whole address in an attribute: https, http, mailto, tel or nothing but "#"; then as Html
  UrlInText,     // the same in the text part
  UrlComponent,  // behind the beginning of an address: RFC 3986 percent-encoding of all but unreserved
  AddressComponent,  // behind mailto: or tel: the same, but @ and + stay
  Css,               // letters, digits, space and . , - # % only
};

void append_escaped(WipedString& out, std::string_view value, Escaping escaping);

// Whether `value` begins with one of the schemes that a mail may link to.
bool has_linkable_scheme(std::string_view value);

}  // namespace dialin
