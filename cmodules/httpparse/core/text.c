// SPDX-License-Identifier: MIT
//
// All texts. Reason phrases and what is said of errors are packed: words that come often are stored
// once. This is the only file of the core that reads constants by bytes.

#include "httpparse.h"
#include "response.h"

#define NOT "\001"
#define CONTENT "\002"
#define REQUIRED "\003"
#define REQUEST "\004"
#define TOO "\005"
#define REDIRECT "\006"
#define PRECONDITION "\007"
#define AUTHENTICATION "\010"
#define UNAVAILABLE "\011"
#define ERROR "\012"
#define INFORMATION "\013"
#define TIMEOUT "\014"
#define PERMANENT "\015"
#define SUPPORTED "\016"
#define BAD "\017"
#define TOO_LARGE "\020"
#define FIELD "\021"
#define UNKNOWN "\022"
#define TRANSFER "\023"
#define METHOD "\024"
#define VERSION "\025"
#define PART "\026"
#define TOO_MANY "\027"
#define LINE "\030"

// The word that character n of a text stands for is the nth.
static const char words[] =
    "Not \0"
    "Content\0"
    " Required\0"
    "Request\0"
    "Too \0"
    "Redirect\0"
    "Precondition\0"
    "Authentication\0"
    "Unavailable\0"
    " Error\0"
    "Information\0"
    " Timeout\0"
    "Permanent\0"
    "upported\0"
    "bad \0"
    " too large\0"
    "field\0"
    "unknown \0"
    "ransfer\0"
    "method\0"
    "HTTP version\0"
    "part\0"
    "too many \0"
    " line";

// RFC 9110 section 15, RFC 6585, RFC 7725, RFC 8297, RFC 8470. Each class begins with its name, which
// serves its unknown codes. In front of a phrase is 128 (octal 200) and the code less the class; the
// most frequent ones come first.
static const char *const reasons[] = {
    INFORMATION "al"
    "\200" "Continue"
    "\201" "Switching Protocols"
    "\203" "Early Hints",

    "Successful"
    "\200" "OK"
    "\204" "No " CONTENT
    "\201" "Created"
    "\202" "Accepted"
    "\203" "Non-Authoritative " INFORMATION
    "\205" "Reset " CONTENT
    "\206" "Partial " CONTENT,

    REDIRECT "ion"
    "\204" NOT "Modified"
    "\202" "Found"
    "\200" "Multiple Choices"
    "\201" "Moved " PERMANENT "ly"
    "\203" "See Other"
    "\205" "Use Proxy"
    "\207" "Temporary " REDIRECT
    "\210" PERMANENT " " REDIRECT,

    "Client" ERROR
    "\204" NOT "Found"
    "\200" "Bad " REQUEST
    "\205" "Method " NOT "Allowed"
    "\201" "Unauthorized"
    "\203" "Forbidden"
    "\202" "Payment" REQUIRED
    "\206" NOT "Acceptable"
    "\207" "Proxy " AUTHENTICATION REQUIRED
    "\210" REQUEST TIMEOUT
    "\211" "Conflict"
    "\212" "Gone"
    "\213" "Length" REQUIRED
    "\214" PRECONDITION " Failed"
    "\215" CONTENT " " TOO "Large"
    "\216" "URI " TOO "Long"
    "\217" "Uns" SUPPORTED " Media Type"
    "\220" "Range " NOT "Satisfiable"
    "\221" "Expectation Failed"
    "\225" "Misdirected " REQUEST
    "\226" "Unprocessable " CONTENT
    "\231" TOO "Early"
    "\232" "Upgrade" REQUIRED
    "\234" PRECONDITION REQUIRED
    "\235" TOO "Many " REQUEST "s"
    "\237" REQUEST " Header Fields " TOO "Large"
    "\263" UNAVAILABLE " For Legal Reasons",

    "Server" ERROR
    "\200" "Internal Server" ERROR
    "\201" NOT "Implemented"
    "\202" "Bad Gateway"
    "\203" "Service " UNAVAILABLE
    "\204" "Gateway" TIMEOUT
    "\205" "HTTP Version " NOT "S" SUPPORTED
    "\213" "Network " AUTHENTICATION REQUIRED,
};

// In the order of hp_result_t, from HP_ERROR on.
#define TEXT(error, text) text "\0"
static const char errors[] =
    TEXT(HP_BAD_EMPTY_LINE, BAD "empty" LINE)
    TEXT(HP_BAD_METHOD, BAD METHOD)
    TEXT(HP_BAD_TARGET, BAD "request target")
    TEXT(HP_BAD_VERSION, BAD VERSION)
    TEXT(HP_BAD_LINE_END, "bare CR or LF")
    TEXT(HP_BAD_FIELD_NAME, BAD FIELD " name")
    TEXT(HP_BAD_FOLDING, "line folding")
    TEXT(HP_BAD_FIELD_VALUE, BAD FIELD " value")
    TEXT(HP_BAD_HOST, BAD "Host")
    TEXT(HP_BAD_CONTENT_LENGTH, BAD CONTENT "-Length")
    TEXT(HP_BAD_TRANSFER_ENCODING, BAD "T" TRANSFER "-Encoding")
    TEXT(HP_BAD_CHUNK, BAD "chunk")
    TEXT(HP_BAD_EOF, "body cut short")
    TEXT(HP_BAD_PARAMETER, BAD "parameter")
    TEXT(HP_BAD_BOUNDARY, BAD "boundary")
    TEXT(HP_BAD_PART, BAD "body " PART)
    TEXT(HP_CONTENT_TOO_LARGE, "content" TOO_LARGE)
    TEXT(HP_TOO_MANY_PARTS, TOO_MANY PART "s")
    TEXT(HP_TARGET_TOO_LONG, "request" LINE " too long")
    TEXT(HP_MEDIA_TYPE, UNKNOWN "media type")
    TEXT(HP_EXPECTATION, UNKNOWN "expectation")
    TEXT(HP_FIELD_TOO_LARGE, FIELD TOO_LARGE)
    TEXT(HP_HEAD_TOO_LARGE, "head" TOO_LARGE)
    TEXT(HP_TOO_MANY_FIELDS, TOO_MANY FIELD "s")
    TEXT(HP_METHOD_TOO_LONG, METHOD " too long")
    TEXT(HP_METHOD_CONNECT, "CONNECT not s" SUPPORTED)
    TEXT(HP_TRANSFER_CODING, UNKNOWN "t" TRANSFER " coding")
    TEXT(HP_HTTP_VERSION, VERSION " not s" SUPPORTED);

const char hp_text_http[] = "HTTP/1.";
const char hp_text_length[] = "Content-Length: ";
const char hp_text_chunked[] = "Transfer-Encoding: chunked\r\n";
const char hp_text_close[] = "Connection: close\r\n";
const char hp_text_keep_alive[] = "Connection: keep-alive\r\n";

// The nth of the texts from p on, n = 0 is the first.
static const uint8_t *nth(const char *texts, unsigned n) {
    const uint8_t *p = (const uint8_t *)texts;
    while (n != 0) {
        if (*p++ == 0) {
            --n;
        }
    }
    return p;
}

static size_t unpack(uint8_t *to, const uint8_t *p) {
    uint8_t *at = to;
    unsigned c;
    while ((c = *p++) - 1u < 0x7f) {
        if (c >= ' ') {
            *at++ = (uint8_t)c;
            continue;
        }
        const uint8_t *word = nth(words, c - 1);
        while (*word != 0) {
            *at++ = *word++;
        }
    }
    return (size_t)(at - to);
}

size_t hp_reason(uint8_t *to, unsigned status) {
    // Without a division, which the ESP8266 has not
    unsigned class = 0;
    for (status -= 100; status >= 100; status -= 100) {
        if (++class == sizeof(reasons) / sizeof(*reasons)) {
            return 0;
        }
    }
    const uint8_t *p = (const uint8_t *)reasons[class];
    const uint8_t *phrase = p;
    for (; *p != 0; ++p) {
        if (*p == 0x80 + status) {
            phrase = p + 1;
            break;
        }
    }
    return unpack(to, phrase);
}

size_t hp_error_text(uint8_t *to, hp_result_t e) {
    return e < HP_ERROR ? 0 : unpack(to, nth(errors, (unsigned)e - HP_ERROR));
}

unsigned hp_error_status(hp_result_t e) {
    // The first error of each status code, from the last one back
    static const uint32_t first[] = {
        HP_HTTP_VERSION << 16 | 505, HP_METHOD_TOO_LONG << 16 | 501, HP_FIELD_TOO_LARGE << 16 | 431,
            HP_EXPECTATION << 16 | 417, HP_MEDIA_TYPE << 16 | 415, HP_TARGET_TOO_LONG << 16 | 414,
            HP_CONTENT_TOO_LARGE << 16 | 413, 400,
    };
    const uint32_t *entry = first;
    while (*entry >> 16 > (unsigned)e) {
        ++entry;
    }
    return *entry & 0xffff;
}
