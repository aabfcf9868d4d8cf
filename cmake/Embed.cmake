# SPDX-License-Identifier: Apache-2.0
# platen_embed(TARGET PATTERN HEADER STRUCT ARRAY NAME|NAME_WE) compiles the files into TARGET: each as
# an array of bytes with a NUL behind, and `const struct STRUCT ARRAY[]` of {name, bytes, length}, which HEADER declares;
# the last row is NULL. NAME is "xerox.yaml", NAME_WE is "xerox".
set(PLATEN_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/embed_files.cmake)
function(platen_embed target pattern header struct array naming)
    file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${pattern})
    list(SORT files)
    set(out ${CMAKE_CURRENT_BINARY_DIR}/${array}.c)
    add_custom_command(OUTPUT ${out}
        COMMAND ${CMAKE_COMMAND} -DOUT=${out} "-DFILES=${files}" -DHEADER=${header}
                -DSTRUCT=${struct} -DARRAY=${array} -DNAMING=${naming} -P ${PLATEN_EMBED_SCRIPT}
        DEPENDS ${files} ${PLATEN_EMBED_SCRIPT} VERBATIM)
    target_sources(${target} PRIVATE ${out})
endfunction()
