// SPDX-License-Identifier: Apache-2.0
// The text of a template file, as UTF-8, whatever it was written in.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace dialin {

// By its byte order mark UTF-8 or UTF-16, else UTF-8, else `encoding` (a name that iconv knows:
// "windows-1252"). Error(InvalidInput) if it cannot be read or fits none of them.
std::string read_template_file(const std::filesystem::path& path, const std::string& encoding);

// The same for octets that were read already; `name` is for messages.
std::string decode_template(std::string_view octets, const std::string& encoding, const std::string& name);

}  // namespace dialin
