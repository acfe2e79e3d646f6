// SPDX-License-Identifier: Apache-2.0
// Any octets as dialin.toml: reading ends with a configuration whose values keep to their ranges, or with an
// error that a terminal can show; and what was accepted is accepted again, as the same, from the environment.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/text.h"
#include "config/configuration.h"

namespace {

using dialin::Configuration;

void require(bool holds) {
  if (!holds) std::abort();
}

void look_at(const Configuration& configuration) {
  if (configuration.smtp.port) require(*configuration.smtp.port > 0);
  if (configuration.smtp.connections)
    require(*configuration.smtp.connections >= 1 && *configuration.smtp.connections <= 100);
  if (configuration.smtp.rate) require(configuration.smtp.rate->messages > 0);
  if (configuration.pin.generated_length)
    require(*configuration.pin.generated_length >= 4 && *configuration.pin.generated_length <= 24);
  require(configuration.pin.hash_memory_kib >= 8 && configuration.pin.hash_passes >= 1);
  require(configuration.queue.lease >= std::chrono::seconds(3));
  for (const auto& [name, site] : configuration.sites) {
    require(!name.empty() && dialin::is_utf8(name));
    configuration.for_site(name);
  }
  // What one setting says, the environment can say as well.
  std::map<std::string, std::string> environment;
  for (const dialin::SettingInUse& setting : configuration.settings) {
    if (setting.origin.kind != dialin::SettingOrigin::Kind::File || setting.name.starts_with("site."))
      continue;
    // A variable that is empty counts as not set.
    if (setting.value.empty() || setting.value == "(hidden)") return;
    std::string variable = "DIALIN_" + setting.name;
    for (char& c : variable)
      c = c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    environment[variable] = setting.value;
  }
  const Configuration again = dialin::load_configuration(std::nullopt, environment);
  for (const dialin::SettingInUse& setting : again.settings) {
    if (setting.origin.kind != dialin::SettingOrigin::Kind::Environment) continue;
    require(environment.contains(setting.origin.variable));
    require(environment.at(setting.origin.variable) == setting.value);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    look_at(dialin::load_configuration(dialin::ConfigurationText{"dialin.toml", text}, {}));
  } catch (const dialin::Error& error) {
    require(error.code() == dialin::ErrorCode::Configuration);
    std::string shown = error.what();
    require(!shown.empty() && dialin::is_utf8(shown));
    std::erase(shown, '\n');
    require(!dialin::has_control_characters(shown));
  }
  return 0;
}
