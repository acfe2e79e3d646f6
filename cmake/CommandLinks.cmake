# SPDX-License-Identifier: Apache-2.0
# The names under which the program is called: in the build tree (bin/ beside it) and where it is installed.
#
# Each cmdlet is a symbolic link to the program, as written (Set-CsPinSendCAWelcomeMail) and in lower case. The
# program itself knows the names: `dialin help --names` prints them, one a line.

if(CMAKE_SCRIPT_MODE_FILE)
  # cmake -D PROGRAM=path -D DIRECTORY=folder -D TARGET=what-the-links-say -P CommandLinks.cmake
  execute_process(COMMAND ${PROGRAM} help --names
    OUTPUT_VARIABLE output ERROR_VARIABLE error RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${PROGRAM} help --names failed (${result}): ${error}")
  endif()
  string(REGEX MATCHALL "[A-Za-z-]+" names "${output}")
  file(MAKE_DIRECTORY ${DIRECTORY})
  foreach(name IN LISTS names)
    string(TOLOWER ${name} lower)
    file(CREATE_LINK ${TARGET} ${DIRECTORY}/${name} SYMBOLIC)
    file(CREATE_LINK ${TARGET} ${DIRECTORY}/${lower} SYMBOLIC)
  endforeach()
  return()
endif()

set(script ${CMAKE_CURRENT_LIST_FILE})
set(stamp ${PROJECT_BINARY_DIR}/command-links.stamp)
add_custom_command(OUTPUT ${stamp}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/bin
  COMMAND ${CMAKE_COMMAND} -E create_symlink ../dialin ${PROJECT_BINARY_DIR}/bin/dialin
  COMMAND ${CMAKE_COMMAND} -D PROGRAM=$<TARGET_FILE:dialin> -D DIRECTORY=${PROJECT_BINARY_DIR}/bin
          -D TARGET=../dialin -P ${script}
  COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
  DEPENDS dialin ${script}
  COMMENT "Linking the cmdlets' names in ${PROJECT_BINARY_DIR}/bin"
  VERBATIM)
add_custom_target(command_links ALL DEPENDS ${stamp})

install(TARGETS dialin RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(CODE "execute_process(COMMAND \"${CMAKE_COMMAND}\" -D \"PROGRAM=$<TARGET_FILE:dialin>\"
  -D \"DIRECTORY=\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\" -D TARGET=dialin -P \"${script}\"
  COMMAND_ERROR_IS_FATAL ANY)")
