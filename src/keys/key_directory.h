// SPDX-License-Identifier: Apache-2.0
// The directory that holds the keys, outside the database, so that the database alone tells no PIN.
//
// Every key is one file, named after its id, mode 0400, in a directory of mode 0700; both belong to the
// account that runs the process. A directory or file that somebody else owns or that the group or others may
// use is refused, never mended silently: its content may be known already.
//
// A key is made together with a new, empty store, which records its id, or because a store changes its key:
// create(), then the store's row. The loser of a race uses the winner's key and calls remove() for its own.
// No other function makes a key: a store whose key is not here is an error that says how to bring it, never a
// reason for a new one.
//
// Beside the keys lies the one that signs this host's audit chain (keys/signing_key.h), `audit-signing.key`,
// made when it is first needed. It is not exported: another host signs with its own.
//
// Backups of the store never contain this directory; export_wrapped() is the way to keep and move a key.
//
// Files are opened at each call and nothing is cached: any thread, any number of processes.
//
// Errors (base/error.h) of all functions: Permission (the system does not let this account at the files, or
// they belong to somebody else), Configuration (they are open to others, or damaged), Unavailable (input and
// output).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/random_source.h"
#include "base/secret.h"
#include "keys/key.h"
#include "keys/signing_key.h"

namespace dialin {

class KeyDirectory {
 public:
  // Touches nothing yet. `random` outlives this object.
  KeyDirectory(std::filesystem::path directory, RandomSource& random);

  const std::filesystem::path& path() const { return path_; }

  // A new key, durable when this returns. Makes the directory if it does not exist (its parent must). Killed
  // at any instant, it leaves either no key or a whole one, and at most a file whose name begins with a dot.
  KeyId create();

  // Throws Error(Configuration) that names the key and `dialin key import` if it is not here.
  Key load(const KeyId& id) const;

  // The keys whose files are here, in the order of their ids; none if there is no directory. Reads no key.
  std::vector<KeyId> list() const;

  // Removes a key that nothing is sealed with: its store was never made, another process was faster, or its
  // store has another one by now. It is no error if it is not here. What was sealed with a removed key is
  // lost.
  void remove(const KeyId& id);

  // The key that signs on this host; made, durable, if there is none. Of two processes that do so at once
  // both get the same one.
  SigningKey signing_key();

  // The key as a block of text, encrypted under `passphrase` (keys/key_wrapping.h).
  std::string export_wrapped(const KeyId& id, const Secret& passphrase) const;

  // Brings a key back from such a text and makes it durable; the directory is made if it does not exist. A
  // key that is already here stays as it is.
  KeyId import_wrapped(std::string_view wrapped, const Secret& passphrase);

 private:
  void add(const Key& key);

  std::filesystem::path path_;
  RandomSource* random_;
};

}  // namespace dialin
