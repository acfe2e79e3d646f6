// SPDX-License-Identifier: Apache-2.0
// Feeds every file of the folders it is given to a fuzz target: the corpus as an ordinary test.
//
// Prints how many there were; an empty folder is an error, because a test that tries nothing proves nothing.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s FOLDER...\n", argv[0]);
    return 64;
  }
  std::size_t total = 0;
  for (int i = 1; i < argc; ++i) {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(argv[i], error)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    if (error || files.empty()) {
      std::fprintf(stderr, "%s: no inputs: %s\n", argv[i], error ? error.message().c_str() : "empty folder");
      return 1;
    }
    std::sort(files.begin(), files.end());
    for (const auto& path : files) {
      std::ifstream file(path, std::ios::binary);
      const std::string input((std::istreambuf_iterator<char>(file)), {});
      if (!file && !file.eof()) {
        std::fprintf(stderr, "%s cannot be read\n", path.c_str());
        return 1;
      }
      // Said before, so that the last line names the input that ended the program.
      std::printf("%s\n", path.c_str());
      std::fflush(stdout);
      LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
    }
    total += files.size();
  }
  std::printf("%zu inputs\n", total);
  return 0;
}
