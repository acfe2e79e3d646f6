# SPDX-License-Identifier: Apache-2.0
# cmake -D FILE=share/mail-limits.toml -D OUTPUT=built_in_mail_limits.cc -P EmbedMailLimits.cmake
# Writes the file as a source file.

file(READ ${FILE} text)
file(WRITE ${OUTPUT} "// Generated from share/mail-limits.toml.
#include \"config/built_in_mail_limits.h\"

namespace dialin {

std::string_view built_in_mail_limits() {
  return R\"--limits--(${text})--limits--\";
}

}  // namespace dialin
")
