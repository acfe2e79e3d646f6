// SPDX-License-Identifier: Apache-2.0
// Which mail server, how protected, as whom: -SmtpServer, -Port, -UseSsl, -Credential, $PSEmailServer and
// [smtp].
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "command/command_context.h"
#include "shell/bound_parameters.h"
#include "shell/command_spec.h"
#include "welcome/welcome_settings.h"

namespace dialin {

// "mail.contoso.com", "mail.contoso.com:587", "smtp://...", "smtps://...", "[2001:db8::1]:25".
struct ServerAddress {
  std::string host;
  std::optional<std::uint16_t> port;
  bool implicit_tls = false;
  static std::optional<ServerAddress> parse(const std::string& text);
};

// Rows of these parameters, for every command that sends mail.
std::vector<ParameterSpec> mail_server_parameter_specs();

// `smtp`: of the person's site. Error(Configuration) if no server is named anywhere.
WelcomeWay way_from(const CommandContext& context, const BoundParameters& bound, const SmtpSettings& smtp);

// `way` with the account and the source of the password that -Credential names.
WelcomeWay with_credential(const CommandContext& context, const BoundParameters& bound,
                           const WelcomeWay& way);

// That of $PSEmailServer and `smtp` alone; nothing if no server is named.
std::optional<WelcomeWay> configured_way(const CommandContext& context, const SmtpSettings& smtp);

// The [smtp] that names the server of `way`: the general one, else a site's; a null pointer: none does.
const SmtpSettings* smtp_of(const Configuration& configuration, const WelcomeWay& way);

// What the configuration says of the server of `way`: the [smtp] that names it, else the general one.
ServerTrust trust_of(const Configuration& configuration, const WelcomeWay& way);

// The passwords of ways, each found once and kept: a prompt is asked once a command. With `may_ask` false a
// password that can only be typed is a null pointer.
class Passwords {
 public:
  Passwords(CommandContext& context, bool may_ask) : context_(context), may_ask_(may_ask) {}
  std::shared_ptr<const Secret> of(const WelcomeWay& way);
  bool was_typed() const { return typed_; }

 private:
  CommandContext& context_;
  bool may_ask_;
  bool typed_ = false;
  std::map<std::string, std::shared_ptr<const Secret>> passwords_;  // by way
};

}  // namespace dialin
