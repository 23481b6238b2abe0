# SPDX-License-Identifier: MIT
# Defines TINYWEB_VERSION for the C code of a port that is built with CMake. It is said once,
# in the package that the image freezes.

set(TINYWEB_VERSION_FILE ${CMAKE_CURRENT_LIST_DIR}/../frozen/tinyweb/__init__.py)
file(STRINGS ${TINYWEB_VERSION_FILE} TINYWEB_VERSION_LINE REGEX "^__version__ = \"[^\"]+\"$")
if(NOT TINYWEB_VERSION_LINE MATCHES "\"([^\"]+)\"")
    message(FATAL_ERROR "${TINYWEB_VERSION_FILE} has no line __version__ = \"...\"")
endif()
list(APPEND MICROPY_DEF_BOARD TINYWEB_VERSION="${CMAKE_MATCH_1}")
# The ESP-IDF writes it into the image's description, which an update is judged by.
set(PROJECT_VER ${CMAKE_MATCH_1})
