// SPDX-License-Identifier: Apache-2.0
#include "program/error_line.h"

#include <fmt/format.h>

#include "base/text.h"

namespace dialin {
namespace {

// An error may name what was typed, a file for example: it must not drive the terminal. Line ends stay, for
// some errors are lists.
std::string harmless(const std::string& text) {
  std::string result;
  std::size_t begin = 0;
  for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
    end = text.find('\n', begin);
    const std::string line = text.substr(begin, end == std::string::npos ? end : end - begin);
    result += sanitize_foreign_text(line, line.size()) + "\n";
  }
  return result;
}

}  // namespace

void print_error(Streams& streams, const Error& error) {
  streams.write_error("dialin: " + harmless(error.what()));
  if (!error.next().empty()) streams.write_error(harmless(error.next()));
}

int exit_code_of(Streams& streams, const std::function<int()>& work) {
  try {
    const int code = work();
    streams.flush();
    return code;
  } catch (const Error& error) {
    print_error(streams, error);
    return exit_code(error.code());
  } catch (const std::exception& error) {
    // Only our own errors carry texts that are known to be safe.
    streams.write_error(fmt::format("dialin: internal error ({})\n", typeid(error).name()));
    return exit_code(ErrorCode::Internal);
  }
}

}  // namespace dialin
