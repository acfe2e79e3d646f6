// SPDX-License-Identifier: Apache-2.0
#include "mail/template_library.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/text.h"
#include "mail/built_in_templates.h"
#include "mail/template_file.h"

namespace dialin {
namespace {

std::string_view base_name(TemplatePurpose purpose) {
  switch (purpose) {
    case TemplatePurpose::Welcome:
      return "CAWelcomeEmailTemplate";
    case TemplatePurpose::Notice:
      return "CAPinNoticeEmailTemplate";
  }
  return {};
}

constexpr std::string_view Extension = ".html";

// "" for CAWelcomeEmailTemplate.html, "fr-CA" for CAWelcomeEmailTemplate.fr-CA.html; nothing for other files.
std::optional<std::string> language_in_name(std::string_view file, TemplatePurpose purpose) {
  const std::string_view base = base_name(purpose);
  if (file.size() < base.size() + Extension.size()) return std::nullopt;
  const std::string_view middle = file.substr(base.size(), file.size() - base.size() - Extension.size());
  if (!equal_ignoring_case(file.substr(0, base.size()), base)) return std::nullopt;
  if (!equal_ignoring_case(file.substr(file.size() - Extension.size()), Extension)) return std::nullopt;
  if (middle.empty()) return std::string();
  if (middle.front() != '.' || middle.size() < 2) return std::nullopt;
  const std::string_view language = middle.substr(1);
  const bool tag = std::all_of(language.begin(), language.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
  return tag ? std::optional(std::string(language)) : std::nullopt;
}

// What <html lang="..."> says, if it looks like a language; else English.
std::string language_in_html(const std::string& html) {
  const std::string lower = to_lower_ascii(html);
  const std::size_t begin = lower.find("<html");
  const std::size_t end = begin == std::string::npos ? begin : lower.find('>', begin);
  const std::size_t lang = end == std::string::npos ? end : lower.find(" lang=", begin);
  if (lang == std::string::npos || lang > end) return "en";
  std::size_t at = lang + 6;
  if (html[at] == '"' || html[at] == '\'') ++at;
  const std::size_t stop = lower.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-", at);
  const std::string language = html.substr(at, stop - at);
  return language.size() < 2 || language.size() > 35 ? "en" : language;
}

class Reader {
 public:
  Reader(const TemplateFiles& files, std::string encoding, TemplatePurpose purpose)
      : files_(files), encoding_(std::move(encoding)), purpose_(purpose) {}

  TemplateSource read(const std::filesystem::path& path, const std::string& language) const {
    const std::optional<std::string> octets = files_.read(path.string());
    if (!octets) {
      throw Error(ErrorCode::InvalidInput,
                  fmt::format("reading the template {}: {}", path.string(), std::strerror(ENOENT)),
                  "Name a file, or a folder of templates, that can be read.");
    }
    TemplateSource source;
    source.purpose = purpose_;
    source.name = path.string();
    source.html = decode_template(*octets, encoding_, path.string());
    source.language = language.empty() ? language_in_html(source.html) : language;
    std::filesystem::path text = path;
    text.replace_extension(".txt");
    if (const auto text_octets = files_.read(text.string()))
      source.text = decode_template(*text_octets, encoding_, text.string());
    return source;
  }

 private:
  const TemplateFiles& files_;
  std::string encoding_;
  TemplatePurpose purpose_;
};

}  // namespace

TemplateLibrary TemplateLibrary::built_in(TemplatePurpose purpose) {
  TemplateLibrary library;
  for (const BuiltInTemplate& file : built_in_templates()) {
    const std::optional<std::string> language = language_in_name(file.name, purpose);
    if (!language) continue;
    TemplateSource source{std::string(file.name), *language, std::string(file.html), std::nullopt, purpose};
    if (language->empty()) {
      source.language = language_in_html(source.html);
      library.default_ = library.sources_.size();
    }
    library.sources_.push_back(std::move(source));
  }
  return library;
}

TemplateFiles own_template_files() {
  return {.list = [](const std::string& folder) -> std::optional<std::vector<std::string>> {
            std::error_code problem;
            if (!std::filesystem::is_directory(folder, problem)) return std::nullopt;
            std::vector<std::string> names;
            std::filesystem::directory_iterator entries(folder, problem);
            for (; !problem && entries != std::filesystem::directory_iterator(); entries.increment(problem))
              names.push_back(entries->path().filename().string());
            if (problem) {
              throw Error(ErrorCode::InvalidInput,
                          fmt::format("reading the templates in {}: {}", folder, problem.message()),
                          "Name a file, or a folder of templates, that can be read.");
            }
            return names;
          },
          .read = [](const std::string& file) { return read_template_file(file); }};
}

TemplatePurpose TemplateLibrary::purpose_of_file(const std::filesystem::path& file) {
  return language_in_name(file.filename().string(), TemplatePurpose::Notice) ? TemplatePurpose::Notice
                                                                             : TemplatePurpose::Welcome;
}

TemplateLibrary TemplateLibrary::notices(const std::filesystem::path& path, const std::string& encoding,
                                         const TemplateFiles& files) {
  const auto is_notice = [](const std::filesystem::path& file) {
    return purpose_of_file(file) == TemplatePurpose::Notice;
  };
  if (is_notice(path)) return from_path(path, encoding, TemplatePurpose::Notice, files);
  if (!path.empty()) {
    const auto names = files.list(path.string());
    if (names && std::any_of(names->begin(), names->end(), is_notice))
      return from_path(path, encoding, TemplatePurpose::Notice, files);
  }
  return built_in(TemplatePurpose::Notice);
}

TemplateLibrary TemplateLibrary::from_path(const std::filesystem::path& path, const std::string& encoding,
                                           TemplatePurpose purpose, const TemplateFiles& source) {
  TemplateLibrary library;
  const Reader reader(source, encoding, purpose);
  const std::optional<std::vector<std::string>> names = source.list(path.string());
  if (!names) {
    const auto named = language_in_name(path.filename().string(), purpose);
    library.sources_.push_back(reader.read(path, named.value_or("")));
    return library;
  }
  std::vector<std::pair<std::string, std::filesystem::path>> files;
  for (const std::string& name : *names) {
    if (const auto language = language_in_name(name, purpose)) files.emplace_back(*language, path / name);
  }
  std::sort(files.begin(), files.end());  // the one without a language first
  if (files.empty() || (files.size() > 1 && !files.front().first.empty())) {
    throw Error(
        ErrorCode::InvalidInput,
        fmt::format("reading the templates in {}: there is no {}{}, the template for people whose language "
                    "has none of its own",
                    path.string(), base_name(purpose), Extension),
        "`dialin template export` writes the shipped ones there.");
  }
  for (const auto& [language, file] : files) library.sources_.push_back(reader.read(file, language));
  return library;
}

const TemplateSource& TemplateLibrary::choose(const std::vector<std::string>& languages) const {
  for (std::string language : languages) {
    std::replace(language.begin(), language.end(), '_', '-');
    while (!language.empty()) {
      for (const TemplateSource& source : sources_) {
        if (equal_ignoring_case(source.language, language)) return source;
      }
      const std::size_t dash = language.find_last_of('-');
      language.resize(dash == std::string::npos ? 0 : dash);
    }
  }
  return sources_[default_];
}

}  // namespace dialin
