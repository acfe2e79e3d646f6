// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/extensions.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/text.h"

namespace dialin::smtp {
namespace {

std::string to_upper_ascii(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : line + " ") {
    if (c != ' ' && c != '\t') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(to_upper_ascii(word));
      word.clear();
    }
  }
  return words;
}

std::optional<std::uint64_t> parse_number(const std::string& word) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

}  // namespace

bool Extensions::offers_mechanism(const std::string& name) const {
  return std::find(auth.begin(), auth.end(), name) != auth.end();
}

Extensions parse_extensions(const Reply& reply) {
  Extensions found;
  for (std::size_t i = 1; i < reply.lines.size(); ++i) {
    std::vector<std::string> words = words_of(reply.lines[i]);
    if (words.empty()) continue;
    // "AUTH=LOGIN PLAIN": servers say it for old clients, some of them without the new form.
    if (words[0].rfind("AUTH=", 0) == 0) {
      words.insert(words.begin() + 1, words[0].substr(5));
      words[0] = "AUTH";
    }
    const std::string& keyword = words[0];
    if (keyword == "PIPELINING") {
      found.pipelining = true;
    } else if (keyword == "STARTTLS") {
      found.starttls = true;
    } else if (keyword == "BURL") {
      found.burl = true;
    } else if (keyword == "SMTPUTF8") {
      found.smtputf8 = true;
    } else if (keyword == "8BITMIME") {
      found.eight_bit_mime = true;
    } else if (keyword == "DSN") {
      found.dsn = true;
    } else if (keyword == "ENHANCEDSTATUSCODES") {
      found.enhanced_status_codes = true;
    } else if (keyword == "SIZE") {
      found.size = true;
      // RFC 1870 section 4: 0 says that there is no fixed limit.
      if (words.size() > 1) found.size_limit = parse_number(words[1]);
      if (found.size_limit == 0U) found.size_limit.reset();
    } else if (keyword == "AUTH") {
      for (std::size_t word = 1; word < words.size(); ++word) {
        if (!words[word].empty() && !found.offers_mechanism(words[word])) found.auth.push_back(words[word]);
      }
    }
  }
  found.smtputf8 = found.smtputf8 && found.eight_bit_mime;
  return found;
}

}  // namespace dialin::smtp
