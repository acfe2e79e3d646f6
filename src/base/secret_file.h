// SPDX-License-Identifier: Apache-2.0
// A file that holds one secret: a password, a passphrase, an access token.
#pragma once

#include <memory>
#include <string>

#include "base/secret.h"

namespace dialin {

// Line ends at the file's end do not belong to the secret. Error(Configuration) if it cannot be read, is
// empty, or larger than 16 KiB, or if others may read or change it: nobody but its owner may, and the owner's
// group may read it if the owner is root, who gives secrets to accounts that way (root:dialin 0640). What is
// no file on a disk (a pipe of the shell) has no such readers. Error(Permission) if it may not be opened.
std::shared_ptr<const Secret> read_secret_file(const std::string& path);

// The same of a file that is open already, and stays so; `path` is for messages.
std::shared_ptr<const Secret> read_secret_descriptor(int descriptor, const std::string& path);

}  // namespace dialin
