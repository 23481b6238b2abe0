# SPDX-License-Identifier: MIT
add_library(usermod_httpparse INTERFACE)

set(HTTPPARSE_CORE
    ${CMAKE_CURRENT_LIST_DIR}/core/body.c
    ${CMAKE_CURRENT_LIST_DIR}/core/chars.c
    ${CMAKE_CURRENT_LIST_DIR}/core/copy.c
    ${CMAKE_CURRENT_LIST_DIR}/core/form.c
    ${CMAKE_CURRENT_LIST_DIR}/core/framing.c
    ${CMAKE_CURRENT_LIST_DIR}/core/head.c
    ${CMAKE_CURRENT_LIST_DIR}/core/multipart.c
    ${CMAKE_CURRENT_LIST_DIR}/core/params.c
    ${CMAKE_CURRENT_LIST_DIR}/core/request.c
    ${CMAKE_CURRENT_LIST_DIR}/core/response.c
    ${CMAKE_CURRENT_LIST_DIR}/core/text.c
    ${CMAKE_CURRENT_LIST_DIR}/core/urlencoded.c
)

target_sources(usermod_httpparse INTERFACE
    ${CMAKE_CURRENT_LIST_DIR}/modhttpparse.c
    ${CMAKE_CURRENT_LIST_DIR}/modhttpparse_forms.c
    ${CMAKE_CURRENT_LIST_DIR}/modhttpparse_lwip.c
    ${CMAKE_CURRENT_LIST_DIR}/modhttpparse_multipart.c
    ${CMAKE_CURRENT_LIST_DIR}/modhttpparse_request.c
    ${CMAKE_CURRENT_LIST_DIR}/modhttpparse_response.c
    ${CMAKE_CURRENT_LIST_DIR}/modhttpparse_signature.c
    ${CMAKE_CURRENT_LIST_DIR}/modhttpparse_urlencoded.c
    ${HTTPPARSE_CORE}
)

target_include_directories(usermod_httpparse INTERFACE ${CMAKE_CURRENT_LIST_DIR})

target_link_libraries(usermod INTERFACE usermod_httpparse)
