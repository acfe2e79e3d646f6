// SPDX-License-Identifier: Apache-2.0
// The text of a template file, as UTF-8, whatever it was written in.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "mail/template_compiler.h"

namespace dialin {

// UTF-16 takes two octets where UTF-8 takes one; what is larger is refused by the check.
inline constexpr std::size_t LargestTemplateFile = 2 * LargestTemplate + 2;

// The octets of a file, cut at LargestTemplateFile; nothing if it is not there. Error(InvalidInput) if it
// cannot be read.
std::optional<std::string> read_template_file(const std::filesystem::path& path);

// By its byte order mark UTF-8 or UTF-16, else UTF-8, else `encoding` (a name that iconv knows:
// "windows-1252"). Error(InvalidInput) if it fits none of them. `name` is for messages.
std::string decode_template(std::string_view octets, const std::string& encoding, const std::string& name);

}  // namespace dialin
