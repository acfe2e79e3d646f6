// SPDX-License-Identifier: Apache-2.0
#include "config/configuration.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/error.h"
#include "base/text.h"
#include "config/configuration_file.h"
#include "config/setting.h"

namespace dialin {
namespace {

constexpr std::string_view kPrefix = "DIALIN_";
// Variables of ours that are no settings.
constexpr std::array<std::string_view, 4> kOtherVariables = {"DIALIN_CONFIG", "DIALIN_DATA",
                                                             "DIALIN_SMTP_PASSWORD", "DIALIN_CHECKPOINT"};
constexpr std::size_t kMostProblems = 20;
constexpr std::size_t kLast = SIZE_MAX;  // the environment's problems come after the file's

std::vector<std::string> section_names() {
  std::vector<std::string> names;
  for (const SettingDeclaration& setting : setting_declarations()) {
    if (names.empty() || names.back() != setting.section) names.emplace_back(setting.section);
  }
  return names;
}

bool is_section(std::string_view name) {
  const std::vector<std::string> names = section_names();
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string suggest(std::string_view word, const std::vector<std::string>& candidates,
                    std::string_view before = {}, std::string_view after = {}) {
  const std::optional<std::string> meant = did_you_mean(word, candidates);
  return meant ? fmt::format("; did you mean {}{}{}?", before, *meant, after) : std::string();
}

bool looks_like_password(std::string_view key) {
  const std::string folded = to_lower_ascii(key);
  for (std::string_view word : {"password", "passwd", "passphrase", "secret", "token"}) {
    if (folded.find(word) != std::string::npos) return true;
  }
  return folded == "pass" || folded == "pin";
}

// Reads file and environment into a Configuration, gathering all problems on the way.
class Loader {
 public:
  Loader(const std::optional<ConfigurationText>& file, const std::map<std::string, std::string>& environment)
      : file_(file ? file->file : std::string()) {
    for (const SettingDeclaration& setting : setting_declarations()) {
      const std::optional<SettingValue> value = parse_setting(setting, setting.default_text);
      if (!value)
        throw Error(ErrorCode::Internal, fmt::format("the default of {} is not valid", setting.name()));
      use(configuration_, setting, *value, setting.name(), {});
    }
    FileReading reading;
    if (file) reading = read_entries(*file);
    if (reading.problem) {
      not_toml_ = true;
      problems_.push_back(*reading.problem);
    }
    for (const FileEntry& entry : reading.entries) general_entry(entry);
    for (const auto& [name, value] : environment) variable(name, value);
    // After the environment: a site is stronger than what holds for everybody.
    for (const FileEntry& entry : reading.entries) site_entry(entry);
    for (auto& [name, site] : site_configurations_) {
      configuration_.sites[name] = {std::move(site.smtp), std::move(site.mail), std::move(site.organisation)};
    }
    std::sort(problems_.begin(), problems_.end(), [](const auto& a, const auto& b) {
      const auto place = [](std::size_t line) { return line == 0 ? kLast : line; };
      return std::pair(place(a.line), a.text) < std::pair(place(b.line), b.text);
    });
  }

  ConfigurationReading take_reading() { return {std::move(configuration_), std::move(problems_)}; }

  Configuration take_configuration() {
    throw_problems();
    return std::move(configuration_);
  }

 private:
  // --- values ---

  void use(Configuration& target, const SettingDeclaration& setting, const SettingValue& value,
           const std::string& name, SettingOrigin origin) {
    setting.assign(target, value);
    const std::string shown = setting.secret && value.set ? "(hidden)" : value.text;
    std::vector<SettingInUse>& all = configuration_.settings;
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
    if (found == all.end()) {
      all.push_back({name, shown, std::move(origin)});
    } else {
      *found = {name, shown, std::move(origin)};
    }
  }

  void use_entry(Configuration& target, const SettingDeclaration& setting, const FileEntry& entry,
                 const std::string& name) {
    using Type = FileEntry::Type;
    const Type wanted = setting.kind == SettingKind::Integer   ? Type::Integer
                        : setting.kind == SettingKind::Boolean ? Type::Boolean
                        : setting.kind == SettingKind::List    ? Type::List
                                                               : Type::Text;
    std::string reason;
    std::optional<SettingValue> value;
    if (entry.type != wanted) {
      reason =
          fmt::format("expected {}, found {}", describe_expected(setting), describe_found(setting, entry));
    } else if (wanted == Type::List) {
      value = parse_list_setting(setting, entry.list, &reason);
    } else {
      value = parse_setting(setting, entry.text, &reason);
    }
    if (!value) return problem(entry.line, fmt::format("{}: {}", name, reason));
    use(target, setting, *value, name, {SettingOrigin::Kind::File, file_, entry.line, {}});
  }

  static std::string describe_found(const SettingDeclaration& setting, const FileEntry& entry) {
    using Type = FileEntry::Type;
    const std::string shown = setting.secret ? "" : " " + sanitize_foreign_text(entry.text, 80);
    switch (entry.type) {
      case Type::Table:
        return "a section";
      case Type::Text:
        return setting.secret ? "a text"
                              : fmt::format("the text \"{}\"", sanitize_foreign_text(entry.text, 80));
      case Type::Integer:
        return "the number" + shown;
      case Type::Boolean:
        return "the value" + shown;
      case Type::List:
        return "a list";
      case Type::Other:
        break;
    }
    return entry.text;
  }

  // --- the file ---

  void general_entry(const FileEntry& entry) {
    const std::string& section = entry.path[0];
    if (section == "site") return;
    if (entry.path.size() == 1) {
      if (entry.type != FileEntry::Type::Table) {
        problem(entry.line, is_section(section)
                                ? fmt::format("{} is a section: write [{}]", section, section)
                                : fmt::format("{} stands outside of a section", show(section)));
      } else if (!is_section(section)) {
        std::vector<std::string> candidates = section_names();
        candidates.emplace_back("site");
        problem(entry.line, fmt::format("there is no section [{}]{}", show(section),
                                        suggest(section, candidates, "[", "]")));
      }
      return;
    }
    if (entry.path.size() > 2 || !is_section(section)) return;  // its table is the problem, and was named
    if (const SettingDeclaration* setting = find_setting(section, entry.path[1])) {
      return use_entry(configuration_, *setting, entry, setting->name());
    }
    unknown_key(entry, section, fmt::format("{}.{}", section, show(entry.path[1])));
  }

  void site_entry(const FileEntry& entry) {
    const std::vector<std::string>& path = entry.path;
    if (path[0] != "site") return;
    const bool table = entry.type == FileEntry::Type::Table;
    if (path.size() <= 2) {
      if (!table) return problem(entry.line, "[site.NAME] sections only may stand below site");
      if (path.size() == 2) begin_site(entry);
      return;
    }
    const std::string where = fmt::format("site.{}.{}", show(path[1]), show(path[2]));
    if (path.size() == 3) {
      if (table && !is_site_section(path[2])) {
        problem(entry.line, fmt::format("{}: a site overrides [smtp], [mail] and [organisation] only{}",
                                        where, suggest(path[2], {"smtp", "mail", "organisation"})));
      } else if (!table) {
        flat_site_key(entry, where);
      }
      return;
    }
    if (path.size() > 4 || !is_site_section(path[2])) return;  // its table is the problem, and was named
    const std::string name = fmt::format("{}.{}", where, show(path[3]));
    if (const SettingDeclaration* setting = find_setting(path[2], path[3])) {
      return use_entry(site_configurations_.at(fold_case(path[1])), *setting, entry, name);
    }
    unknown_key(entry, path[2], name);
  }

  static bool is_site_section(std::string_view name) {
    return name == "smtp" || name == "mail" || name == "organisation";
  }

  void begin_site(const FileEntry& entry) {
    const std::string& name = entry.path[1];
    if (trim(name).empty() || has_control_characters(name) || name.size() > 256) {
      problem(entry.line, "a site's name is empty, too long or has control characters");
    }
    if (!site_configurations_.emplace(fold_case(name), configuration_).second) {
      problem(entry.line,
              fmt::format("the site {} stands in the file twice (capitals make no difference)", show(name)));
    }
  }

  // [site.Paris] from = ...: which section is meant?
  void flat_site_key(const FileEntry& entry, const std::string& where) {
    for (const char* section : {"mail", "organisation", "smtp"}) {
      if (find_setting(section, entry.path[2])) {
        return problem(entry.line, fmt::format("{}: write {}.{} = ..., or put it below [site.{}.{}]", where,
                                               section, entry.path[2], show(entry.path[1]), section));
      }
    }
    unknown_key(entry, "mail", where);
  }

  void unknown_key(const FileEntry& entry, std::string_view section, const std::string& name) {
    const std::string& key = entry.path.back();
    std::vector<std::string> keys;
    std::string elsewhere;
    for (const SettingDeclaration& setting : setting_declarations()) {
      if (setting.section == section) keys.emplace_back(setting.key);
      if (setting.key == key)
        elsewhere = fmt::format("; did you mean {} in section [{}]?", setting.key, setting.section);
    }
    if (looks_like_password(key)) {
      // The value is not looked at, let alone shown.
      return problem(entry.line,
                     fmt::format("{}: a password never stands in the configuration; put it into a file that "
                                 "only its owner may read, and name that: smtp.password_file",
                                 name));
    }
    problem(entry.line, fmt::format("there is no setting {}{}", name,
                                    elsewhere.empty() ? suggest(key, keys) : elsewhere));
  }

  // --- the environment ---

  void variable(const std::string& name, const std::string& text) {
    if (!name.starts_with(kPrefix)) return;
    if (std::find(kOtherVariables.begin(), kOtherVariables.end(), name) != kOtherVariables.end()) return;
    std::vector<std::string> names(kOtherVariables.begin(), kOtherVariables.end());
    for (const SettingDeclaration& setting : setting_declarations()) {
      names.push_back(setting.environment_name());
      if (names.back() != name) continue;
      if (trim(text).empty()) return;
      std::string reason;
      const std::optional<SettingValue> value = parse_setting(setting, text, &reason);
      if (!value) {
        problem(0, fmt::format("environment variable {}: {}", name, reason));
        return;
      }
      use(configuration_, setting, *value, setting.name(), {SettingOrigin::Kind::Environment, {}, 0, name});
      return;
    }
    problem(0, fmt::format("environment variable {}: there is no such setting{}", show(name),
                           name.starts_with("DIALIN_SITE_") ? "; a site's settings stand in the file only"
                                                            : suggest(name, names)));
  }

  // --- problems ---

  static std::string show(std::string_view text) { return sanitize_foreign_text(text, 80); }

  void problem(std::size_t line, std::string text) { problems_.push_back({line, std::move(text)}); }

  std::string with_place(const ConfigurationProblem& problem) const {
    return problem.line == 0 ? problem.text
                             : fmt::format("{}, line {}: {}", file_, problem.line, problem.text);
  }

  void throw_problems() const {
    if (problems_.empty()) return;
    const std::string next =
        not_toml_ ? "The configuration is TOML: [section] lines, and lines like key = \"text\"." : "";
    if (problems_.size() == 1)
      throw Error(ErrorCode::Configuration, "configuration: " + with_place(problems_[0]), next);
    std::string text = fmt::format("the configuration has {} problems:", problems_.size());
    for (std::size_t i = 0; i < problems_.size() && i < kMostProblems; ++i)
      text += "\n  " + with_place(problems_[i]);
    if (problems_.size() > kMostProblems)
      text += fmt::format("\n  ... (all of them: dialin config check{})", file_.empty() ? "" : " " + file_);
    throw Error(ErrorCode::Configuration, text, next);
  }

  Configuration configuration_;
  std::map<std::string, Configuration> site_configurations_;  // begun as copies of configuration_
  std::string file_;
  bool not_toml_ = false;
  std::vector<ConfigurationProblem> problems_;
};

}  // namespace

std::string SettingOrigin::describe() const {
  switch (kind) {
    case Kind::Default:
      return "default";
    case Kind::File:
      return fmt::format("{}:{}", file, line);
    case Kind::Environment:
      return "environment " + variable;
  }
  return {};
}

SiteSettings Configuration::for_site(std::string_view site) const {
  const auto found = sites.find(fold_case(site));
  return found != sites.end() ? found->second : SiteSettings{smtp, mail, organisation};
}

const SettingOrigin& Configuration::origin_of(std::string_view name) const {
  for (const SettingInUse& setting : settings) {
    if (setting.name == name) return setting.origin;
  }
  throw Error(ErrorCode::Internal, fmt::format("there is no setting {}", name));
}

Configuration load_configuration(const std::optional<ConfigurationText>& file,
                                 const std::map<std::string, std::string>& environment) {
  return Loader(file, environment).take_configuration();
}

ConfigurationReading read_configuration(const std::optional<ConfigurationText>& file,
                                        const std::map<std::string, std::string>& environment) {
  return Loader(file, environment).take_reading();
}

}  // namespace dialin
