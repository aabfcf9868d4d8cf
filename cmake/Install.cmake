# SPDX-License-Identifier: Apache-2.0
# cmake --install: programs, man pages, completions, sample configurations, systemd units. DESTDIR is
# respected. What a program writes itself is written at build time, by the program that was built.
include(GNUInstallDirs)
set(PLATEN_CONFIG_DIR /etc/platen CACHE PATH "where the units expect the configuration")
set(PLATEN_UNIT_DIR lib/systemd/system CACHE PATH "systemd units")
set(PLATEN_ZSH_DIR ${CMAKE_INSTALL_DATADIR}/zsh/site-functions CACHE PATH "zsh completions")

# One file written by `PROGRAM ARGS...` to OUT, and installed as DIR/NAME.
function(platen_install_written program out dir)
    if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
        return() # the program does not run here
    endif()
    set(file ${CMAKE_BINARY_DIR}/installed/${program}/${out})
    add_custom_command(OUTPUT ${file}
        COMMAND ${CMAKE_COMMAND} -DOUT=${file} "-DCOMMAND=$<TARGET_FILE:${program}>;${ARGN}"
                -P ${PROJECT_SOURCE_DIR}/cmake/write_output.cmake
        DEPENDS ${program} ${PROJECT_SOURCE_DIR}/cmake/write_output.cmake VERBATIM)
    set_property(GLOBAL APPEND PROPERTY PLATEN_WRITTEN ${file})
    install(FILES ${file} DESTINATION ${dir})
endfunction()

install(TARGETS platen platen-sim RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS platen-hub RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR})

file(GLOB pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/man/*.[1-8])
foreach(page ${pages})
    string(REGEX REPLACE ".*\\.([1-8])$" "\\1" section ${page})
    install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()

install(FILES README.md SECURITY.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
platen_install_written(platen platen.yaml ${CMAKE_INSTALL_DOCDIR}/examples sample-config)
platen_install_written(platen-hub hub.yaml ${CMAKE_INSTALL_DOCDIR}/examples sample-config)

foreach(program platen platen-hub platen-sim)
    set(verb completion)
    if(program STREQUAL "platen-sim") # has no verbs
        set(verb --completion)
    endif()
    platen_install_written(${program} ${program} ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
                           ${verb} bash)
    platen_install_written(${program} _${program} ${PLATEN_ZSH_DIR} ${verb} zsh)
    platen_install_written(${program} ${program}.fish
                           ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d ${verb} fish)
endforeach()

foreach(unit platen.service platen-hub.service)
    configure_file(deploy/systemd/${unit}.in ${CMAKE_BINARY_DIR}/installed/${unit} @ONLY)
    install(FILES ${CMAKE_BINARY_DIR}/installed/${unit}
        DESTINATION ${PLATEN_UNIT_DIR})
endforeach()
foreach(name platen platen-hub)
    install(FILES deploy/systemd/${name}.sysusers DESTINATION lib/sysusers.d
        RENAME ${name}.conf)
endforeach()
install(FILES deploy/systemd/platen.tmpfiles DESTINATION lib/tmpfiles.d
    RENAME platen.conf)

get_property(written GLOBAL PROPERTY PLATEN_WRITTEN)
add_custom_target(installed_files ALL DEPENDS ${written})
