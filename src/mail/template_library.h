// SPDX-License-Identifier: Apache-2.0
// Which template a person gets: a file for everybody, a folder by language, or the built-in ones.
// Files: CAWelcomeEmailTemplate.html, CAWelcomeEmailTemplate.fr.html, .fr-CA.html, each with an optional .txt
// of the same name; of notices: CAPinNoticeEmailTemplate.html and so on. Language fallback: fr-CA -> fr ->
// the one without a language.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mail/welcome_template.h"

namespace dialin {

// How files are reached: with this process's rights, or with those of an operator who is not it.
struct TemplateFiles {
  // The names in a folder; nothing if there is none of that name.
  std::function<std::optional<std::vector<std::string>>(const std::string& folder)> list;
  // A file's octets, at most LargestTemplateFile; nothing if it is not there.
  std::function<std::optional<std::string>(const std::string& file)> read;
};

// With this process's own rights.
TemplateFiles own_template_files();

class TemplateLibrary {
 public:
  // The ones shipped with the program.
  static TemplateLibrary built_in(TemplatePurpose purpose = TemplatePurpose::Welcome);
  // `path` a file or a folder; a folder of several files must have the one without a language. Everybody gets
  // a single file, whatever its language. `encoding` is used for files without a byte order mark that are not
  // UTF-8; empty: such a file is an error that shows the line and names -Encoding. Error(InvalidInput) if it
  // cannot be read.
  static TemplateLibrary from_path(const std::filesystem::path& path, const std::string& encoding,
                                   TemplatePurpose purpose = TemplatePurpose::Welcome,
                                   const TemplateFiles& files = own_template_files());
  // Those of notices: a file that is one by its name, those of a folder that has any, else the built-in ones.
  static TemplateLibrary notices(const std::filesystem::path& path, const std::string& encoding,
                                 const TemplateFiles& files = own_template_files());
  // What a file is for, by its name.
  static TemplatePurpose purpose_of_file(const std::filesystem::path& file);

  // The best for the languages in order of preference (each with its fallback), else the default one.
  const TemplateSource& choose(const std::vector<std::string>& languages) const;
  const std::vector<TemplateSource>& all() const { return sources_; }

 private:
  std::vector<TemplateSource> sources_;  // at least one
  std::size_t default_ = 0;
};

}  // namespace dialin
