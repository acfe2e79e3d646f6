// SPDX-License-Identifier: Apache-2.0
// The template of a welcome, or of a notice: one HTML file a language with its words in it, optionally a text
// file beside it.
// Tags: doc/template.md. What a tag is filled with is escaped for the place it stands in, by the engine.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "mail/shared_list.h"
#include "mail/template_purpose.h"
#include "pin/pin.h"

namespace dialin {

// The sources of one template, as kept in the store under its hash.
struct TemplateSource {
  std::string
      name;  // where it came from, for messages: "/etc/dialin/templates/CAWelcomeEmailTemplate.fr.html"
  std::string language;             // BCP 47: "en", "fr-CA"
  std::string html;                 // UTF-8
  std::optional<std::string> text;  // the .txt beside it; else the text part is derived from the HTML
  TemplatePurpose purpose = TemplatePurpose::Welcome;
};

// One text that holds `source` whole, and back; and its key in the store.
std::string serialize(const TemplateSource& source);
TemplateSource deserialize_template(std::string_view serialized);
std::string template_hash(const TemplateSource& source);

struct TemplateProblem {
  enum class Severity { Error, Warning };
  Severity severity;
  std::string file;
  unsigned line = 0;
  unsigned column = 0;  // in characters, from 1
  std::string what;     // "unknown tag {{PNI}}: did you mean {{PIN}}?"
};

struct AccessNumberValue {
  std::string display_number;  // "+1 (425) 555-0100", as typed by the administrator
  std::string display_name;    // may be empty
  std::string region;
  std::vector<std::string> languages;  // BCP 47, the primary one first
  std::string number = {};  // "+14255550100", for the link that dials it; empty: taken from display_number
};

// Everything a mail may say besides the PIN. Empty: the whole section goes (heading, row, sentence).
struct WelcomeValues {
  std::string display_name;
  std::string sip_address;  // without "sip:"
  std::string mail_address;
  std::string number;  // "+14255551297"
  std::string extension;
  std::string conference_id;
  std::string region;
  SharedList<AccessNumberValue> access_numbers;
  std::string settings_page_url;  // https://dialin.contoso.com
  std::optional<Timestamp> pin_expires;
  // A name that no tag has, and a command without keys, are not shown.
  struct TelephoneCommand {
    std::string name;  // of the original's property: "HelpCommand", "MuteUnmuteCommand", ...
    std::string keys;  // "*1"
  };
  SharedList<TelephoneCommand> telephone_commands;
  std::string support_contact;  // text, a mail address or a URL
  std::string organisation_name;
  std::string logo_text;
  bool replaces_pin = false;  // "Your PIN has been replaced. The old one no longer works."
  // Of a notice: when the PIN became valid, and the address to which it was mailed (empty: it was not).
  std::optional<Timestamp> changed_at = {};
  std::string sent_to = {};
};

struct RenderedWelcome {
  std::string subject;  // from <title>; no control characters
  Secret html;
  Secret text;
};

// Rendering changes nothing: any number of threads may render one at a time.
class WelcomeTemplate {
 public:
  // Parses and checks. Error(InvalidInput) listing every problem of Severity::Error with line and column.
  static WelcomeTemplate parse(const TemplateSource& source);
  // Every problem, warnings too; empty: fine.
  static std::vector<TemplateProblem> check(const TemplateSource& source);

  WelcomeTemplate(WelcomeTemplate&&) noexcept;
  WelcomeTemplate& operator=(WelcomeTemplate&&) noexcept;
  ~WelcomeTemplate();

  const std::string& language() const;
  const std::vector<TemplateProblem>& warnings() const;

  // `pin` null: "00000 SAMPLE" stands in its place (previews).
  RenderedWelcome render(const WelcomeValues& values, const Pin* pin) const;
  // For a masked copy: "*****" in the PIN's place, for real mails of people who may not read it; and for a
  // notice, which has no such place.
  RenderedWelcome render_masked(const WelcomeValues& values) const;

 private:
  struct Parsed;
  explicit WelcomeTemplate(std::unique_ptr<Parsed> parsed);
  std::unique_ptr<Parsed> parsed_;
};

// The documented tags, for `template tags` and doc/template.md.
struct TemplateTag {
  std::string name;     // "PIN", "#ACCESS_NUMBERS"
  std::string meaning;  // one sentence
  std::string example;
};
const std::vector<TemplateTag>& template_tags();

}  // namespace dialin
