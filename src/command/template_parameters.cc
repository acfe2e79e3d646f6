// SPDX-License-Identifier: Apache-2.0
#include "command/template_parameters.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "mail/built_in_templates.h"
#include "mail/template_file.h"
#include "people/language_tag.h"

namespace dialin {
namespace {

constexpr const char* LanguageOfLastResort = "en";

std::string checked_language(const std::string& text, const std::string& where, ErrorCode code) {
  auto tag = parse_language_tag(text);
  if (!tag) {
    throw Error(code, fmt::format("{} is no language tag: \"{}\"", where, sanitize_foreign_text(text, 60)),
                "Write one like en, fr or fr-CA.");
  }
  return *tag;
}

// The folders and files that -TemplatePath names, with the operator's rights.
TemplateFiles operator_template_files(OperatorFiles& files) {
  return {
      .list = [&files](const std::string& folder) { return files.list(folder); },
      .read = [&files](const std::string& file) { return files.read_if_there(file, LargestTemplateFile); }};
}

// fr for fr-CA: whether two tags are of one language.
std::string_view first_subtag(std::string_view tag) {
  return tag.substr(0, tag.find('-'));
}

}  // namespace

std::vector<std::string> built_in_languages() {
  std::vector<std::string> languages;
  for (const BuiltInTemplate& file : built_in_templates()) {
    if (TemplateLibrary::purpose_of_file(file.name) != TemplatePurpose::Welcome) continue;
    // CAWelcomeEmailTemplate.html, CAWelcomeEmailTemplate.fr.html
    const std::vector<std::string> parts = split(file.name, '.');
    languages.push_back(parts.size() == 3 ? parts[1] : std::string(LanguageOfLastResort));
  }
  return languages;
}

std::vector<ParameterSpec> template_parameter_specs() {
  return {
      {.name = "TemplatePath",
       .kind = ParameterKind::Path,
       .value_name = "path",
       .help = "A template for everybody, or a folder of templates by language; else "
               "mail.template_directory, else "
               "the built-in ones.",
       .original = true,
       .file = FileUse::Template},
      {.name = "Encoding",
       .kind = ParameterKind::Text,
       .value_name = "name",
       .help = "What template files are written in that have no byte order mark and are not UTF-8: "
               "windows-1252."},
      {.name = "Language",
       .kind = ParameterKind::Text,
       .value_name = "tag",
       .help = "The language of the mail (fr, fr-CA); else the person's, else mail.language, else your own.",
       .suggestions = built_in_languages(),
       .help_desk = true},
  };
}

TemplateLibrary library_from(const CommandContext& context, const BoundParameters& bound,
                             const MailSettings& mail, EncodingIsFor encoding_is_for) {
  const std::string encoding = bound.text_or("Encoding", "");
  if (auto path = bound.text("TemplatePath")) {
    if (bound.reads_standard_input("TemplatePath")) {
      throw Error(ErrorCode::InvalidInput,
                  fmt::format("{} must name a file or a folder; a template is not read from standard input",
                              bound.display_name("TemplatePath")));
    }
    return TemplateLibrary::from_path(*path, encoding, TemplatePurpose::Welcome,
                                      operator_template_files(context.files));
  }
  if (!mail.template_directory.empty()) return TemplateLibrary::from_path(mail.template_directory, encoding);
  if (!encoding.empty() && encoding_is_for == EncodingIsFor::Templates) {
    throw Error(
        ErrorCode::InvalidInput,
        fmt::format("{} says how template files are read, and none is named", bound.display_name("Encoding")),
        fmt::format("Name them with {}, or leave it out.", bound.display_name("TemplatePath")));
  }
  return TemplateLibrary::built_in();
}

TemplateFiles template_files_of(const CommandContext& context, const BoundParameters& bound) {
  return bound.given("TemplatePath") ? operator_template_files(context.files) : own_template_files();
}

std::vector<std::string> languages_for(const CommandContext& context, const BoundParameters& bound,
                                       const MailSettings& mail, const Person& person) {
  std::vector<std::string> languages;
  if (auto typed = bound.text("Language")) {
    languages.push_back(checked_language(*typed, bound.display_name("Language"), ErrorCode::InvalidInput));
  }
  if (!person.language.empty()) languages.push_back(person.language);
  if (!mail.language.empty()) {
    languages.push_back(checked_language(mail.language, "mail.language", ErrorCode::Configuration));
  }
  if (auto own = context.streams.language()) languages.push_back(*own);
  languages.emplace_back(LanguageOfLastResort);
  return languages;
}

const TemplateSource& choose_template(CommandContext& context, const BoundParameters& bound,
                                      const MailSettings& mail, const Person& person,
                                      const TemplateLibrary& library) {
  const std::vector<std::string> languages = languages_for(context, bound, mail, person);
  const TemplateSource& source = library.choose(languages);
  // A single file is for everybody, whatever its language.
  if (bound.given("Language") && library.all().size() > 1 &&
      !equal_ignoring_case(first_subtag(source.language), first_subtag(languages.front()))) {
    context.streams.write_error(fmt::format("There is no template in {}: the one in {} is used.\n",
                                            languages.front(), source.language));
  }
  return source;
}

WelcomeTemplate checked_template(CommandContext& context, const TemplateSource& source) {
  WelcomeTemplate parsed = WelcomeTemplate::parse(source);
  for (const TemplateProblem& warning : parsed.warnings())
    context.streams.write_error(describe(warning) + "\n");
  return parsed;
}

std::string describe(const TemplateProblem& problem) {
  return fmt::format("{}:{}:{}: {}: {}", problem.file, problem.line, problem.column,
                     problem.severity == TemplateProblem::Severity::Error ? "error" : "warning",
                     problem.what);
}

}  // namespace dialin
