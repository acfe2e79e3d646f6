// SPDX-License-Identifier: Apache-2.0
// Any octets as a template: checking ends with problems that have a place, what is accepted renders, and no
// markup of a value comes alive.
//
// Input: HTML, then, behind a NUL, the text file if there is one.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.h"
#include "mail/welcome_template.h"

namespace {

using dialin::TemplateProblem;

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr std::string_view Hostile = "<script>zq7</script>\" onzq7=' javascript:zq7 --><zq7>";

dialin::WelcomeValues hostile_values() {
  const std::string text(Hostile);
  dialin::WelcomeValues values;
  values.display_name = values.sip_address = values.mail_address = values.number = values.extension = text;
  values.conference_id = values.region = values.settings_page_url = values.support_contact = text;
  values.organisation_name = values.logo_text = text;
  values.access_numbers = {{text, text, text, {text}, text}, {text, "", "", {}, ""}};
  values.telephone_commands = {{"HelpCommand", text}};
  values.pin_expires = dialin::from_microseconds(0);
  return values;
}

void require_harmless(std::string_view html) {
  for (const char* alive : {"<script>zq7", "\" onzq7", "<zq7", "href=\"javascript:zq7", "--><zq7"}) {
    require(html.find(alive) == std::string_view::npos);
  }
}

void require_rendered(const dialin::RenderedWelcome& welcome, std::string_view pin_shown) {
  const std::string_view html = welcome.html.reveal(dialin::ClearSecretAccess());
  const std::string_view text = welcome.text.reveal(dialin::ClearSecretAccess());
  require_harmless(html);
  require(html.find(pin_shown) != std::string_view::npos);
  require(text.find(pin_shown) != std::string_view::npos);
  require(!welcome.subject.empty() && !dialin::has_control_characters(welcome.subject));
  require(dialin::is_utf8(html) && dialin::is_utf8(text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.find("zq7") != std::string_view::npos) return 0;  // the marker must come from the values alone
  const std::size_t nul = input.find('\0');
  dialin::TemplateSource source{"t.html", "en", std::string(input.substr(0, nul)), std::nullopt};
  if (nul != std::string_view::npos) source.text = std::string(input.substr(nul + 1));

  const auto problems = dialin::WelcomeTemplate::check(source);
  for (const TemplateProblem& problem : problems) {
    require(problem.line > 0 && problem.column > 0 && !problem.what.empty());
    require(!dialin::has_control_characters(problem.what));
  }
  const bool sound = std::none_of(problems.begin(), problems.end(), [](const TemplateProblem& problem) {
    return problem.severity == TemplateProblem::Severity::Error;
  });
  if (!sound) return 0;
  const dialin::WelcomeTemplate parsed = dialin::WelcomeTemplate::parse(source);
  require(parsed.warnings().size() == problems.size());
  require_rendered(parsed.render(hostile_values(), nullptr), "00000");
  require_rendered(parsed.render({}, nullptr), "00000");
  require_rendered(parsed.render_masked(hostile_values()), "*****");
  require(dialin::serialize(dialin::deserialize_template(dialin::serialize(source))) ==
          dialin::serialize(source));
  return 0;
}
