# SPDX-License-Identifier: Apache-2.0
# Warnings are errors, with gcc and clang alike. Release is hardened; dev has the sanitizers.
add_compile_options(
    -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wformat=2
    -Wundef -Wvla -Wpointer-arith -Wwrite-strings -Werror -fno-common -fno-omit-frame-pointer)
add_compile_definitions(_GNU_SOURCE PLATEN_VERSION="${PROJECT_VERSION}")

if(PLATEN_SANITIZE)
    add_compile_options(-fsanitize=${PLATEN_SANITIZE} -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${PLATEN_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
    string(REPLACE "-O3" "-O2" CMAKE_C_FLAGS_RELEASE "${CMAKE_C_FLAGS_RELEASE}")
    add_compile_options(
        -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fPIE -g1
        -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
    add_link_options(-pie -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
if(PLATEN_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
    if(NOT PLATEN_FUZZ_COMPARES)
        add_compile_options(-fno-sanitize-coverage=trace-cmp)
    endif()
endif()
if(PLATEN_COVERAGE)
    add_compile_options(--coverage)
    add_link_options(--coverage)
endif()
# More than a hundred test programs: gold, of binutils, links one in a third of the time.
find_program(PLATEN_GOLD ld.gold)
if(PLATEN_GOLD AND CMAKE_C_COMPILER_ID STREQUAL "GNU" AND (PLATEN_SANITIZE OR PLATEN_COVERAGE))
    add_link_options(-fuse-ld=gold)
endif()
