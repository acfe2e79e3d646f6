# SPDX-License-Identifier: Apache-2.0
# cmake -DDIRECTORY=... -DOUTPUT=... -P EmbedSchema.cmake
# Writes OUTPUT, a C++ file that holds the text of DIRECTORY/NNN_name.sql in ascending order.
file(GLOB files ${DIRECTORY}/*.sql)
list(SORT files)
set(text "// Made from src/store/schema by EmbedSchema.cmake.\n#include \"store/schema.h\"\n\nnamespace dialin {\n\n")
string(APPEND text "std::vector<SchemaStep> built_in_schema() {\n  return {\n")
foreach(file IN LISTS files)
  get_filename_component(name ${file} NAME)
  if(NOT name MATCHES "^0*([1-9][0-9]*)_")
    message(FATAL_ERROR "${file}: the name must begin with its number and _")
  endif()
  set(number ${CMAKE_MATCH_1})
  file(READ ${file} content)
  string(APPEND text "      {${number}, R\"schema(${content})schema\"},\n")
endforeach()
string(APPEND text "  };\n}\n\n}  // namespace dialin\n")
file(WRITE ${OUTPUT} "${text}")
