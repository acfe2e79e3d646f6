// SPDX-License-Identifier: Apache-2.0
#include "command/hidden_words.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/secret.h"
#include "command/command_table.h"
#include "shell/command_line_words.h"
#include "shell/completion.h"
#include "shell/manual_page.h"

namespace dialin {
namespace {

constexpr std::size_t LongestLine = 64 * 1024;

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

// The words of the line, the program's name first.
CommandLineWords typed_words(Streams& streams) {
  std::string text(LongestLine, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const std::size_t count = streams.read_input(text.data() + size, text.size() - size);
    if (count == 0) break;
    size += count;
  }
  std::vector<std::string> words;
  std::string_view rest(text.data(), size);
  for (std::size_t end = rest.find('\0'); end != std::string_view::npos; end = rest.find('\0')) {
    words.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  wipe(text);
  return CommandLineWords(std::move(words));
}

void complete(Streams& streams) {
  const CommandLineWords words = typed_words(streams);
  if (words.words().empty()) return;
  streams.write_output(
      render_completion(complete_word(command_specs(), words.words()[0], words.words().subspan(1))));
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
  if (words.size() == 1 && words[0] == "complete" && !streams.is_terminal(Streams::Stream::Input)) {
    complete(streams);
    return true;
  }
  return false;
}

}  // namespace dialin
