// SPDX-License-Identifier: Apache-2.0
// A point in time that an operator types.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "shell/bound_parameters.h"
#include "shell/command_spec.h"

namespace dialin {

// 2026-03-01 (its beginning), 2026-03-01T10:14, 2026-03-01 10:14:07, with Z or +01:00 behind it, without:
// UTC; or 30m, 12h, 7d: so long before `now`. Nothing if it is none of these.
std::optional<Timestamp> parse_time(std::string_view text, Timestamp now);

// `help` without what may be written.
ParameterSpec time_parameter_spec(const std::string& name, const std::string& help);
// Nothing if it was not given; Error(InvalidInput) with what may be written.
std::optional<Timestamp> time_from(const BoundParameters& bound, const std::string& name, Timestamp now);

}  // namespace dialin
