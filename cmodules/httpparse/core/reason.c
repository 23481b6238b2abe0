// SPDX-License-Identifier: MIT

#include "response.h"

// Status code and length in one word, so that the search needs only aligned 32-bit loads.
typedef struct {
    uint32_t code_len;
    const char *text;
} reason_t;

#define REASON(code, text) { (uint32_t)(code) << 8 | (sizeof(text) - 1), text }

// The most frequent ones first; RFC 9110 section 15, RFC 6585, RFC 7725, RFC 8297, RFC 8470
static const reason_t reasons[] = {
    REASON(200, "OK"),
    REASON(404, "Not Found"),
    REASON(304, "Not Modified"),
    REASON(400, "Bad Request"),
    REASON(500, "Internal Server Error"),
    REASON(201, "Created"),
    REASON(204, "No Content"),
    REASON(302, "Found"),
    REASON(405, "Method Not Allowed"),
    REASON(401, "Unauthorized"),
    REASON(403, "Forbidden"),
    REASON(100, "Continue"),
    REASON(101, "Switching Protocols"),
    REASON(103, "Early Hints"),
    REASON(202, "Accepted"),
    REASON(203, "Non-Authoritative Information"),
    REASON(205, "Reset Content"),
    REASON(206, "Partial Content"),
    REASON(300, "Multiple Choices"),
    REASON(301, "Moved Permanently"),
    REASON(303, "See Other"),
    REASON(305, "Use Proxy"),
    REASON(307, "Temporary Redirect"),
    REASON(308, "Permanent Redirect"),
    REASON(402, "Payment Required"),
    REASON(406, "Not Acceptable"),
    REASON(407, "Proxy Authentication Required"),
    REASON(408, "Request Timeout"),
    REASON(409, "Conflict"),
    REASON(410, "Gone"),
    REASON(411, "Length Required"),
    REASON(412, "Precondition Failed"),
    REASON(413, "Content Too Large"),
    REASON(414, "URI Too Long"),
    REASON(415, "Unsupported Media Type"),
    REASON(416, "Range Not Satisfiable"),
    REASON(417, "Expectation Failed"),
    REASON(421, "Misdirected Request"),
    REASON(422, "Unprocessable Content"),
    REASON(425, "Too Early"),
    REASON(426, "Upgrade Required"),
    REASON(428, "Precondition Required"),
    REASON(429, "Too Many Requests"),
    REASON(431, "Request Header Fields Too Large"),
    REASON(451, "Unavailable For Legal Reasons"),
    REASON(501, "Not Implemented"),
    REASON(502, "Bad Gateway"),
    REASON(503, "Service Unavailable"),
    REASON(504, "Gateway Timeout"),
    REASON(505, "HTTP Version Not Supported"),
    REASON(511, "Network Authentication Required"),
    // RFC 9110 section 15: an unknown code stands for its class
    REASON(1, "Informational"),
    REASON(2, "Successful"),
    REASON(3, "Redirection"),
    REASON(4, "Client Error"),
    REASON(5, "Server Error"),
};

const char *hp_reason(unsigned status, size_t *len) {
    const reason_t *end = reasons + sizeof(reasons) / sizeof(*reasons);
    for (;;) {
        for (const reason_t *r = reasons; r != end; ++r) {
            if (r->code_len >> 8 == status) {
                *len = r->code_len & 0xff;
                return r->text;
            }
        }
        if (status < 100) {
            *len = 0;
            return "";
        }
        status /= 100;
    }
}
