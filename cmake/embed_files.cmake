# SPDX-License-Identifier: Apache-2.0
# Writes OUT: each file of FILES as an array of bytes, and the list of them (Embed.cmake).
set(body "")
set(list "")
foreach(path ${FILES})
    get_filename_component(name ${path} ${NAMING})
    get_filename_component(stem ${path} NAME_WE)
    string(MAKE_C_IDENTIFIER ${stem} symbol)
    file(READ ${path} hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
    string(APPEND body "static const unsigned char ${symbol}[] = {${bytes}0};\n")
    string(APPEND list "\t{\"${name}\", ${symbol}, sizeof ${symbol} - 1},\n")
endforeach()
file(WRITE ${OUT} "/* Made by embed_files.cmake. */\n#include \"${HEADER}\"\n\n${body}\
const struct ${STRUCT} ${ARRAY}[] = {\n${list}\t{NULL, NULL, 0}};\n")
