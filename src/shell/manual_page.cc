// SPDX-License-Identifier: Apache-2.0
#include "shell/manual_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "config/example.h"
#include "config/setting.h"
#include "shell/help.h"
#include "shell/roff.h"

namespace dialin {
namespace {

struct Imprint {
  std::string source;  // "Dialin 0.1.0"
  std::string date;
};

std::string page_name(const CommandSpec& spec) {
  std::string name = "dialin-" + spec.verb;
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

std::string without_full_stop(std::string text) {
  if (text.ends_with('.')) text.pop_back();
  return text;
}

void add_parameters(RoffPage& page, const std::vector<const ParameterSpec*>& parameters) {
  for (const ParameterSpec* parameter : parameters) {
    const ParameterTerm term = term_of(*parameter);
    page.term(term.names, term.value, term.notes, parameter->help);
  }
}

// Those of the same group, and the page about all.
std::vector<std::string> related(const CommandTable& table, const CommandSpec& spec) {
  std::vector<std::string> pages = {"dialin(1)"};
  for (const CommandSpec* row : table) {
    if (row != &spec && row->group == spec.group) pages.push_back(page_name(*row) + "(1)");
  }
  pages.push_back("dialin.toml(5)");
  return pages;
}

std::string command_page(const CommandTable& table, const CommandSpec& spec, const Imprint& imprint) {
  RoffPage page(upper(page_name(spec)), "1", imprint.date, imprint.source);
  std::vector<std::string> names = {page_name(spec)};
  if (!spec.cmdlet.empty()) names.push_back(spec.cmdlet);
  page.name(names, without_full_stop(spec.summary)).heading("SYNOPSIS");
  if (!spec.cmdlet.empty()) page.synopsis(syntax_pieces(spec, Spelling::Cmdlet));
  page.synopsis(syntax_pieces(spec, Spelling::Native)).heading("DESCRIPTION").paragraph(spec.summary);
  for (const std::string& paragraph : paragraphs_of(spec)) page.paragraph(paragraph);
  if (!spec.parameters.empty()) {
    page.heading("PARAMETERS");
    std::vector<const ParameterSpec*> own;
    for (const ParameterSpec& parameter : spec.parameters) own.push_back(&parameter);
    add_parameters(page, own);
  }
  page.heading("COMMON PARAMETERS");
  add_parameters(page, common_parameters_of(spec));
  page.heading("EXIT STATUS");
  for (const auto& [code, meaning] : exit_codes_of(spec)) page.term({std::to_string(code)}, "", "", meaning);
  if (!spec.examples.empty()) page.heading("EXAMPLES");
  for (const CommandExample& example : spec.examples) page.paragraph(example.says).example(example.line);
  return page.heading("SEE ALSO").references(related(table, spec)).text();
}

std::string overview_page(const CommandTable& table, const Imprint& imprint) {
  RoffPage page("DIALIN", "1", imprint.date, imprint.source);
  page.name({"dialin"}, "PINs for dial-in conferencing, and the mails that welcome people to it")
      .heading("SYNOPSIS")
      .synopsis({"dialin", "COMMAND", "[parameters]"})
      .synopsis({"Verb-CsNoun", "[parameters]"})
      .heading("DESCRIPTION")
      .paragraph(
          "dialin gives people the PIN with which they enter dial-in conferences from a telephone, and "
          "welcomes "
          "them by mail. Each command has a verb of its own; many have the name of a cmdlet as well, which "
          "is a "
          "name of the program. Parameters are understood in both spellings, -UserUri and --user-uri, "
          "whichever "
          "name is used.")
      .paragraph("`dialin help` lists all commands, `dialin help COMMAND` tells all about one.")
      .heading("COMMANDS");
  std::vector<std::string> groups;
  for (const CommandSpec* row : table) {
    if (std::find(groups.begin(), groups.end(), row->group) == groups.end()) groups.push_back(row->group);
  }
  for (const std::string& group : groups) {
    page.subheading(group);
    for (const CommandSpec* row : table) {
      if (row->group != group) continue;
      std::vector<std::string> names = {row->verb};
      if (!row->cmdlet.empty()) names.push_back(row->cmdlet);
      page.term(names, "", page_name(*row) + "(1)", row->summary);
    }
  }
  page.heading("ENVIRONMENT")
      .term({"PSEmailServer"}, "", "", "The mail server, between -SmtpServer and smtp.server.")
      .term({"DIALIN_CONFIG"}, "", "", "The configuration file.")
      .term({"DIALIN_DATA"}, "", "", "The data directory, unless store.data_directory names one.")
      .term({"DIALIN_SMTP_PASSWORD"}, "", "", "The mail server's password.")
      .term({"DIALIN_SECTION_KEY"}, "", "", "Any setting of dialin.toml(5), as DIALIN_SMTP_SERVER.")
      .heading("FILES")
      .term({"/etc/dialin/dialin.toml"}, "", "", "The configuration: dialin.toml(5).")
      .term({"/var/lib/dialin"}, "", "", "The data directory: the store, and the keys that seal it.");
  std::vector<std::string> pages;
  for (const CommandSpec* row : table) pages.push_back(page_name(*row) + "(1)");
  pages.emplace_back("dialin.toml(5)");
  return page.heading("SEE ALSO").references(pages).text();
}

std::string configuration_page(const Imprint& imprint) {
  RoffPage page("DIALIN.TOML", "5", imprint.date, imprint.source);
  page.name({"dialin.toml"}, "the configuration of dialin(1)")
      .heading("DESCRIPTION")
      .paragraph(
          "A TOML file: the first of --config FILE, $DIALIN_CONFIG, /etc/dialin/dialin.toml and "
          "${XDG_CONFIG_HOME:-~/.config}/dialin/dialin.toml that is named or exists. Nothing has to be "
          "configured "
          "to begin.")
      .paragraph(
          "The command line beats the site of the person concerned, the site the environment, the "
          "environment the "
          "file, the file the default. `dialin config show` tells what is in force and why, `dialin config "
          "check` "
          "what is wrong, `dialin config example` prints a complete file.")
      .paragraph(
          "No password stands in it. A setting that ends with _file names the file that holds one, which "
          "must not "
          "be readable by others.")
      .paragraph(
          "[site.NAME.smtp], [site.NAME.mail] and [site.NAME.organisation] override their sections for "
          "people of "
          "the site NAME.");
  std::string_view section;
  for (const SettingDeclaration& setting : setting_declarations()) {
    if (setting.section != section) {
      section = setting.section;
      page.heading(fmt::format("[{}]", section));
      if (const std::string_view about = describe_section(section); !about.empty()) page.paragraph(about);
    }
    const std::string fallback = setting.default_text.empty()
                                     ? std::string("not set by default")
                                     : fmt::format("default {}", setting.default_text);
    const std::string meaning = fmt::format("{} Expected: {}. In the environment: {}.", setting.sentence,
                                            describe_expected(setting), setting.environment_name());
    page.term({std::string(setting.key)}, "", fallback, meaning);
  }
  return page.heading("SEE ALSO")
      .references({"dialin(1)", "dialin-config-show(1)", "dialin-config-check(1)", "dialin-config-example(1)",
                   "dialin-doctor(1)"})
      .text();
}

}  // namespace

std::vector<ManualPage> manual_pages(const CommandTable& table, std::string_view version,
                                     std::string_view date) {
  const Imprint imprint{fmt::format("Dialin {}", version), std::string(date)};
  std::vector<ManualPage> pages = {{"dialin.1", overview_page(table, imprint)},
                                   {"dialin.toml.5", configuration_page(imprint)}};
  for (const CommandSpec* row : table) {
    const std::string name = page_name(*row);
    pages.push_back({name + ".1", command_page(table, *row, imprint)});
    // Found by the cmdlet's name as well.
    if (!row->cmdlet.empty()) pages.push_back({row->cmdlet + ".1", fmt::format(".so man1/{}.1\n", name)});
  }
  return pages;
}

}  // namespace dialin
