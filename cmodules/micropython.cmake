# SPDX-License-Identifier: MIT
# USER_C_MODULES of the CMake ports names one file; this one takes every module here.
# The make ports look for */micropython.mk by themselves.
file(GLOB TINYWEB_CMODULES ${CMAKE_CURRENT_LIST_DIR}/*/micropython.cmake)
foreach(TINYWEB_CMODULE IN LISTS TINYWEB_CMODULES)
    include(${TINYWEB_CMODULE})
endforeach()
