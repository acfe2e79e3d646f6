// SPDX-License-Identifier: Apache-2.0
// Every setting, declared once: its name, kind, default, limits, and one sentence about it. What reads the
// configuration file and the environment, `dialin status` and the manual page stand on this one table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dialin {

struct Configuration;

enum class SettingKind {
  Text,
  Path,      // absolute: a relative one would mean another place in every directory
  Boolean,   // true, false
  Integer,   // from `least` to `most`
  Duration,  // "90s", "30m", "12h", "2d"; `least` and `most` in seconds
  Rate,      // "30/m", "5/s": messages a second, minute, hour or day
  Choice,    // one of `choices`
  List,      // texts
};

// A setting's value as it was read. Which members count depends on the kind.
struct SettingValue {
  bool set = false;  // false: empty, for a setting that may be so
  std::string text;  // as written; lists joined by ", "
  std::int64_t number =
      0;  // Integer; Duration in seconds; Rate: messages; Boolean: 0 or 1; Choice: its position
  std::int64_t per = 0;  // Rate: seconds
  std::vector<std::string> list;
};

struct SettingDeclaration {
  std::string_view section;
  std::string_view key;
  SettingKind kind;
  std::string_view default_text;  // as it would be written; "" where the setting may be left empty
  std::string_view sentence;
  void (*assign)(Configuration&, const SettingValue&);
  std::int64_t least = 0;
  std::int64_t most = 0;
  std::vector<std::string_view> choices{};
  bool secret = false;  // its value is never shown

  std::string name() const { return std::string(section) + "." + std::string(key); }
  // DIALIN_SMTP_SERVER
  std::string environment_name() const;
  // Sites may override it.
  bool per_site() const { return section == "smtp" || section == "mail" || section == "organisation"; }
};

const std::vector<SettingDeclaration>& setting_declarations();

// Nothing if there is no such setting.
const SettingDeclaration* find_setting(std::string_view section, std::string_view key);

// What is expected, for messages: "a whole number from 1 to 65535".
std::string describe_expected(const SettingDeclaration& setting);

// `text` as the value of `setting`, as the environment and the defaults write it (lists separated by commas).
// Nothing if it is none; `reason`, if given, receives why, without the value if that is secret.
std::optional<SettingValue> parse_setting(const SettingDeclaration& setting, std::string_view text,
                                          std::string* reason = nullptr);
// A list whose elements are already apart.
std::optional<SettingValue> parse_list_setting(const SettingDeclaration& setting,
                                               const std::vector<std::string>& elements,
                                               std::string* reason = nullptr);

}  // namespace dialin
