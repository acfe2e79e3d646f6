// SPDX-License-Identifier: Apache-2.0
#include "command/pin_parameter.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace dialin {
namespace {

Pin parse_pin(const BoundParameters& bound, std::string_view digits) {
  auto pin = Pin::parse(digits);
  if (!pin) {
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{} takes {} to {} digits and nothing else", bound.display_name("Pin"),
                            Pin::MinimumLength, Pin::MaximumLength),
                "- reads it from standard input, or asks for it.");
  }
  return std::move(*pin);
}

}  // namespace

ParameterSpec pin_parameter_spec(const std::string& help) {
  return {
      .name = "Pin", .kind = ParameterKind::Secret, .value_name = "digits", .help = help, .original = true};
}

void say_what_history_keeps(Streams& streams, const BoundParameters& bound) {
  const bool takes_pin = std::ranges::any_of(bound.spec().parameters,
                                             [](const ParameterSpec& row) { return row.name == "Pin"; });
  if (!takes_pin || !bound.given("Pin") || bound.reads_standard_input("Pin")) return;
  if (!streams.is_terminal(Streams::Stream::Error)) return;
  streams.write_error("The shell's history keeps the PIN; -Pin - asks for it instead.\n");
}

std::optional<Pin> pin_from(CommandContext& context, BoundParameters& bound) {
  if (!bound.given("Pin")) return std::nullopt;
  if (!bound.reads_standard_input("Pin")) {
    const std::optional<Secret> digits = bound.take_secret("Pin");
    return digits ? std::optional(parse_pin(bound, digits->reveal(ClearSecretAccess()))) : std::nullopt;
  }
  const Secret digits = read_named_secret(context.streams, context.prompter, "PIN");
  return parse_pin(bound, trim(digits.reveal(ClearSecretAccess())));
}

}  // namespace dialin
