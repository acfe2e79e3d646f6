# SPDX-License-Identifier: Apache-2.0
# How everything is compiled: the language, the warnings, the sanitizers.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(DIALIN_TESTS "build the tests" ON)
option(DIALIN_BENCH "build the benchmarks" OFF)
option(DIALIN_FUZZ "build the fuzz targets with libFuzzer (clang); without it they only replay their corpus" OFF)
set(DIALIN_SANITIZE "" CACHE STRING "value of -fsanitize=, for example address,undefined")

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(dialin_options INTERFACE)
target_include_directories(dialin_options INTERFACE ${PROJECT_SOURCE_DIR}/src)
if(DIALIN_FUZZ)
  # Every room is instrumented, else the fuzzer would see nothing of what its inputs reach.
  target_compile_options(dialin_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
# Designated initialisers name what they set; the rest has its default.
target_compile_options(dialin_options INTERFACE -Wall -Wextra -Wnon-virtual-dtor -Wno-missing-field-initializers)
if(DIALIN_SANITIZE)
  set(sanitize -fsanitize=${DIALIN_SANITIZE} -fno-omit-frame-pointer)
  if(DIALIN_SANITIZE MATCHES undefined)
    # libsoci_core exports no typeinfo for its statement types: with vptr checks nothing links.
    list(APPEND sanitize -fno-sanitize=vptr -fno-sanitize-recover=all)
    if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
      # clang 14 and coroutines: "Cannot represent a difference across sections".
      list(APPEND sanitize -fno-sanitize=function)
    endif()
  endif()
  target_compile_options(dialin_options INTERFACE ${sanitize})
  target_link_options(dialin_options INTERFACE ${sanitize})
  if(DIALIN_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    target_compile_options(dialin_options INTERFACE -Wno-tsan)  # Asio's atomic_thread_fence
  endif()
else()
  target_compile_options(dialin_options INTERFACE -fstack-protector-strong)
  target_compile_definitions(dialin_options INTERFACE $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
  target_link_options(dialin_options INTERFACE -Wl,-z,relro,-z,now)
endif()
