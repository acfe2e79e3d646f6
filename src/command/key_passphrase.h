// SPDX-License-Identifier: Apache-2.0
// The passphrase that protects an exported key: -PassphraseFile, or asked for.
#pragma once

#include <filesystem>

#include "base/secret.h"
#include "command/command_context.h"
#include "shell/bound_parameters.h"
#include "shell/command_spec.h"

namespace dialin {

ParameterSpec passphrase_file_parameter_spec();

// For a new block: long enough (keys/key_wrapping.h), and typed twice the same. Error(InvalidInput) if not.
Secret new_passphrase(CommandContext& context, const BoundParameters& bound);
// For one that exists.
Secret known_passphrase(CommandContext& context, const BoundParameters& bound);

// Where the keys are: below the data directory, whatever database is used.
std::filesystem::path key_directory_path(const CommandContext& context);

}  // namespace dialin
