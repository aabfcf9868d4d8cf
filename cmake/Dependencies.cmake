# SPDX-License-Identifier: Apache-2.0
# Every dependency comes from Debian 12 by name; docs/dependencies.md says why each is here.
find_package(PkgConfig REQUIRED)
pkg_check_modules(libuv REQUIRED IMPORTED_TARGET libuv>=1.44)
pkg_check_modules(openssl REQUIRED IMPORTED_TARGET openssl>=3.0)
pkg_check_modules(netsnmp REQUIRED IMPORTED_TARGET netsnmp>=5.9)
pkg_search_module(msgpack REQUIRED IMPORTED_TARGET msgpack msgpack-c)
pkg_check_modules(sqlite3 REQUIRED IMPORTED_TARGET sqlite3>=3.40)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd>=1.5)
pkg_check_modules(yaml REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(jansson REQUIRED IMPORTED_TARGET jansson)
if(PLATEN_TESTS OR PLATEN_FUZZ)
    pkg_check_modules(cmocka REQUIRED IMPORTED_TARGET cmocka)
endif()

# Debian ships llhttp as generated C sources inside node-llhttp; they are compiled here, in strict mode.
find_path(LLHTTP_SOURCE llhttp.c PATHS /usr/share/llhttp NO_DEFAULT_PATH REQUIRED)
find_path(LLHTTP_INCLUDE llhttp.h PATHS /usr/share/include/llhttp /usr/include REQUIRED)
add_library(platen_llhttp STATIC
    ${LLHTTP_SOURCE}/api.c ${LLHTTP_SOURCE}/http.c ${LLHTTP_SOURCE}/llhttp.c)
target_include_directories(platen_llhttp SYSTEM PUBLIC ${LLHTTP_INCLUDE})
target_compile_definitions(platen_llhttp PUBLIC LLHTTP_STRICT_MODE=1)
target_compile_options(platen_llhttp PRIVATE -w) # not our code
target_link_libraries(platen_llhttp PRIVATE platen_options)
