# SPDX-License-Identifier: MIT
# USER_C_MODULES of the CMake ports names one file; this one takes every module here.
# The make ports look for */micropython.mk by themselves.
file(GLOB TINYWEB_CMODULES ${CMAKE_CURRENT_LIST_DIR}/*/micropython.cmake)
foreach(TINYWEB_CMODULE IN LISTS TINYWEB_CMODULES)
    include(${TINYWEB_CMODULE})
endforeach()

# Before version 1.28, MicroPython's ESP32 port compiles these sources without the ESP-IDF's options
# (issue #18880): unoptimized, with asserts, six times as large. Twice the same options do no harm.
# The build's folder must not be in the image.
if(COMMAND idf_build_get_property)
    idf_build_get_property(TINYWEB_IDF_OPTIONS COMPILE_OPTIONS)
    if(NOT TINYWEB_IDF_OPTIONS)
        message(FATAL_ERROR "The ESP-IDF has told no COMPILE_OPTIONS for the modules in cmodules/")
    endif()
    get_filename_component(TINYWEB_SOURCES ${CMAKE_CURRENT_LIST_DIR}/.. ABSOLUTE)
    target_compile_options(usermod INTERFACE
        ${TINYWEB_IDF_OPTIONS}
        -ffile-prefix-map=${TINYWEB_SOURCES}=.
    )
endif()
