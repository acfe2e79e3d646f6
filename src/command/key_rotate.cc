// SPDX-License-Identifier: Apache-2.0
// key rotate: another key, and everything sealed anew under it.
//
// Killed anywhere, it is typed again: a key whose file was made and that the store does not name yet is left
// over (key status shows it), and what was sealed anew is passed over.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

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
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t BatchSize = 200;
constexpr std::chrono::seconds ReportEvery{5};

CommandSpec key_rotate_spec() {
  CommandSpec spec;
  spec.verb = "key rotate";
  spec.group = "System";
  spec.summary = "Changes the store's key: makes another one and seals everything anew under it.";
  spec.description =
      "Nobody's PIN changes, and everything else goes on meanwhile: welcomes, runs, checks. From the first "
      "moment on whatever is written is sealed under the new key; what the former one sealed is sealed anew "
      "in small batches, and when nothing is left under it, it is retired. A change that was stopped or "
      "killed is gone on with by typing the command again. Export the new key afterwards; `dialin key "
      "forget` "
      "removes the former one's file.\n\n"
      "Where several hosts use the store, each of them needs the new key before it is used: `-Prepare` makes "
      "it and stops, so that it can be exported here and imported there; `dialin key rotate` then uses "
      "it.\n\n"
      "A new key helps where the former one may have been copied, and the database has not been yet. Who has "
      "had both knows the PINs, and only new PINs help (doc/security.md).";
  spec.parameters = {{.name = "Prepare",
                      .kind = ParameterKind::Switch,
                      .help = "Makes the key, so that it can be exported, and seals nothing under it yet."}};
  spec.examples = {
      {"dialin key rotate", "Changes the key."},
      {"dialin key rotate --prepare", "Makes the key for the other hosts, to be exported."},
  };
  spec.exit_codes = {{0, "the former key is retired"},
                     {1, "something is left under the former key, because it was altered"},
                     {78, "a key is not here"},
                     {130, "stopped; typed again it goes on"}};
  return spec;
}

const StoredKey* find_key(const std::vector<StoredKey>& keys, State state) {
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const StoredKey& key) { return key.state == state; });
  return found == keys.end() ? nullptr : &*found;
}

KeyId make_key(CommandContext& context) {
  const KeyId id = KeyDirectory(key_directory_path(context), context.random).create();
  context.checkpoints.reach("after-key-create");
  return id;
}

int prepare(CommandContext& context, BoundParameters& bound, Store& store,
            const std::vector<StoredKey>& keys) {
  const StoredKey* prepared = find_key(keys, State::Prepared);
  if (prepared == nullptr && bound.what_if()) {
    context.streams.write_output("What if: a key would be made, and nothing sealed under it yet.\n");
    return 0;
  }
  const KeyId id = prepared != nullptr ? prepared->id : make_key(context);
  if (prepared == nullptr) store.keys().prepare(id, context.by);
  OutputObject object;
  object.text("Key", id.text()).text("State", words_of(State::Prepared));
  write_object(context.streams, object, output_format(bound));
  context.streams.flush();
  context.streams.write_error(fmt::format(
      "Bring it to the other hosts: dialin key export FILE --key-id {} here, dialin key import FILE "
      "there. Then: dialin key rotate\n",
      id.text()));
  return 0;
}

// The store's key is another one afterwards.
void change(CommandContext& context, BoundParameters& bound, Store& store,
            const std::vector<StoredKey>& keys) {
  const StoredKey* prepared = find_key(keys, State::Prepared);
  const KeyId former = store.keys().in_use();
  const std::vector<std::string> hosts = store.keys().other_hosts();
  if (prepared == nullptr && !hosts.empty()) {
    confirm(
        context, bound,
        fmt::format("These hosts have written to this store too: {}. Until the new key is brought to them "
                    "they can check no PIN (-Prepare makes it for them first). Change the key now?",
                    fmt::join(hosts, ", ")),
        Question::Always);
  } else {
    confirm(context, bound, fmt::format("Change the key {}?", former.text()));
  }
  const KeyId id = prepared != nullptr ? prepared->id : make_key(context);
  if (store.keys().use(id, former, context.by)) return;
  if (prepared == nullptr) KeyDirectory(key_directory_path(context), context.random).remove(id);
  context.streams.write_error("Somebody else has changed the key at the same time; going on with that.\n");
}

// Everything that former keys sealed, in batches, and as long a pause after each as it took: others who write
// must get their turn.
void seal_anew(CommandContext& context, Store& store, Reencryption& at) {
  auto reported = SteadyClock::now();
  for (;;) {
    if (context.interrupted())
      throw Error(ErrorCode::Interrupted, "stopped: the change of the key is not finished",
                  "dialin key rotate goes on with it.");
    const auto begun = SteadyClock::now();
    if (!store.keys().reencrypt(at, BatchSize)) return;
    const auto ended = SteadyClock::now();
    context.wait(std::chrono::ceil<std::chrono::milliseconds>(ended - begun));
    if (ended - reported < ReportEvery) continue;
    reported = ended;
    context.streams.write_error(fmt::format("{} sealed anew.\n", words_of(at.done)));
  }
}

std::string joined(const std::vector<StoredKey>& keys, State state) {
  std::vector<std::string> ids;
  for (const StoredKey& key : keys) {
    if (key.state == state) ids.push_back(key.id.text());
  }
  return fmt::format("{}", fmt::join(ids, ", "));
}

int run_key_rotate(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  std::vector<StoredKey> keys = store->keys().list();
  if (bound.flag("Prepare")) return prepare(context, bound, *store, keys);
  const bool going_on = find_key(keys, State::Former) != nullptr;
  if (bound.what_if()) {
    const StoredKey* present = find_key(keys, State::InUse);
    context.streams.write_output(
        going_on ? fmt::format("What if: the change from the key {} would be finished.\n",
                               joined(keys, State::Former))
                 : fmt::format("What if: {} under the key {} would be sealed anew under another one.\n",
                               words_of(present->rows), present->id.text()));
    return 0;
  }
  context.finish_on_interruption();
  if (going_on) {
    context.streams.write_error(
        fmt::format("Goes on with the change from the key {}.\n", joined(keys, State::Former)));
  } else {
    change(context, bound, *store, keys);
    keys = store->keys().list();
  }
  const std::string former = joined(keys, State::Former);

  SealedRows done;
  for (;;) {
    Reencryption at;
    seal_anew(context, *store, at);
    done.verifiers += at.done.verifiers;
    done.history += at.done.history;
    done.welcomes += at.done.welcomes;
    done.run_rows += at.done.run_rows;
    const SealedRows rest = store->keys().retire(context.by);
    if (rest.total() == 0) break;
    if (at.done.total() > 0) continue;
    throw Error(
        ErrorCode::Precondition,
        fmt::format("{} cannot be sealed anew under the key {}: altered, or brought from another store. "
                    "Of the people with the ids: {}",
                    words_of(rest), store->keys().in_use().text(), fmt::join(at.unreadable, ", ")),
        "Bring the rows back from a backup; or disable these people and enable them again, which erases "
        "their PINs, "
        "and welcome them. Then: dialin key rotate");
  }
  OutputObject object;
  object.text("Key", store->keys().in_use().text())
      .text("RetiredKey", former)
      .number("Verifiers", done.verifiers)
      .number("History", done.history)
      .number("Welcomes", done.welcomes)
      .number("RunRows", done.run_rows);
  write_object(context.streams, object, output_format(bound));
  context.streams.flush();
  if (!store->keys().exported_since_made())
    context.streams.write_error("Keep a copy of the new key: dialin key export FILE\n");
  return 0;
}

}  // namespace

Command key_rotate_command() {
  return {key_rotate_spec(), run_key_rotate};
}

}  // namespace dialin
