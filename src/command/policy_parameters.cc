// SPDX-License-Identifier: Apache-2.0
#include "command/policy_parameters.h"

#include <fmt/format.h>

#include <charconv>

#include "base/error.h"
#include "base/text.h"
#include "command/confirmation.h"
#include "command/nullable_value.h"
#include "people/names.h"
#include "shell/filter_expression.h"
#include "shell/parameter_words.h"

namespace dialin {
namespace {

std::optional<unsigned> number_of(const BoundParameters& bound, const char* name) {
  const auto number = bound.number(name);
  return number ? std::optional(static_cast<unsigned>(*number)) : std::nullopt;
}

std::optional<bool> truth_of(const BoundParameters& bound, const char* name) {
  const auto text = bound.text(name);
  if (!text) return std::nullopt;
  const auto truth = read_truth_value(*text);
  if (!truth)
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{} is true or false, not {}", bound.display_name(name), shown_word(*text)),
                "In bash, write true, or '$true' in single quotes.");
  return truth;
}

void read_attempts(const BoundParameters& bound, PinPolicyChanges& changes) {
  const auto text = bound.text("MaximumLogonAttempts");
  if (!text) return;
  if (is_null_value(*text)) {
    changes.automatic_logon_attempts = true;
    return;
  }
  unsigned number = 0;
  const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (problem != std::errc() || end != text->data() + text->size() || number < 1 ||
      number > PinPolicy::MostLogonAttempts)
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{} is a whole number from 1 to {}", bound.display_name("MaximumLogonAttempts"),
                            PinPolicy::MostLogonAttempts),
                "null makes it automatic again: by the length of the PIN, which is what is recommended.");
  changes.maximum_logon_attempts = number;
}

std::string people_count(std::size_t count) {
  return count == 1 ? "1 person has" : fmt::format("{} people have", count);
}

}  // namespace

std::vector<ParameterSpec> policy_property_specs() {
  const auto number = [](const char* name, std::int64_t least, std::int64_t most, const char* help) {
    return ParameterSpec{.name = name,
                         .kind = ParameterKind::Number,
                         .value_name = "number",
                         .help = help,
                         .original = true,
                         .minimum = least,
                         .maximum = most};
  };
  const auto truth = [](const char* name, const char* help, bool original) {
    return ParameterSpec{.name = name,
                         .kind = ParameterKind::Text,
                         .value_name = "true|false",
                         .help = help,
                         .original = original};
  };
  return {
      {.name = "Description",
       .kind = ParameterKind::Text,
       .value_name = "text",
       .help = "For whom the policy is, or why.",
       .original = true,
       .allow_empty = true},
      number("MinPasswordLength", 4, 24, "The least number of digits, 4 to 24; by default 5."),
      number("PINHistoryCount", 0, PinPolicy::MostHistory,
             "How many new PINs must come before one may be used again, 0 to 20; by default 0."),
      truth("AllowCommonPatterns",
            "Whether PINs like 222222, 123456 or the person's own number are allowed; by default false.",
            true),
      number(
          "PINLifetime", 0, PinPolicy::LongestLifetimeDays,
          "After how many days a PIN expires, 0 to 999; 0, the default, is never. Needs a PINHistoryCount."),
      {.name = "MaximumLogonAttempts",
       .kind = ParameterKind::Text,
       .value_name = "number",
       .help = "How many wrong PINs within half an hour lock for an hour, 1 to 999; null, the default, is by "
               "length.",
       .original = true,
       .allow_empty = true},
      truth("ChangeAtFirstUse", "Whether a PIN that others set must be changed before it opens a conference.",
            false),
  };
}

PinPolicyChanges changes_from(const BoundParameters& bound) {
  PinPolicyChanges changes;
  changes.description = bound.text("Description");
  if (changes.description) {
    const std::string problem = explain_bad_free_text(*changes.description);
    if (!problem.empty())
      throw Error(ErrorCode::InvalidInput,
                  fmt::format("{} cannot be taken: {}", bound.display_name("Description"), problem));
  }
  changes.minimum_length = number_of(bound, "MinPasswordLength");
  changes.history_count = number_of(bound, "PINHistoryCount");
  changes.allow_common_patterns = truth_of(bound, "AllowCommonPatterns");
  changes.lifetime_days = number_of(bound, "PINLifetime");
  read_attempts(bound, changes);
  changes.change_at_first_use = truth_of(bound, "ChangeAtFirstUse");
  return changes;
}

ParameterSpec policy_force_spec() {
  return {.name = "Force",
          .kind = ParameterKind::Switch,
          .help = "Suppresses the question that a change for several people asks.",
          .original = true};
}

ParameterSpec policy_filter_spec() {
  return {.name = "Filter",
          .kind = ParameterKind::Text,
          .value_name = "pattern",
          .help = "Those whose Identity has this form, * for any characters: site:*, tag:R*.",
          .original = true};
}

ScopeIdentity scope_identity_from(const BoundParameters& bound, const std::string& parameter,
                                  const std::string& text) {
  if (const auto identity = ScopeIdentity::parse(text)) return *identity;
  throw Error(ErrorCode::InvalidInput,
              fmt::format("{} {} is no identity", bound.display_name(parameter), shown_word(text)),
              "Write global, site:NAME, or NAME (tag:NAME) for what is granted to single people.");
}

std::vector<NamedPolicy> named_policies(const PolicySet& policies, const BoundParameters& bound,
                                        const std::vector<NamedPolicy>& otherwise) {
  const std::vector<std::string> identities = bound.list("Identity");
  const auto filter = bound.text("Filter");
  if (!identities.empty() && filter)
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{} and {} cannot be used together", bound.display_name("Identity"),
                            bound.display_name("Filter")));
  std::vector<NamedPolicy> named;
  for (const std::string& text : identities) {
    const ScopeIdentity identity = scope_identity_from(bound, "Identity", text);
    const NamedPolicy* found = policies.find(identity);
    if (found == nullptr)
      throw Error(ErrorCode::NotFound, fmt::format("there is no PIN policy {}", identity.text()),
                  "Get-CsPinPolicy lists those that there are.");
    named.push_back(*found);
  }
  if (!identities.empty()) return named;
  if (!filter) return otherwise;
  for (const NamedPolicy& policy : policies.all()) {
    if (matches_wildcard(policy.identity.text(), *filter)) named.push_back(policy);
  }
  return named;
}

OutputObject object_of(const NamedPolicy& named) {
  const PinPolicy& policy = named.policy;
  OutputObject object;
  object.text("Identity", named.identity.text())
      .text("Description", named.description)
      .number("MinPasswordLength", policy.minimum_length)
      .number("PINHistoryCount", policy.history_count)
      .truth("AllowCommonPatterns", policy.allow_common_patterns)
      .number("PINLifetime", policy.lifetime_days)
      .number_or_null("MaximumLogonAttempts", policy.maximum_logon_attempts)
      .truth("ChangeAtFirstUse", policy.change_at_first_use);
  return object;
}

std::string describe(const PolicyEffect& effect, const std::string& identity) {
  std::string text = fmt::format("{} the policy {}", people_count(effect.people), identity);
  text += effect.people == 0 ? ".\n" : fmt::format(", {} of them a PIN.\n", effect.with_pin);
  if (effect.expire_sooner > 0)
    text += fmt::format("PINs that expire sooner than before: {}, the first on {}.\n", effect.expire_sooner,
                        to_rfc3339(*effect.first_expiry).substr(0, 10));
  if (effect.expire_later > 0)
    text += fmt::format("PINs that expire later than before, or no longer: {}.\n", effect.expire_later);
  return text;
}

std::string consequences(const PinPolicy& after, const PinPolicy& before) {
  std::string text;
  if (is_stricter(after, before)) text += "It binds the next PIN of each; PINs that are set stay valid.\n";
  if (after.history_count > before.history_count)
    text += fmt::format("Setting a PIN compares it with up to {} former ones, a hash each.\n",
                        after.history_count);
  if (after.change_at_first_use && !before.change_at_first_use)
    text += "PINs that are set from now on open no conference until the person has changed them.\n";
  return text;
}

void confirm_policy_change(CommandContext& context, const BoundParameters& bound, const PolicyEffect& effect,
                           const std::string& question) {
  const bool many = effect.people > 1;
  if (bound.flag("Force")) return;
  confirm(context, bound, many ? fmt::format("{} It touches {} people.", question, effect.people) : question,
          many ? Question::Always : Question::IfConfirm);
}

}  // namespace dialin
