# SPDX-License-Identifier: Apache-2.0
# platen_floor(NAME DIR SEES lower... LIBS external...)
# makes the static library platen_NAME from the files of DIR that Sources.cmake lists. It may include
# and link only the floors named after SEES, all of them lower. A static library does not refuse an
# upward call by itself, so each floor also has a probe: an executable that holds the whole floor and
# only the floors it may see. An upward or sideways symbol is then undefined and the link fails.
file(WRITE ${CMAKE_BINARY_DIR}/probe_main.c "int main(void)\n{\n\treturn 0;\n}\n")
add_custom_target(layer_probes)

# The listed sources of a folder in OUT; a list that is not current fails.
function(platen_sources dir out)
    set(listed ${PLATEN_SOURCES_${dir}})
    file(GLOB present RELATIVE ${CMAKE_SOURCE_DIR}/${dir} ${CMAKE_SOURCE_DIR}/${dir}/*.c)
    list(SORT present)
    list(SORT listed)
    if(NOT "${listed}" STREQUAL "${present}")
        message(FATAL_ERROR "cmake/Sources.cmake is not what ${dir} holds: run tools/gate/sources")
    endif()
    list(TRANSFORM listed PREPEND ${CMAKE_SOURCE_DIR}/${dir}/)
    set(${out} ${listed} PARENT_SCOPE)
endfunction()

function(platen_floor name dir)
    cmake_parse_arguments(F "" "" "SEES;LIBS" ${ARGN})
    platen_sources(${dir} sources)
    list(FILTER sources EXCLUDE REGEX "/main\\.c$")
    list(TRANSFORM F_SEES PREPEND platen_)
    add_library(platen_${name} STATIC ${sources})
    target_link_libraries(platen_${name} PUBLIC platen_options ${F_SEES} ${F_LIBS})
    add_executable(probe_${name} EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/probe_main.c)
    target_link_options(probe_${name} PRIVATE -Wl,--no-gc-sections)
    target_link_libraries(probe_${name} PRIVATE
        -Wl,--whole-archive platen_${name} -Wl,--no-whole-archive)
    add_dependencies(layer_probes probe_${name})
endfunction()
