// SPDX-License-Identifier: MIT

#include "httpparse.h"

unsigned hp_error_status(hp_result_t e) {
    if (e <= HP_LAST_400) {
        return 400;
    }
    if (e <= HP_TOO_MANY_PARTS) {
        return 413;
    }
    if (e == HP_TARGET_TOO_LONG) {
        return 414;
    }
    if (e == HP_MEDIA_TYPE) {
        return 415;
    }
    if (e == HP_EXPECTATION) {
        return 417;
    }
    if (e <= HP_TOO_MANY_FIELDS) {
        return 431;
    }
    return e == HP_HTTP_VERSION ? 505 : 501;
}

const char *hp_error_text(hp_result_t e) {
    switch (e) {
        case HP_BAD_EMPTY_LINE:
            return "bad empty line";
        case HP_BAD_METHOD:
            return "bad method";
        case HP_BAD_TARGET:
            return "bad request target";
        case HP_BAD_VERSION:
            return "bad HTTP version";
        case HP_BAD_LINE_END:
            return "bare CR or LF";
        case HP_BAD_FIELD_NAME:
            return "bad field name";
        case HP_BAD_FOLDING:
            return "line folding";
        case HP_BAD_FIELD_VALUE:
            return "bad field value";
        case HP_BAD_HOST:
            return "bad Host";
        case HP_BAD_CONTENT_LENGTH:
            return "bad Content-Length";
        case HP_BAD_TRANSFER_ENCODING:
            return "bad Transfer-Encoding";
        case HP_BAD_CHUNK:
            return "bad chunk";
        case HP_BAD_EOF:
            return "body cut short";
        case HP_BAD_PARAMETER:
            return "bad parameter";
        case HP_BAD_BOUNDARY:
            return "bad boundary";
        case HP_BAD_PART:
            return "bad body part";
        case HP_CONTENT_TOO_LARGE:
            return "content too large";
        case HP_TOO_MANY_PARTS:
            return "too many parts";
        case HP_TARGET_TOO_LONG:
            return "request line too long";
        case HP_MEDIA_TYPE:
            return "unknown media type";
        case HP_EXPECTATION:
            return "unknown expectation";
        case HP_FIELD_TOO_LARGE:
            return "field too large";
        case HP_HEAD_TOO_LARGE:
            return "head too large";
        case HP_TOO_MANY_FIELDS:
            return "too many fields";
        case HP_METHOD_TOO_LONG:
            return "method too long";
        case HP_METHOD_CONNECT:
            return "CONNECT not supported";
        case HP_TRANSFER_CODING:
            return "unknown transfer coding";
        case HP_HTTP_VERSION:
            return "HTTP version not supported";
        default:
            return "";
    }
}
