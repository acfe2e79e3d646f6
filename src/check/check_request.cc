// SPDX-License-Identifier: Apache-2.0
#include "check/check_request.h"

#include <cstdint>
#include <string_view>

#include "base/text.h"

namespace dialin {
namespace {

// Where decoded text goes: never longer than the body that it comes from.
class Decoded {
 public:
  explicit Decoded(std::size_t size) : memory_(Secret::of_size(size)) {}

  void begin() { begin_ = end_; }
  void add(char octet) { memory_.reveal_mutable(ClearSecretAccess())[end_++] = octet; }
  void add_character(std::uint32_t point) {
    if (point < 0x80) return add(static_cast<char>(point));
    if (point < 0x800) {
      add(static_cast<char>(0xC0 | point >> 6));
    } else {
      if (point < 0x10000) {
        add(static_cast<char>(0xE0 | point >> 12));
      } else {
        add(static_cast<char>(0xF0 | point >> 18));
        add(static_cast<char>(0x80 | (point >> 12 & 0x3F)));
      }
      add(static_cast<char>(0x80 | (point >> 6 & 0x3F)));
    }
    add(static_cast<char>(0x80 | (point & 0x3F)));
  }
  // What was added since begin(). Valid as long as this.
  std::string_view text() const { return memory_.reveal(ClearSecretAccess()).substr(begin_, end_ - begin_); }

 private:
  Secret memory_;
  std::size_t begin_ = 0, end_ = 0;
};

class Fields {
 public:
  // False: unknown, twice, or unfit.
  bool take(std::string_view name, std::string_view value) {
    if (!is_utf8(value) || has_control_characters(value)) return false;
    if (name == "who") return set(has_who_, value, CheckRequest::LongestWho, request_.who);
    if (name == "caller") return set(has_caller_, value, CheckRequest::LongestCaller, request_.caller);
    if (name != "pin" || has_pin_) return false;
    has_pin_ = true;
    request_.pin = Pin::parse(value);
    return true;
  }
  std::optional<CheckRequest> finish() {
    if (!has_who_ || !has_pin_ || request_.who.empty()) return std::nullopt;
    return std::move(request_);
  }

 private:
  static bool set(bool& has, std::string_view value, std::size_t longest, std::string& out) {
    if (has || value.size() > longest) return false;
    has = true;
    out = value;
    return true;
  }

  CheckRequest request_;
  bool has_who_ = false, has_pin_ = false, has_caller_ = false;
};

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

std::optional<std::uint32_t> take_hex(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const std::optional<unsigned> digit = hex_digit(text[i]);
    if (!digit) return std::nullopt;
    number = number * 16 + *digit;
  }
  text.remove_prefix(digits);
  return number;
}

// application/x-www-form-urlencoded: + is a space, %XX an octet.
bool decode_form_part(std::string_view part, Decoded& decoded) {
  decoded.begin();
  while (!part.empty()) {
    const char c = part.front();
    part.remove_prefix(1);
    if (c != '%') {
      decoded.add(c == '+' ? ' ' : c);
      continue;
    }
    const std::optional<std::uint32_t> octet = take_hex(part, 2);
    if (!octet) return false;
    decoded.add(static_cast<char>(*octet));
  }
  return true;
}

// RFC 8259, as far as a flat object of strings needs it.
class JsonReader {
 public:
  JsonReader(std::string_view text, Decoded& decoded) : rest_(text), decoded_(decoded) {}

  bool take(char expected) {
    skip_space();
    if (rest_.empty() || rest_.front() != expected) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::optional<std::string_view> take_string() {
    if (!take('"')) return std::nullopt;
    decoded_.begin();
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return decoded_.text();
      if (static_cast<unsigned char>(c) < 0x20) return std::nullopt;
      if (c != '\\') {
        decoded_.add(c);
      } else if (!take_escape()) {
        return std::nullopt;
      }
    }
    return std::nullopt;
  }
  bool at_end() {
    skip_space();
    return rest_.empty();
  }

 private:
  void skip_space() {
    const std::size_t begin = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(begin == std::string_view::npos ? rest_.size() : begin);
  }

  bool take_escape() {
    if (rest_.empty()) return false;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == 'u') return take_code_point();
    constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    const std::size_t at = letters.find(c);
    if (at == std::string_view::npos) return false;
    decoded_.add(meanings[at]);
    return true;
  }

  bool take_code_point() {
    std::optional<std::uint32_t> point = take_hex(rest_, 4);
    if (!point) return false;
    if (*point >= 0xD800 && *point < 0xDC00) {
      if (rest_.substr(0, 2) != "\\u") return false;
      rest_.remove_prefix(2);
      const std::optional<std::uint32_t> low = take_hex(rest_, 4);
      if (!low || *low < 0xDC00 || *low > 0xDFFF) return false;
      point = 0x10000 + ((*point - 0xD800) << 10) + (*low - 0xDC00);
    } else if (*point >= 0xDC00 && *point < 0xE000) {
      return false;
    }
    decoded_.add_character(*point);
    return true;
  }

  std::string_view rest_;
  Decoded& decoded_;
};

}  // namespace

std::optional<CheckRequest> parse_check_form(const Secret& body) {
  if (body.empty() || body.size() > CheckRequest::LongestBody) return std::nullopt;
  Decoded decoded(body.size());
  Fields fields;
  for (std::string_view rest = body.reveal(ClearSecretAccess());;) {
    const std::size_t end = rest.find('&');
    const std::string_view field = rest.substr(0, end);
    const std::size_t equals = field.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    if (!decode_form_part(field.substr(0, equals), decoded)) return std::nullopt;
    const std::string_view name = decoded.text();
    if (!decode_form_part(field.substr(equals + 1), decoded)) return std::nullopt;
    if (!fields.take(name, decoded.text())) return std::nullopt;
    if (end == std::string_view::npos) return fields.finish();
    rest.remove_prefix(end + 1);
  }
}

std::optional<CheckRequest> parse_check_json(const Secret& body) {
  if (body.empty() || body.size() > CheckRequest::LongestBody) return std::nullopt;
  Decoded decoded(body.size());
  JsonReader json(body.reveal(ClearSecretAccess()), decoded);
  Fields fields;
  if (!json.take('{')) return std::nullopt;
  do {
    const std::optional<std::string_view> name = json.take_string();
    if (!name || !json.take(':')) return std::nullopt;
    const std::optional<std::string_view> value = json.take_string();
    if (!value || !fields.take(*name, *value)) return std::nullopt;
  } while (json.take(','));
  if (!json.take('}') || !json.at_end()) return std::nullopt;
  return fields.finish();
}

}  // namespace dialin
