// SPDX-License-Identifier: Apache-2.0
#include "mail/template_file.h"

#include <fmt/format.h>
#include <iconv.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>

#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"

namespace dialin {
namespace {

struct CloseIconv {
  void operator()(void* descriptor) const { iconv_close(descriptor); }
};

std::string convert(std::string_view octets, const std::string& encoding, const std::string& name) {
  const iconv_t descriptor = iconv_open("UTF-8", encoding.c_str());
  if (descriptor == reinterpret_cast<iconv_t>(-1)) {
    throw Error(ErrorCode::InvalidInput,
                fmt::format("reading the template {}: the encoding {} is not known", name,
                            sanitize_foreign_text(encoding, 64)),
                "Name one of `iconv --list`, for example -Encoding windows-1252.");
  }
  const std::unique_ptr<void, CloseIconv> closer(descriptor);
  std::string input(octets);
  std::string output(octets.size() * 4 + 16, '\0');
  char* from = input.data();
  char* to = output.data();
  std::size_t left = input.size();
  std::size_t room = output.size();
  if (iconv(descriptor, &from, &left, &to, &room) == static_cast<std::size_t>(-1) || left != 0) {
    throw Error(ErrorCode::InvalidInput,
                fmt::format("reading the template {}: octet {} is not valid in {}", name,
                            input.size() - left + 1, encoding),
                "Name the encoding that the file is in by -Encoding.");
  }
  output.resize(output.size() - room);
  return output;
}

// The first line that is not UTF-8, so that its author finds it.
std::string explain_not_utf8(std::string_view octets, const std::string& name) {
  unsigned line = 1;
  std::size_t at = 0;
  while (at < octets.size()) {
    const Utf8Character character = decode_utf8(octets, at);
    if (character.size == 0) break;
    if (octets[at] == '\n') ++line;
    at += character.size;
  }
  const std::size_t before = octets.substr(0, at).find_last_of('\n');
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  const std::string_view shown = octets.substr(begin, octets.find('\n', begin) - begin);
  return fmt::format("reading the template {}: line {} is not UTF-8: {}", name, line,
                     sanitize_foreign_text(trim(shown), 100));
}

// A file that was converted says <meta charset> of what it was: a program that saves the mail would believe
// it.
void correct_charset(std::string& html) {
  static constexpr std::string_view Key = "charset=";
  const std::string lower = to_lower_ascii(html);
  const std::size_t meta = lower.find("<meta");
  for (std::size_t at = meta; at != std::string::npos; at = lower.find("<meta", at + 1)) {
    const std::size_t end = lower.find('>', at);
    std::size_t key = lower.find(Key, at);
    if (end == std::string::npos || key == std::string::npos || key > end) continue;
    key += Key.size();
    if (html[key] == '"' || html[key] == '\'') ++key;
    const std::size_t value_end = lower.find_first_of("\"' />;", key);
    html.replace(key, value_end - key, "utf-8");
    return;
  }
}

}  // namespace

std::string decode_template(std::string_view octets, const std::string& encoding, const std::string& name) {
  const std::string_view bom = octets.substr(0, 3);
  std::string text;
  if (bom == "\xEF\xBB\xBF") {
    text = octets.substr(3);
  } else if (bom.substr(0, 2) == "\xFF\xFE") {
    text = convert(octets.substr(2), "UTF-16LE", name);
  } else if (bom.substr(0, 2) == "\xFE\xFF") {
    text = convert(octets.substr(2), "UTF-16BE", name);
  } else if (is_utf8(octets)) {
    return std::string(octets);
  } else if (!encoding.empty()) {
    text = convert(octets, encoding, name);
  } else {
    throw Error(ErrorCode::InvalidInput, explain_not_utf8(octets, name),
                "Save it as UTF-8, or name its encoding: -Encoding windows-1252.");
  }
  if (!is_utf8(text)) throw Error(ErrorCode::InvalidInput, explain_not_utf8(text, name));
  correct_charset(text);
  return text;
}

std::optional<std::string> read_template_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file && errno == ENOENT) return std::nullopt;
  std::string octets;
  if (file) {
    octets.resize(LargestTemplateFile);
    file.read(octets.data(), static_cast<std::streamsize>(octets.size()));
    octets.resize(static_cast<std::size_t>(file.gcount()));
  }
  if (!file && !file.eof()) {
    throw Error(ErrorCode::InvalidInput,
                fmt::format("reading the template {}: {}", path.string(), std::strerror(errno)),
                "Name a file, or a folder of templates, that can be read.");
  }
  return octets;
}

}  // namespace dialin
