// SPDX-License-Identifier: Apache-2.0
#include "command/mail_server_parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/text.h"
#include "command/access_token.h"
#include "command/operator_files.h"

namespace dialin {
namespace {

constexpr std::uint16_t RelayPort = 25;
constexpr std::uint16_t ImplicitTlsPort = 465;
constexpr std::size_t LongestUser = 255;  // octets that every server must take (RFC 4616 section 2)

std::optional<std::uint16_t> parse_port(std::string_view text) {
  unsigned value = 0;
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || value == 0 || value > 65535)
    return std::nullopt;
  return static_cast<std::uint16_t>(value);
}

bool is_host(std::string_view host) {
  if (host.empty() || host.size() > 255) return false;
  return std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || c == ':';
  });
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

struct Credential {
  std::string user;
  std::string file;  // of user:@file
};

void check_user(const std::string& user) {
  if (has_control_characters(user))
    throw Error(ErrorCode::InvalidInput, "-Credential holds a control character");
  if (user.size() > LongestUser) {
    throw Error(ErrorCode::InvalidInput,
                fmt::format("-Credential names a user of more than {} octets", LongestUser));
  }
}

Credential parse_credential(const std::string& text) {
  const std::size_t at = text.find(":@");
  if (at != std::string::npos) {
    Credential credential{text.substr(0, at), text.substr(at + 2)};
    if (credential.user.empty() || credential.file.empty()) {
      throw Error(ErrorCode::InvalidInput, "-Credential needs a user and a file: user:@/path/to/file");
    }
    check_user(credential.user);
    return credential;
  }
  if (text.find(':') != std::string::npos) {
    throw Error(
        ErrorCode::InvalidInput,
        "-Credential takes no password: every process on this host could read it while the command runs",
        "Write -Credential USER to be asked for it, or -Credential USER:@FILE.");
  }
  check_user(text);
  return {text, {}};
}

[[noreturn]] void no_server(const CommandContext& context) {
  throw Error(
      ErrorCode::Configuration,
      "no mail server is named: neither -SmtpServer nor PSEmailServer nor smtp.server",
      fmt::format(
          "Write -SmtpServer mail.example.org, or `export PSEmailServer=mail.example.org` (a variable "
          "that is set but not exported is not seen here, and sudo and cron drop it), or put `server = "
          "\"mail.example.org\"` under [smtp] into {}.",
          context.configuration_place.file ? context.configuration_place.file->string()
                                           : std::string("/etc/dialin/dialin.toml")));
}

// What the command line says.
struct TypedServer {
  std::optional<std::string> server;
  std::optional<std::int64_t> port;
  std::optional<std::string> credential;
  bool use_ssl = false;
};

struct NamedServer {
  ServerAddress address;
  // It is smtp.server, or none is set there: smtp.port, smtp.tls and smtp.user are meant for it. They are not
  // meant for another server than the configured one, which must never see that one's password.
  bool configured = false;
};

// Nothing: no server is named anywhere.
std::optional<NamedServer> named_server(const CommandContext& context, const TypedServer& typed,
                                        const SmtpSettings& smtp) {
  std::string text;
  std::string source;
  if (typed.server) {
    text = *typed.server;
    source = "-SmtpServer";
  } else if (auto variable = context.streams.environment_value("PSEmailServer");
             variable && !variable->empty()) {
    text = *variable;
    source = "PSEmailServer";
  } else if (!smtp.server.empty()) {
    text = smtp.server;
    source = "smtp.server";
  } else {
    return std::nullopt;
  }
  auto address = ServerAddress::parse(text);
  if (!address) {
    throw Error(source == "smtp.server" ? ErrorCode::Configuration : ErrorCode::InvalidInput,
                fmt::format("{} is not a mail server: \"{}\"", source, sanitize_foreign_text(text, 100)),
                "Write a host, host:port, smtp://host or smtps://host.");
  }
  NamedServer named{*address, smtp.server.empty()};
  if (auto configured = ServerAddress::parse(smtp.server))
    named.configured = configured->host == address->host;
  return named;
}

std::uint16_t port_of(const NamedServer& named, std::optional<std::int64_t> typed, const SmtpSettings& smtp) {
  if (typed && named.address.port && *typed != *named.address.port) {
    throw Error(ErrorCode::InvalidInput, fmt::format("two ports are named: {} in the server and -Port {}",
                                                     *named.address.port, *typed));
  }
  if (typed) return static_cast<std::uint16_t>(*typed);
  if (named.address.port) return *named.address.port;
  if (named.address.implicit_tls) return ImplicitTlsPort;
  if (named.configured && smtp.port) return *smtp.port;
  if (named.configured && smtp.tls == SmtpTls::Implicit) return ImplicitTlsPort;
  return RelayPort;
}

WelcomeWay::Tls tls_of(const NamedServer& named, std::uint16_t port, const SmtpSettings& smtp, bool use_ssl,
                       bool has_user) {
  if (named.address.implicit_tls || port == ImplicitTlsPort ||
      (named.configured && smtp.tls == SmtpTls::Implicit)) {
    return WelcomeWay::Tls::Implicit;
  }
  if (use_ssl || smtp.tls != SmtpTls::Opportunistic) return WelcomeWay::Tls::Required;
  // A password goes only over a verified connection.
  const bool insecure_allowed = smtp.allow_insecure_auth && is_loopback(named.address.host);
  if (has_user && !insecure_allowed) return WelcomeWay::Tls::Required;
  return WelcomeWay::Tls::Opportunistic;
}

// Where the secret of smtp.user comes from.
std::string configured_source(const CommandContext& context, const SmtpSettings& smtp) {
  const int named = (smtp.password_file.empty() ? 0 : 1) + (smtp.oauth_token_file.empty() ? 0 : 1) +
                    (smtp.oauth_token_command.empty() ? 0 : 1);
  if (named > 1) {
    throw Error(
        ErrorCode::Configuration,
        "of smtp.password_file, smtp.oauth_token_file and smtp.oauth_token_command more than one is set",
        "Leave only the one that the mail server is meant to get.");
  }
  if (!smtp.password_file.empty()) return "file:" + smtp.password_file;
  if (!smtp.oauth_token_file.empty()) return "oauth-file:" + smtp.oauth_token_file;
  if (!smtp.oauth_token_command.empty()) return "oauth-command";
  return context.password_from_environment ? "environment" : "prompt";
}

// Account and source of the password, from -Credential. `configured`: the [smtp] that names the server; null:
// none does.
void use_credential(const CommandContext& context, const std::string& typed, const SmtpSettings* configured,
                    WelcomeWay& way) {
  const Credential credential = parse_credential(typed);
  way.user = credential.user;
  const bool of_configured = configured != nullptr && credential.user == configured->user;
  if (!credential.file.empty() && context.remote) {
    throw Error(ErrorCode::Internal, "a password's file of the operator was not read for them");
  } else if (!credential.file.empty()) {
    way.password_source = "file:" + std::filesystem::absolute(credential.file).string();
  } else if (context.remote && !context.operator_password && of_configured) {
    way.password_source = configured_source(context, *configured);
  } else if (context.remote) {
    // Neither the service's own password, which is for the configured server alone, nor one that
    // `dialin deliver` would find again.
    way.password_source = "prompt";
  } else if (context.password_from_environment) {
    way.password_source = "environment";
  } else if (of_configured) {
    way.password_source = configured_source(context, *configured);
  } else {
    way.password_source = "prompt";
  }
}

Pipelining pipelining_of(SmtpPipelining pipelining) {
  switch (pipelining) {
    case SmtpPipelining::Off:
      return Pipelining::Off;
    case SmtpPipelining::Message:
      return Pipelining::Message;
    case SmtpPipelining::Across:
      return Pipelining::Across;
  }
  return Pipelining::Off;
}

}  // namespace

std::optional<ServerAddress> ServerAddress::parse(const std::string& text) {
  ServerAddress address;
  std::string_view rest = trim(text);
  if (to_lower_ascii(rest.substr(0, 8)) == "smtps://") {
    address.implicit_tls = true;
    rest.remove_prefix(8);
  } else if (to_lower_ascii(rest.substr(0, 7)) == "smtp://") {
    rest.remove_prefix(7);
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  std::string_view port;
  bool has_port = false;
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    address.host = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    if (rest.starts_with(':')) {
      port = rest.substr(1);
      has_port = true;
    } else if (!rest.empty()) {
      return std::nullopt;
    }
  } else if (std::ranges::count(rest, ':') == 1) {
    const std::size_t colon = rest.find(':');
    address.host = rest.substr(0, colon);
    port = rest.substr(colon + 1);
    has_port = true;
  } else {
    address.host = rest;  // a name, an IPv4 address, or a bare IPv6 address
  }
  if (has_port) {
    address.port = parse_port(port);
    if (!address.port) return std::nullopt;
  }
  if (!is_host(address.host)) return std::nullopt;
  address.host = to_lower_ascii(address.host);
  return address;
}

std::vector<ParameterSpec> mail_server_parameter_specs() {
  return {
      {.name = "SmtpServer",
       .kind = ParameterKind::Text,
       .value_name = "server",
       .help = "The mail server: host, host:port, smtp://host or smtps://host; else $PSEmailServer, else "
               "smtp.server.",
       .original = true,
       .position = 1,
       .guard_characters = "@\\",
       .guard_meant = "UserUri"},
      {.name = "Port",
       .kind = ParameterKind::Number,
       .value_name = "number",
       .help = "Its port; 25 unless told otherwise, 465 with smtps://.",
       .minimum = 1,
       .maximum = 65535},
      {.name = "UseSsl",
       .kind = ParameterKind::Switch,
       .help = "TLS with a verified certificate, or nothing is sent. Without it: TLS whenever the server "
               "offers it.",
       .original = true},
      {.name = "Credential",
       .kind = ParameterKind::Text,
       .value_name = "user[:@file]",
       .help = "The account at the mail server; its password is asked for once, or read from the file. "
               "Implies -UseSsl.",
       .original = true,
       .hidden_in_arguments = true,
       .file = FileUse::AfterAt},
  };
}

WelcomeWay with_credential(const CommandContext& context, const BoundParameters& bound,
                           const WelcomeWay& way) {
  const SmtpSettings* smtp = smtp_of(context.configuration, way);
  WelcomeWay changed = way;
  use_credential(context, bound.text_or("Credential", ""), smtp, changed);
  const bool insecure_allowed = smtp != nullptr && smtp->allow_insecure_auth && is_loopback(way.server);
  if (changed.tls == WelcomeWay::Tls::Opportunistic && !insecure_allowed)
    changed.tls = WelcomeWay::Tls::Required;
  return changed;
}

namespace {

std::optional<WelcomeWay> way_of(const CommandContext& context, const TypedServer& typed,
                                 const SmtpSettings& smtp) {
  const std::optional<NamedServer> found = named_server(context, typed, smtp);
  if (!found) return std::nullopt;
  const NamedServer& named = *found;
  WelcomeWay way;
  way.server = named.address.host;
  way.port = port_of(named, typed.port, smtp);
  if (typed.credential) {
    use_credential(context, *typed.credential, named.configured ? &smtp : nullptr, way);
  } else if (named.configured && !smtp.user.empty()) {
    way.user = smtp.user;
    way.password_source = configured_source(context, smtp);
  }
  way.tls = tls_of(named, way.port, smtp, typed.use_ssl, !way.user.empty());
  return way;
}

}  // namespace

WelcomeWay way_from(const CommandContext& context, const BoundParameters& bound, const SmtpSettings& smtp) {
  std::optional<WelcomeWay> way = way_of(
      context,
      {bound.text("SmtpServer"), bound.number("Port"), bound.text("Credential"), bound.flag("UseSsl")}, smtp);
  if (!way) no_server(context);
  return std::move(*way);
}

std::optional<WelcomeWay> configured_way(const CommandContext& context, const SmtpSettings& smtp) {
  return way_of(context, {}, smtp);
}

const SmtpSettings* smtp_of(const Configuration& configuration, const WelcomeWay& way) {
  const auto names_it = [&](const SmtpSettings& smtp) {
    auto address = ServerAddress::parse(smtp.server);
    return address && address->host == way.server;
  };
  if (names_it(configuration.smtp)) return &configuration.smtp;
  for (const auto& [name, site] : configuration.sites) {
    if (names_it(site.smtp)) return &site.smtp;
  }
  return nullptr;
}

ServerTrust trust_of(const Configuration& configuration, const WelcomeWay& way) {
  const SmtpSettings* smtp = smtp_of(configuration, way);
  if (smtp == nullptr) smtp = &configuration.smtp;
  return {
      .ca_file = smtp->ca_file,
      .fingerprint = smtp->fingerprint,
      .helo_name = smtp->helo_name,
      .pipelining = pipelining_of(smtp->pipelining),
      .allow_insecure_auth = smtp->allow_insecure_auth,
      .access_token = is_access_token(way) ? access_token_of(way, *smtp) : nullptr,
  };
}

std::shared_ptr<const Secret> Passwords::of(const WelcomeWay& way) {
  // Never kept: what was a good one a moment ago may have been renewed.
  if (is_access_token(way)) return trust_of(context_.configuration, way).access_token();
  const std::string key = fmt::format("{}\n{}\n{}\n{}", way.server, way.port, way.user, way.password_source);
  if (const auto known = passwords_.find(key); known != passwords_.end()) return known->second;
  std::shared_ptr<const Secret> password;
  if (way.password_source.starts_with("file:")) {
    password = read_secret_file(way.password_source.substr(5));
  } else if (way.password_source == "environment") {
    password = context_.password_from_environment;
  } else if (may_ask_ && context_.operator_password) {
    password = context_.operator_password;
  } else if (may_ask_) {
    password = std::make_shared<const Secret>(context_.prompter.ask_secret(
        fmt::format("Password of {} for {}:{}", way.user, way.server, way.port),
        fmt::format("Write -Credential {}:@FILE, or set DIALIN_SMTP_PASSWORD.", way.user)));
    typed_ = true;
  }
  if (password) passwords_.emplace(key, password);
  return password;
}

}  // namespace dialin
