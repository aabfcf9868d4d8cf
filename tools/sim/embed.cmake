# SPDX-License-Identifier: Apache-2.0
# Writes OUT: each file of PROFILES as an array of bytes, and the list of them.
set(body "")
set(list "")
foreach(path ${PROFILES})
    get_filename_component(name ${path} NAME_WE)
    string(MAKE_C_IDENTIFIER ${name} symbol)
    file(READ ${path} hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
    string(APPEND body "static const unsigned char ${symbol}[] = {${bytes}};\n")
    string(APPEND list "\t{\"${name}\", ${symbol}, sizeof ${symbol}},\n")
endforeach()
file(WRITE ${OUT} "/* Made by embed.cmake. */\n#include \"tools/sim/profile.h\"\n\n${body}\n\
const struct embedded_profile embedded_profiles[] = {\n${list}\t{NULL, NULL, 0}};\n")
