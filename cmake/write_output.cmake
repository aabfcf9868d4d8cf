# SPDX-License-Identifier: Apache-2.0
# Writes what COMMAND prints to OUT (Install.cmake); a command that fails leaves no file.
get_filename_component(folder ${OUT} DIRECTORY)
file(MAKE_DIRECTORY ${folder})
execute_process(COMMAND ${COMMAND} OUTPUT_FILE ${OUT} RESULT_VARIABLE status)
if(NOT status EQUAL 0)
    file(REMOVE ${OUT})
    message(FATAL_ERROR "${COMMAND}: status ${status}")
endif()
