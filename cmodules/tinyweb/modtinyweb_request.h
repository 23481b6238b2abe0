// SPDX-License-Identifier: MIT
//
// The record of a request, for the two classes that handlers get: the response has to know what
// it answers.
#ifndef TINYWEB_MODTINYWEB_REQUEST_H
#define TINYWEB_MODTINYWEB_REQUEST_H

enum {
    REQUEST_SLOT,
    REQUEST_PARSER,         // an httpparse.Request; this and what is above cannot be changed
    REQUEST_METHOD,         // this and the next three come from the parser
    REQUEST_PATH,
    REQUEST_QUERY_STRING,
    REQUEST_VERSION,
    REQUEST_HEADERS,        // MP_OBJ_SENTINEL while the parser has them, and nobody has asked yet
    REQUEST_ROUTE,
    REQUEST_PEER,
    REQUEST_CONTENT_TYPE,
    REQUEST_MAX_BODY_SIZE,  // set where there is a body
    REQUEST_TAKEN,
    REQUEST_MARKED,
    REQUEST_DUE,
};

#endif // TINYWEB_MODTINYWEB_REQUEST_H
