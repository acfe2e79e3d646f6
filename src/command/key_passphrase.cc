// SPDX-License-Identifier: Apache-2.0
#include "command/key_passphrase.h"

#include <fmt/format.h>

#include "base/error.h"
#include "keys/key_wrapping.h"

namespace dialin {
namespace {

constexpr const char* HowElse = "Write -PassphraseFile FILE, which holds it in one line.";

std::optional<Secret> passphrase_of_file(CommandContext& context, const BoundParameters& bound) {
  const auto path = bound.text("PassphraseFile");
  return path ? std::optional(context.files.read_secret(*path)->duplicate()) : std::nullopt;
}

void check_length(const Secret& passphrase) {
  if (passphrase.size() < MinimumPassphraseOctets) {
    throw Error(
        ErrorCode::InvalidInput,
        fmt::format(
            "the passphrase is too short: whoever finds the exported key may try passphrases for years, "
            "so it needs at least {} characters",
            MinimumPassphraseOctets));
  }
}

}  // namespace

ParameterSpec passphrase_file_parameter_spec() {
  return {.name = "PassphraseFile",
          .kind = ParameterKind::Path,
          .value_name = "file",
          .help = "The file that holds the passphrase in one line; without it, it is asked for."};
}

Secret new_passphrase(CommandContext& context, const BoundParameters& bound) {
  if (auto passphrase = passphrase_of_file(context, bound)) {
    check_length(*passphrase);
    return std::move(*passphrase);
  }
  Secret passphrase = context.prompter.ask_secret("Passphrase for the exported key", HowElse);
  check_length(passphrase);
  if (!passphrase.same_as(context.prompter.ask_secret("The same again", HowElse))) {
    throw Error(ErrorCode::InvalidInput, "the two passphrases are not the same: nothing was exported");
  }
  return passphrase;
}

Secret known_passphrase(CommandContext& context, const BoundParameters& bound) {
  if (auto passphrase = passphrase_of_file(context, bound)) return std::move(*passphrase);
  return context.prompter.ask_secret("Passphrase of the exported key", HowElse);
}

std::filesystem::path key_directory_path(const CommandContext& context) {
  return context.data_place.directory / "keys";
}

}  // namespace dialin
