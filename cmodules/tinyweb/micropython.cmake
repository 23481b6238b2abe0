# SPDX-License-Identifier: MIT
add_library(usermod_tinyweb INTERFACE)

target_sources(usermod_tinyweb INTERFACE
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb.c
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb_aio.c
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb_background.c
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb_event.c
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb_files.c
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb_improv.c
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb_conditional.c
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb_connection.c
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb_json.c
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb_memory.c
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb_parts.c
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb_program.c
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb_reception.c
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb_record.c
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb_request.c
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb_response.c
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb_rest.c
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb_roots.c
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb_router.c
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb_signature.c
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb_site.c
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb_slot.c
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb_template.c
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb_terminal.c
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb_transport.c
    ${CMAKE_CURRENT_LIST_DIR}/modtinyweb_websocket.c
    ${CMAKE_CURRENT_LIST_DIR}/core/accept.c
    ${CMAKE_CURRENT_LIST_DIR}/core/websocket.c
)

target_include_directories(usermod_tinyweb INTERFACE
    ${CMAKE_CURRENT_LIST_DIR}
    ${CMAKE_CURRENT_LIST_DIR}/../httpparse
)

# A board that answers Improv beside its prompt names the module
if(TINYWEB_IMPROV)
    target_link_options(usermod_tinyweb INTERFACE "-Wl,--wrap=readline")
endif()

target_link_libraries(usermod INTERFACE usermod_tinyweb)
