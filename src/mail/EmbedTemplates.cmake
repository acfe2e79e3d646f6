# SPDX-License-Identifier: Apache-2.0
# cmake -D FOLDER=share/templates -D OUTPUT=built_in_templates.cc -P EmbedTemplates.cmake
# Writes the templates of FOLDER as a source file.

file(GLOB templates RELATIVE ${FOLDER} ${FOLDER}/*.html)
list(SORT templates)
set(rows "")
foreach(name IN LISTS templates)
  file(READ ${FOLDER}/${name} html)
  # A compiler need not take a string literal of more than 65,536 octets; templates are below half of it.
  string(APPEND rows "      {\"${name}\", R\"--template--(${html})--template--\"},\n")
endforeach()
file(WRITE ${OUTPUT} "// Generated from share/templates.
#include \"mail/built_in_templates.h\"

namespace dialin {

const std::vector<BuiltInTemplate>& built_in_templates() {
  static const std::vector<BuiltInTemplate> templates = {
${rows}  };
  return templates;
}

}  // namespace dialin
")
