# SPDX-License-Identifier: Apache-2.0
# The manual pages, which the program writes from its own tables, in the build tree (man/) and where it is installed;
# and the shells' completion, which asks the program.

# Of the pages; SOURCE_DATE_EPOCH, if it is set, makes the build repeatable.
string(TIMESTAMP manual_date "%Y-%m-%d" UTC)
set(manual_stamp ${PROJECT_BINARY_DIR}/manual-pages.stamp)
add_custom_command(OUTPUT ${manual_stamp}
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${PROJECT_BINARY_DIR}/man
  COMMAND dialin help --manual-pages ${PROJECT_BINARY_DIR}/man ${manual_date}
  COMMAND ${CMAKE_COMMAND} -E touch ${manual_stamp}
  DEPENDS dialin
  COMMENT "Writing the manual pages into ${PROJECT_BINARY_DIR}/man"
  VERBATIM)
add_custom_target(manual_pages ALL DEPENDS ${manual_stamp})
install(DIRECTORY ${PROJECT_BINARY_DIR}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR})

set(bash_completions ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${PROJECT_SOURCE_DIR}/share/completions/dialin.bash DESTINATION ${bash_completions} RENAME dialin)
# bash-completion finds the file by the command's name.
install(CODE "execute_process(COMMAND \"${CMAKE_COMMAND}\" -D \"PROGRAM=$<TARGET_FILE:dialin>\"
  -D \"DIRECTORY=\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${bash_completions}\" -D TARGET=dialin
  -P \"${PROJECT_SOURCE_DIR}/cmake/CommandLinks.cmake\" COMMAND_ERROR_IS_FATAL ANY)")
install(FILES ${PROJECT_SOURCE_DIR}/share/completions/_dialin DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
