// SPDX-License-Identifier: Apache-2.0
// Text in lines of limited width, for help and whatever else is written in sentences.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dialin {

// `width` of a terminal as text is wrapped to: neither too narrow to be read nor too wide.
std::size_t readable_width(std::size_t width);

// Lines of at most `width` columns, each after the first behind `hanging` blanks; `first` begins the first
// one. A piece is never broken.
std::string wrap(const std::vector<std::string>& pieces, std::size_t width, std::string first,
                 std::size_t hanging);

// What blanks separate.
std::vector<std::string> words_of(std::string_view text);

}  // namespace dialin
