// SPDX-License-Identifier: Apache-2.0
#include "command/pin_parameter.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"

namespace dialin {
namespace {

Pin parse_pin(const BoundParameters& bound, std::string_view digits) {
  auto pin = Pin::parse(digits);
  if (!pin) {
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{} takes {} to {} digits and nothing else", bound.display_name("Pin"), Pin::MinimumLength,
                            Pin::MaximumLength),
                "Leave it out for a random one.");
  }
  return std::move(*pin);
}

}  // namespace

ParameterSpec pin_parameter_spec(const std::string& help) {
  return {.name = "Pin", .kind = ParameterKind::Secret, .value_name = "digits", .help = help, .original = true};
}

std::optional<Pin> pin_from(CommandContext& context, BoundParameters& bound) {
  if (!bound.given("Pin")) return std::nullopt;
  if (!bound.reads_standard_input("Pin")) {
    if (context.streams.is_terminal(Streams::Stream::Error)) {
      context.streams.write_error("The shell's history keeps the PIN; -Pin - asks for it instead.\n");
    }
    const std::optional<Secret> digits = bound.take_secret("Pin");
    return digits ? std::optional(parse_pin(bound, digits->reveal(ClearSecretAccess()))) : std::nullopt;
  }
  if (context.streams.is_terminal(Streams::Stream::Input)) {
    const Secret digits = context.prompter.ask_secret("PIN: ", "Write the PIN to standard input.");
    return parse_pin(bound, trim(digits.reveal(ClearSecretAccess())));
  }
  std::optional<std::string> line = context.streams.read_line(1024);
  if (!line) throw Error(ErrorCode::InvalidInput, "-Pin - reads the PIN from standard input, which is empty");
  const Secret digits{*line};
  wipe(*line);
  return parse_pin(bound, trim(digits.reveal(ClearSecretAccess())));
}

}  // namespace dialin
