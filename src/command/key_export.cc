// SPDX-License-Identifier: Apache-2.0
// key export: the store's key as text, protected by a passphrase.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/existing_store.h"
#include "command/key_passphrase.h"
#include "keys/key_directory.h"

namespace dialin {
namespace {

CommandSpec key_export_spec() {
  CommandSpec spec;
  spec.verb = "key export";
  spec.group = "System";
  spec.summary = "Writes the store's key, protected by a passphrase, to be kept in a safe place.";
  spec.description =
      "Backups of the store never contain its key: without it no PIN of a restored store can be checked, and "
      "every "
      "person needs a new one. Keep what this writes, and the passphrase, apart from those backups and apart "
      "from each "
      "other: key and store together tell all PINs within minutes.";
  spec.parameters = {
      {.name = "File",
       .kind = ParameterKind::Path,
       .value_name = "file",
       .help = "A new file, readable by you alone; without it the text goes to standard output.",
       .operand = 1,
       .file = FileUse::Create},
      {.name = "KeyId",
       .kind = ParameterKind::Text,
       .value_name = "key",
       .help = "Another key than the one in use, as dialin key status shows it."},
      passphrase_file_parameter_spec(),
  };
  spec.examples = {
      {"dialin key export dialin-key.txt", "Asks for a passphrase twice and writes the file."},
      {"dialin key export --passphrase-file /root/passphrase | lpr", "On paper, for the safe."},
  };
  spec.exit_codes = {{1, "there is no store yet, or the file is there already"}, {78, "the key is not here"}};
  return spec;
}

KeyId wanted_key(KeyStore& keys, const BoundParameters& bound) {
  const std::optional<std::string> wanted = bound.text("KeyId");
  if (!wanted) return keys.in_use();
  for (const StoredKey& key : keys.list()) {
    if (key.id.text() == *wanted) return key.id;
  }
  throw Error(ErrorCode::NotFound, fmt::format("the store has never named a key '{}'", *wanted),
              "dialin key status shows all of them.");
}

int run_key_export(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  const KeyId id = wanted_key(store->keys(), bound);
  const KeyDirectory keys(key_directory_path(context), context.random);
  const auto file = bound.text("File");
  if (bound.what_if()) {
    context.streams.write_output(fmt::format("What if: the key {} of {} would be written to {}.\n", id.text(),
                                             keys.path().string(), file.value_or("standard output")));
    return 0;
  }
  const std::string wrapped = keys.export_wrapped(id, new_passphrase(context, bound));
  if (file && *file != "-") {
    context.files.write_new(*file, wrapped);
    context.streams.write_error(
        fmt::format("The key {} is in {}, protected by the passphrase.\n", id.text(), *file));
  } else {
    context.streams.write_output(wrapped);
    context.streams.flush();
  }
  store->keys().note_export(id, context.by);
  return 0;
}

}  // namespace

Command key_export_command() {
  return {key_export_spec(), run_key_export};
}

}  // namespace dialin
