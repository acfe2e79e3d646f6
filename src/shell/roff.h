// SPDX-License-Identifier: Apache-2.0
// Manual pages in roff's man macros (groff_man(7)), which groff and mandoc read. Text goes in as it is: what
// roff would take for a command is written so that it does not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dialin {

// `text` for the body of a page; `-` stays one that can be copied into a shell.
std::string roff_text(std::string_view text);

class RoffPage {
 public:
  // "DIALIN-WELCOME", "1"; `date` as 2026-03-01, digits and hyphens alone; `source` stands at the foot:
  // "Dialin 0.1.0".
  RoffPage(std::string_view title, std::string_view section, std::string_view date, std::string_view source);

  RoffPage& heading(std::string_view text);
  RoffPage& subheading(std::string_view text);
  // A paragraph of its own.
  RoffPage& paragraph(std::string_view text);
  // "-UserUri, --user-uri <address> (required)" in bold and italics, and what it means.
  RoffPage& term(const std::vector<std::string>& names, std::string_view value, std::string_view notes,
                 std::string_view meaning);
  // The first in bold; lines break between pieces only.
  RoffPage& synopsis(const std::vector<std::string>& pieces);
  // Lines as they are typed.
  RoffPage& example(std::string_view lines);
  // "dialin-welcome(1)", ... in bold.
  RoffPage& references(const std::vector<std::string>& pages);
  // What stands in NAME: "dialin-welcome, Set-CsPinSendCAWelcomeMail" and its summary.
  RoffPage& name(const std::vector<std::string>& names, std::string_view summary);

  const std::string& text() const { return text_; }

 private:
  void line(std::string_view text);

  std::string text_;
};

}  // namespace dialin
