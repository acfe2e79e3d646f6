# SPDX-License-Identifier: Apache-2.0
# One library a folder of src/, one test program a folder of tests/.

include(GoogleTest)

# dialin_library(NAME SOURCES a.cc ... [LINK targets ...] [PRIVATE targets ...])
#   the library dialin_NAME; LINK is what its headers need, PRIVATE what only its .cc files need.
function(dialin_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK;PRIVATE" ${ARGN})
  add_library(dialin_${name} STATIC ${arg_SOURCES})
  target_link_libraries(dialin_${name} PUBLIC dialin_options ${arg_LINK} PRIVATE ${arg_PRIVATE})
endfunction()

# The code of tests runs once and is compiled often: without optimisation it takes a third of the time. What is tested
# is compiled as it is shipped.
function(dialin_compile_quickly target)
  target_compile_options(${target} PRIVATE -O0 -U_FORTIFY_SOURCE)
endfunction()

# dialin_test(NAME SOURCES a_test.cc ... [LINK targets ...] [LABELS ...] [TIMEOUT seconds] [DEFINITIONS ...]
#             [GROUPS name=filter ...])
#   the GoogleTest program NAME; each of its tests becomes one ctest test, called NAME.Suite.Test. With GROUPS,
#   all tests that a filter names become one ctest test, NAME.name, and share what is costly to start.
function(dialin_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LINK;LABELS;DEFINITIONS;GROUPS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE dialin_options ${arg_LINK} GTest::gtest_main GTest::gmock)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  dialin_compile_quickly(${name})
  target_compile_definitions(${name} PRIVATE DIALIN_SOURCE_DIR="${PROJECT_SOURCE_DIR}" ${arg_DEFINITIONS})
  foreach(group IN LISTS arg_GROUPS)
    string(REGEX MATCH "^([^=]*)=(.*)$" matched ${group})
    add_test(NAME ${name}.${CMAKE_MATCH_1} COMMAND ${name} --gtest_filter=${CMAKE_MATCH_2})
    set_tests_properties(${name}.${CMAKE_MATCH_1} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT})
  endforeach()
  if(NOT arg_GROUPS)
    gtest_discover_tests(${name} TEST_PREFIX ${name}. DISCOVERY_MODE PRE_TEST
      PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT})
  endif()
endfunction()

# dialin_fuzz_target(NAME CORPUS directory SOURCES fuzz_x.cc [LINK targets ...])
#   with DIALIN_FUZZ a libFuzzer program, else a program that replays the corpus, which ctest runs.
function(dialin_fuzz_target name)
  cmake_parse_arguments(arg "" "CORPUS" "SOURCES;LINK" ${ARGN})
  add_executable(fuzz_${name} ${arg_SOURCES})
  target_link_libraries(fuzz_${name} PRIVATE dialin_options ${arg_LINK})
  target_include_directories(fuzz_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  if(DIALIN_FUZZ)
    target_compile_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(fuzz_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.cc)
    add_test(NAME fuzz.${name}.corpus COMMAND fuzz_${name} ${arg_CORPUS})
    set_tests_properties(fuzz.${name}.corpus PROPERTIES LABELS "fuzz" TIMEOUT 120)
  endif()
endfunction()
