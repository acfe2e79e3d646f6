// SPDX-License-Identifier: Apache-2.0
// key import: brings a key back that was exported.
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "base/error.h"
#include "command/commands.h"
#include "command/confirmation.h"
#include "command/key_passphrase.h"
#include "keys/key_directory.h"
#include "shell/output.h"

namespace dialin {
namespace {

constexpr std::size_t LargestBlock = 64 * 1024;

CommandSpec key_import_spec() {
  CommandSpec spec;
  spec.verb = "key import";
  spec.group = "System";
  spec.summary = "Brings back a key that was exported.";
  spec.description =
      "For a store that was restored, or one whose database several hosts use: puts the key into this host's "
      "key "
      "directory. A key that is there already stays as it is, and no other key is touched.";
  spec.parameters = {
      {.name = "File",
       .kind = ParameterKind::Path,
       .value_name = "file",
       .help = "What dialin key export wrote; - is standard input.",
       .mandatory = true,
       .operand = 1},
      passphrase_file_parameter_spec(),
  };
  spec.examples = {
      {"dialin key import dialin-key.txt", "Asks for the passphrase and brings the key back."},
      {"ssh other-host sudo cat /root/dialin-key.txt | dialin key import -", "From another host."},
  };
  spec.exit_codes = {{64, "the text is no exported key, or the passphrase is wrong"}};
  return spec;
}

// On a new host there is no data directory yet. Nobody else may look into it.
void make_data_directory(CommandContext& context) {
  const std::filesystem::path& directory = context.data_place.directory;
  std::error_code problem;
  if (std::filesystem::is_directory(directory, problem)) return;
  std::filesystem::create_directories(directory.parent_path(), problem);
  if (!problem && mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    problem = std::error_code(errno, std::generic_category());
  }
  if (problem) {
    throw Error(problem == std::errc::permission_denied ? ErrorCode::Permission : ErrorCode::Unavailable,
                fmt::format("cannot make the data directory {}: {}", directory.string(), problem.message()));
  }
  context.streams.write_error(fmt::format("Made {} ({}).\n", directory.string(), context.data_place.reason));
}

int run_key_import(CommandContext& context, BoundParameters& bound) {
  const std::string wrapped = context.files.read(bound.text_or("File", ""), LargestBlock);
  KeyDirectory keys(key_directory_path(context), context.random);
  if (bound.what_if()) {
    context.streams.write_output(
        fmt::format("What if: the key would be put into {}.\n", keys.path().string()));
    return 0;
  }
  confirm(context, bound, fmt::format("Put the key into {}?", keys.path().string()));
  const Secret passphrase = known_passphrase(context, bound);
  make_data_directory(context);
  const KeyId id = keys.import_wrapped(wrapped, passphrase);
  OutputObject object;
  object.text("Key", id.text()).text("Directory", keys.path().string());
  write_object(context.streams, object, output_format(bound));
  return 0;
}

}  // namespace

Command key_import_command() {
  return {key_import_spec(), run_key_import};
}

}  // namespace dialin
