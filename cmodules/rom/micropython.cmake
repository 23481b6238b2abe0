# SPDX-License-Identifier: MIT
# Modules in ROM; see docs/rom.md. ROM=0 in the environment builds without.
if(NOT "$ENV{ROM}" STREQUAL "0")
    find_package(Python3 REQUIRED COMPONENTS Interpreter)
    execute_process(
        COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/../../ci/rom/micropython.py ${MICROPY_DIR}
        OUTPUT_VARIABLE ROM_LACKS
        OUTPUT_STRIP_TRAILING_WHITESPACE
    )
    if(ROM_LACKS)
        message(FATAL_ERROR ${ROM_LACKS})
    endif()

    add_library(usermod_rom INTERFACE)

    target_sources(usermod_rom INTERFACE
        ${CMAKE_CURRENT_LIST_DIR}/modrom_classes.c
        ${CMAKE_CURRENT_LIST_DIR}/modrom_modules.c
        ${CMAKE_CURRENT_LIST_DIR}/modrom_names.c
        ${CMAKE_CURRENT_LIST_DIR}/modrom_none.c
    )

    target_include_directories(usermod_rom INTERFACE ${CMAKE_CURRENT_LIST_DIR})

    # MicroPython's own hook, which every import calls.
    target_compile_definitions(usermod_rom INTERFACE mp_builtin___import__=rom_import)

    # Files of MicroPython that a header of hooks/ changes.
    foreach(ROM_FILE modio objdict objmodule objtype runtime)
        set_property(SOURCE ${MICROPY_DIR}/py/${ROM_FILE}.c APPEND PROPERTY COMPILE_OPTIONS
            -include ${CMAKE_CURRENT_LIST_DIR}/hooks/${ROM_FILE}.h)
        set_property(SOURCE ${MICROPY_DIR}/py/${ROM_FILE}.c APPEND PROPERTY OBJECT_DEPENDS
            ${CMAKE_CURRENT_LIST_DIR}/hooks/${ROM_FILE}.h)
    endforeach()

    target_link_libraries(usermod INTERFACE usermod_rom)
endif()
