// SPDX-License-Identifier: Apache-2.0
#include "command/hidden_words.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "command/command_table.h"
#include "shell/completion.h"
#include "shell/manual_page.h"

namespace dialin {
namespace {

void write_names(Streams& streams) {
  for (const Command& command : all_commands()) {
    if (!command.spec.cmdlet.empty()) streams.write_output(command.spec.cmdlet + "\n");
  }
}

void write_manual(const std::filesystem::path& folder, std::string_view version, std::string_view date) {
  for (const ManualPage& page : manual_pages(command_specs(), version, date)) {
    const std::filesystem::path file =
        folder / ("man" + page.file.substr(page.file.rfind('.') + 1)) / page.file;
    std::error_code problem;
    std::filesystem::create_directories(file.parent_path(), problem);
    std::ofstream stream(file, std::ios::binary | std::ios::trunc);
    stream << page.text;
    stream.close();
    if (!stream) throw Error(ErrorCode::Unavailable, fmt::format("cannot write {}", file.string()));
  }
}

}  // namespace

bool answer_hidden_words(std::span<const std::string> words, std::string_view version, Streams& streams) {
  if (words.size() == 2 && words[0] == "help" && words[1] == "--names") {
    write_names(streams);
    return true;
  }
  if (words.size() == 4 && words[0] == "help" && words[1] == "--manual-pages") {
    write_manual(words[2], version, words[3]);
    return true;
  }
  if (words.size() >= 2 && words[0] == "complete") {
    streams.write_output(render_completion(complete_word(command_specs(), words[1], words.subspan(2))));
    return true;
  }
  return false;
}

}  // namespace dialin
