// SPDX-License-Identifier: Apache-2.0
// A welcome in which every value is set, and small helpers of the tests of mail/.
#pragma once

#include <string>
#include <string_view>

#include "mail/template_library.h"
#include "mail/welcome_template.h"
#include "pin/pin.h"

namespace dialin::test {

inline constexpr std::string_view ContosoPin = "383042650";

inline WelcomeValues contoso_values() {
  WelcomeValues values;
  values.display_name = "Bob Kelly";
  values.sip_address = "bob.k@contoso.com";
  values.mail_address = "bob@contoso.com";
  values.number = "+14255551297";
  values.extension = "51297";
  values.conference_id = "4150162";
  values.region = "Redmond";
  values.access_numbers = {
      {.display_number = "+1 (425) 555-0100",
       .display_name = "Head office",
       .region = "Redmond",
       .languages = {"en-US", "es-MX"}},
      {.display_number = "5-0100", .display_name = "", .region = "Redmond", .languages = {}},
  };
  values.settings_page_url = "https://dialin.contoso.com";
  values.pin_expires = from_microseconds(1805100000000000);  // 2027-03-15T08:00:00Z
  values.telephone_commands = {{"HelpCommand", "*1"},
                               {"PrivateRollCallCommand", "*3"},
                               {"AudienceMuteCommand", "*4"},
                               {"MuteUnmuteCommand", "*6"},
                               {"LockUnlockConferenceCommand", "*7"},
                               {"AdmitAll", "*8"},
                               {"EnableDisableAnnouncementsCommand", "*9"},
                               {"OperatorLineUri", "*0"}};
  values.support_contact = "helpdesk@contoso.com";
  values.organisation_name = "Contoso Ltd.";
  values.logo_text = "CONTOSO";
  return values;
}

inline const TemplateLibrary& shipped() {
  static const TemplateLibrary library = TemplateLibrary::built_in();
  return library;
}

inline TemplateSource source_of(std::string html) {
  return {"my.html", "en", std::move(html), std::nullopt};
}

// The smallest template that is taken without a word.
inline std::string minimal(std::string_view body) {
  return "<html><head><title>Hello</title></head><body><p>{{PIN}}</p>{{#SETTINGS_PAGE}}{{SETTINGS_PAGE}}"
         "{{/SETTINGS_PAGE}}" +
         std::string(body) + "</body></html>";
}

struct Rendered {
  std::string subject;
  std::string html;
  std::string text;
};

inline Rendered plain(const RenderedWelcome& welcome) {
  return {welcome.subject, std::string(welcome.html.reveal(ClearSecretAccess())),
          std::string(welcome.text.reveal(ClearSecretAccess()))};
}

inline Rendered render(const TemplateSource& source, const WelcomeValues& values) {
  const auto pin = Pin::parse(ContosoPin);
  return plain(WelcomeTemplate::parse(source).render(values, &*pin));
}

}  // namespace dialin::test
