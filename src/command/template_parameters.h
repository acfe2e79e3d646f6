// SPDX-License-Identifier: Apache-2.0
// Which template a person gets: -TemplatePath, -Encoding, -Language, mail.template_directory and
// mail.language.
#pragma once

#include <string>
#include <vector>

#include "command/command_context.h"
#include "config/configuration.h"
#include "mail/template_library.h"
#include "mail/welcome_template.h"
#include "people/person.h"
#include "shell/bound_parameters.h"
#include "shell/command_spec.h"

namespace dialin {

// Those of the built-in templates, which completion offers.
std::vector<std::string> built_in_languages();

// Rows of -TemplatePath, -Encoding and -Language, for every command that renders a welcome.
std::vector<ParameterSpec> template_parameter_specs();

// -TemplatePath (a file for everybody, or a folder by language), else mail.template_directory, else the
// built-in ones. `mail`: of the person's site. Error(InvalidInput) if the files cannot be read, or -Encoding
// is given and there is no file to which it could apply.
enum class EncodingIsFor {
  Templates,
  OtherFilesToo,  // the command reads other files by -Encoding too: it needs no template to apply to
};
TemplateLibrary library_from(const CommandContext& context, const BoundParameters& bound,
                             const MailSettings& mail,
                             EncodingIsFor encoding_is_for = EncodingIsFor::Templates);

// How that is read: files that -TemplatePath names with the operator's rights, others with this process's.
TemplateFiles template_files_of(const CommandContext& context, const BoundParameters& bound);

// In order of preference: -Language, else the person's, the configured one, the operator's locale, English.
// Error(InvalidInput) if -Language is no language tag, Error(Configuration) if mail.language is none.
std::vector<std::string> languages_for(const CommandContext& context, const BoundParameters& bound,
                                       const MailSettings& mail, const Person& person);

// The person's template out of `library`, which outlives the result. Says on standard error if -Language
// names a language in which there is none.
const TemplateSource& choose_template(CommandContext& context, const BoundParameters& bound,
                                      const MailSettings& mail, const Person& person,
                                      const TemplateLibrary& library);

// The template, parsed; Error(InvalidInput) with every error in it. Its warnings go to standard error, each
// once: call this once for each template that a command uses.
WelcomeTemplate checked_template(CommandContext& context, const TemplateSource& source);

// "CAWelcomeEmailTemplate.fr.html:12:5: error: unknown tag ..."
std::string describe(const TemplateProblem& problem);

}  // namespace dialin
