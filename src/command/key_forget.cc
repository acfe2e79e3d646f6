// SPDX-License-Identifier: Apache-2.0
// key forget: removes a key that nothing in the store needs any more.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "command/commands.h"
#include "command/confirmation.h"
#include "command/existing_store.h"
#include "command/key_passphrase.h"
#include "command/key_words.h"
#include "keys/key_directory.h"
#include "shell/output.h"

namespace dialin {
namespace {

using State = StoredKey::State;

CommandSpec key_forget_spec() {
  CommandSpec spec;
  spec.verb = "key forget";
  spec.group = "System";
  spec.summary = "Removes the file of a key that nothing in the store needs any more.";
  spec.description =
      "Refused while anything is sealed under the key, which is named. Backups of the database that were "
      "made "
      "before the key was retired need it for ever: keep what `dialin key export` wrote as long as you keep "
      "them. Where several hosts use the store, type it on each of them.";
  spec.parameters = {{.name = "KeyId",
                      .kind = ParameterKind::Text,
                      .value_name = "key",
                      .help = "The key's name, as dialin key status shows it.",
                      .mandatory = true,
                      .position = 1,
                      .operand = 1}};
  spec.examples = {{"dialin key forget 0123456789abcdef", "Asks, and removes the key."},
                   {"dialin key forget 0123456789abcdef --what-if", "Says what still needs it."}};
  spec.exit_codes = {{0, "its file is gone"}, {1, "no such key, or something needs it"}};
  return spec;
}

KeyId id_from(const BoundParameters& bound) {
  const std::string text = bound.text_or("KeyId", "");
  const std::optional<KeyId> id = KeyId::parse(text);
  if (!id)
    throw Error(ErrorCode::InvalidInput, fmt::format("'{}' is no name of a key", text),
                "It has 16 digits of 0 to 9 and a to f; dialin key status shows all of them.");
  return *id;
}

[[noreturn]] void refuse_needed(const StoredKey& key) {
  throw Error(ErrorCode::Precondition,
              fmt::format("the key {} is needed: it seals {}", key.id.text(), words_of(key.rows)),
              "dialin key rotate seals it anew under the key in use.");
}

// What stands in the way, and what is asked.
std::string question_about(const StoredKey* key, const KeyId& id, const std::string& directory, bool here) {
  if (key == nullptr) {
    if (!here)
      throw Error(ErrorCode::NotFound,
                  fmt::format("there is no key {}, neither in the store nor in {}", id.text(), directory),
                  "dialin key status shows all of them.");
    return fmt::format(
        "This store has never named the key {}, but another store may keep its keys in {} too. "
        "Remove it?",
        id.text(), directory);
  }
  if (key->state == State::InUse)
    throw Error(ErrorCode::Precondition, fmt::format("the key {} is in use", id.text()),
                "dialin key rotate puts another one in its place.");
  if (key->rows.total() > 0 || key->state == State::Former) refuse_needed(*key);
  if (key->state == State::Prepared)
    return fmt::format("Nothing was sealed under the key {} yet. Remove it?", id.text());
  return fmt::format(
      "Backups of the database from before the key {} was retired cannot be used without it{}. "
      "Remove it?",
      id.text(), key->exported_at ? "" : ", and it was never exported");
}

int run_key_forget(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  const KeyId id = id_from(bound);
  KeyDirectory directory(key_directory_path(context), context.random);
  const std::vector<KeyId> files = directory.list();
  const bool here = std::find(files.begin(), files.end(), id) != files.end();
  const std::vector<StoredKey> keys = store->keys().list();
  const auto known =
      std::find_if(keys.begin(), keys.end(), [&](const StoredKey& key) { return key.id == id; });
  const std::string question =
      question_about(known == keys.end() ? nullptr : &*known, id, directory.path().string(), here);
  if (bound.what_if()) {
    context.streams.write_output(
        fmt::format("What if: the key {} would be removed from {}.\n", id.text(), directory.path().string()));
    return 0;
  }
  confirm(context, bound, question, Question::Always);
  switch (store->keys().forget(id, context.by)) {
    case KeyStore::Forget::InUse:
    case KeyStore::Forget::Needed:
      throw Error(ErrorCode::Precondition, fmt::format("the key {} is needed again", id.text()),
                  "dialin key status says for what.");
    case KeyStore::Forget::Forgotten:
    case KeyStore::Forget::AlreadyForgotten:
    case KeyStore::Forget::Unknown:
      break;
  }
  directory.remove(id);
  OutputObject object;
  object.text("Key", id.text())
      .text("State", words_of(State::Forgotten))
      .text("RemovedFrom", directory.path().string());
  write_object(context.streams, object, output_format(bound));
  return 0;
}

}  // namespace

Command key_forget_command() {
  return {key_forget_spec(), run_key_forget};
}

}  // namespace dialin
