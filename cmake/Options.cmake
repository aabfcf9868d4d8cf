# SPDX-License-Identifier: Apache-2.0
# platen_options: how each target of this project is compiled and linked. Nothing is set globally.
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)

add_library(platen_options INTERFACE)
target_include_directories(platen_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(platen_options INTERFACE _GNU_SOURCE PLATEN_VERSION="${PROJECT_VERSION}")
target_compile_options(platen_options INTERFACE
    -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wformat=2
    -Wundef -Wvla -Wpointer-arith -Wwrite-strings $<$<BOOL:${PLATEN_WERROR}>:-Werror>
    -fno-common -fno-omit-frame-pointer $<$<CONFIG:Release>:-g1>)

# Hardening holds for every configuration but Debug, where the sanitizers take its place.
# _FORTIFY_SOURCE needs optimisation: the flags of the configuration None are the packager's.
if(PLATEN_HARDENING AND NOT PLATEN_SANITIZE)
    set(optimised $<CONFIG:Release,RelWithDebInfo,MinSizeRel>)
    if(CMAKE_C_FLAGS MATCHES "-O[123sz]")
        set(optimised $<NOT:$<CONFIG:Debug>>)
    endif()
    set(hardened $<NOT:$<CONFIG:Debug>>)
    target_compile_options(platen_options INTERFACE
        $<${optimised}:-U_FORTIFY_SOURCE> $<${optimised}:-D_FORTIFY_SOURCE=3>
        $<${hardened}:-fstack-protector-strong> $<${hardened}:-fstack-clash-protection>
        $<${hardened}:-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=>)
    target_link_options(platen_options INTERFACE
        $<${hardened}:LINKER:-z,relro,-z,now,-z,noexecstack>)
endif()
if(PLATEN_SANITIZE)
    target_compile_options(platen_options INTERFACE
        -fsanitize=${PLATEN_SANITIZE} -fno-sanitize-recover=all)
    target_link_options(platen_options INTERFACE -fsanitize=${PLATEN_SANITIZE})
endif()
if(PLATEN_FUZZ)
    # A target with the property PLATEN_NOT_FUZZED is the other side's, which need not be explored.
    set(explored $<NOT:$<BOOL:$<TARGET_PROPERTY:PLATEN_NOT_FUZZED>>>)
    target_compile_options(platen_options INTERFACE $<${explored}:-fsanitize=fuzzer-no-link>
        $<$<NOT:$<BOOL:${PLATEN_FUZZ_COMPARES}>>:-fno-sanitize-coverage=trace-cmp>)
endif()
if(PLATEN_COVERAGE)
    target_compile_options(platen_options INTERFACE --coverage)
    target_link_options(platen_options INTERFACE --coverage)
endif()
# The gold linker, of binutils, links a test program in a third of the time of ld.bfd.
find_program(PLATEN_GOLD ld.gold)
if(PLATEN_GOLD AND CMAKE_C_COMPILER_ID STREQUAL "GNU" AND (PLATEN_SANITIZE OR PLATEN_COVERAGE))
    target_link_options(platen_options INTERFACE -fuse-ld=gold)
endif()
