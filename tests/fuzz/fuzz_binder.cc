// SPDX-License-Identifier: Apache-2.0
// Any words of a command line: the binder ends with bound parameters or a usage error, says the same twice,
// and shows no PIN.
//
// Input: words separated by LF, each command line tried for every row and both spellings. A word "PIN" stands
// for a parameter word and the canary that follows it, and "PIN:" for both in one word.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/process_hardening.h"
#include "base/text.h"
#include "shell/binder.h"
#include "shell/command_lookup.h"
#include "support/sample_commands.h"

namespace {

constexpr std::string_view Canary = "7391846205";

void require(bool holds) {
  if (!holds) std::abort();
}

void require_no_canary(std::string_view text) {
  require(text.find(Canary) == std::string_view::npos);
}

std::string outcome(const dialin::CommandSpec& row, const std::vector<std::string_view>& words,
                    dialin::Spelling spelling) {
  try {
    const dialin::BoundParameters bound = dialin::bind_parameters(row, words, spelling);
    std::string text = "bound";
    for (const auto& [name, value] : bound.fields()) text += "\n" + name + "=" + value;
    return text;
  } catch (const dialin::Error& error) {
    require(error.code() == dialin::ErrorCode::InvalidInput);
    require_no_canary(error.what());
    require_no_canary(error.next());
    require(!dialin::has_control_characters(error.what()));
    require(!dialin::has_control_characters(error.next()));
    return std::string("refused ") + error.what() + error.next();
  }
}

std::vector<std::string> read_words(std::string_view input) {
  std::vector<std::string> words;
  for (const std::string& word : dialin::split(input, '\n')) {
    if (word == "PIN") {
      words.emplace_back("-Pin");
      words.emplace_back(Canary);
    } else if (word == "PIN:") {
      words.push_back("--pin=" + std::string(Canary));
    } else if (word.find(Canary) == std::string::npos) {
      words.push_back(word);
    }
  }
  return words;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool hardened = (dialin::harden_process(), true);
  require(hardened);
  const std::vector<std::string> words = read_words({reinterpret_cast<const char*>(data), size});
  const std::vector<std::string_view> views(words.begin(), words.end());
  for (const dialin::CommandSpec* row : dialin::test::sample_table()) {
    for (dialin::Spelling spelling : {dialin::Spelling::Cmdlet, dialin::Spelling::Native}) {
      require(outcome(*row, views, spelling) == outcome(*row, views, spelling));
    }
  }
  try {
    dialin::find_command(dialin::test::sample_table(), "dialin", words);
  } catch (const dialin::Error& error) {
    require(error.code() == dialin::ErrorCode::InvalidInput);
    require_no_canary(error.what());
    require_no_canary(error.next());
  }
  return 0;
}
