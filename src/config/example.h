// SPDX-License-Identifier: Apache-2.0
// A complete dialin.toml, made of the declarations: what nobody has to write by hand, or to keep up to date.
#pragma once

#include <string>
#include <string_view>

#include "config/setting.h"

namespace dialin {

// What a section is about: a sentence.
std::string_view describe_section(std::string_view section);

// A value that `setting` takes, as TOML writes it: its default; where it has none, one that shows the form.
std::string example_value(const SettingDeclaration& setting);

// Every setting with its sentence, what is expected and its default, each a comment: read as it is, the file
// changes nothing; a line without its `#` sets something.
std::string example_configuration();

}  // namespace dialin
