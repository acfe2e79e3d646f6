# SPDX-License-Identifier: Apache-2.0
# systemd's units (share/systemd), installed where systemd looks below the prefix, with the path of the program
# that was installed there.
install(CODE "
  file(GLOB units \"${PROJECT_SOURCE_DIR}/share/systemd/*\")
  foreach(unit IN LISTS units)
    get_filename_component(name \"\${unit}\" NAME)
    file(READ \"\${unit}\" text)
    string(REPLACE \"/usr/bin/dialin\" \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/dialin\" text \"\${text}\")
    set(target \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/lib/systemd/system/\${name}\")
    file(WRITE \"\${target}\" \"\${text}\")
    message(STATUS \"Installing: \${target}\")
  endforeach()")
