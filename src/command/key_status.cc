// SPDX-License-Identifier: Apache-2.0
// key status: which keys the store has had, and what is sealed under each.
#include <fmt/format.h>

#include <algorithm>

#include "command/commands.h"
#include "command/existing_store.h"
#include "command/key_passphrase.h"
#include "command/key_words.h"
#include "keys/key_directory.h"
#include "shell/output.h"

namespace dialin {
namespace {

CommandSpec key_status_spec() {
  CommandSpec spec;
  spec.verb = "key status";
  spec.group = "System";
  spec.summary = "Shows the store's keys: since when, what is sealed under each, exported or not.";
  spec.description =
      "State is InUse (of exactly one: it seals whatever is written), Prepared (known to the store, seals "
      "nothing yet), Former (what it sealed is being sealed anew: `dialin key rotate` goes on with that), "
      "Retired (nothing in the store needs it any more; backups of before may), or Forgotten.\n\n"
      "Verifiers are the PINs that people have, History those that they had, Welcomes the PINs of mails that "
      "wait, RunRows those of runs. Here says whether the key lies in this host's key directory.";
  spec.examples = {{"dialin key status", "All keys, the oldest first."},
                   {"dialin key status -Output json", "The same for a program."}};
  spec.exit_codes = {{0, "shown"}, {1, "there is no store yet"}};
  return spec;
}

int run_key_status(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  const std::vector<KeyId> here = KeyDirectory(key_directory_path(context), context.random).list();
  const std::vector<StoredKey> keys = store->keys().list();
  std::vector<OutputObject> objects;
  for (const StoredKey& key : keys) {
    objects.emplace_back()
        .text("Key", key.id.text())
        .text("State", words_of(key.state))
        .time("MadeAt", key.made_at)
        .time_or_null("UsedSince", key.used_since)
        .time_or_null("RetiredAt", key.retired_at)
        .time_or_null("ExportedAt", key.exported_at)
        .truth("Here", std::find(here.begin(), here.end(), key.id) != here.end())
        .number("Verifiers", key.rows.verifiers)
        .number("History", key.rows.history)
        .number("Welcomes", key.rows.welcomes)
        .number("RunRows", key.rows.run_rows);
  }
  write_objects(context.streams, objects, output_format(bound));
  context.streams.flush();
  for (const StoredKey& key : keys) {
    if (key.state == StoredKey::State::InUse && !key.exported_at)
      context.streams.write_error(
          fmt::format("The key {} was not exported since it was made: with this host it is lost, and so is "
                      "everybody's PIN. dialin key export FILE\n",
                      key.id.text()));
    if (key.state == StoredKey::State::Former)
      context.streams.write_error(fmt::format(
          "The change from the key {} is not finished: dialin key rotate goes on with it.\n", key.id.text()));
  }
  for (const KeyId& id : here) {
    if (std::none_of(keys.begin(), keys.end(), [&](const StoredKey& key) { return key.id == id; }))
      context.streams.write_error(fmt::format("The key {} lies in {}, and this store has never named it.\n",
                                              id.text(), key_directory_path(context).string()));
  }
  return 0;
}

}  // namespace

Command key_status_command() {
  return {key_status_spec(), run_key_status};
}

}  // namespace dialin
