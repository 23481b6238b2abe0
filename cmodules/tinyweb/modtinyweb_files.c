// SPDX-License-Identifier: MIT
//
// What serving files asks for each request. In Python it would take some 2 KB of heap.

#include <string.h>

#include "py/objstr.h"
#include "py/runtime.h"
#include "extmod/modtime.h"

#include "modtinyweb.h"

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

// Whether p..end, without blanks, is a weight of zero: 0, 0., 0.0, 0.00 or 0.000.
static bool is_zero(const char *p, const char *end) {
    bool digits = false;
    for (; p != end; ++p) {
        if (*p == '0' || *p == '.') {
            digits = true;
        } else if (!is_blank(*p)) {
            return false;
        }
    }
    return digits;
}

static const char *skip_blanks(const char *p, const char *end) {
    while (p != end && is_blank(*p)) {
        ++p;
    }
    return p;
}

// How much of `name`, in lower case, the text from p to end begins with.
static size_t common(const char *p, const char *end, const char *name) {
    size_t n = 0;
    while (p + n != end && name[n] != 0 && lower(p[n]) == name[n]) {
        ++n;
    }
    return n;
}

// Whether what follows a coding in its member of the list, up to the comma at end, is a weight of 0.
static bool is_refused(const char *p, const char *end) {
    const char *equals = memchr(p, '=', (size_t)(end - p));
    return equals != NULL && is_zero(equals + 1, end);
}

bool tinyweb_accepts(const mp_obj_str_t *field, const char *coding) {
    size_t coding_len = strlen(coding);
    const char *p = (const char *)field->data;
    const char *end = p + field->len;
    bool allowed = false;
    while (p < end) {
        p = skip_blanks(p, end);
        bool named = common(p, end, coding) == coding_len;
        bool any = !named && p != end && *p == '*';
        p = skip_blanks(p + (named ? coding_len : any), end);
        const char *comma = p == end ? NULL : memchr(p, ',', (size_t)(end - p));
        const char *stop = comma == NULL ? end : comma;
        // Where the name goes on it is another one
        if ((named || any) && (p == stop || *p == ';')) {
            allowed = !is_refused(p, stop);
            if (named) {
                break;
            }
        }
        p = stop + 1;
    }
    return allowed;
}

bool tinyweb_is_safe(const uint8_t *name, size_t len) {
    static const char well_known[] = ".well-known/";       // RFC 8615
    uint32_t last = '/';        // the bytes before, the nearest one lowest
    for (size_t i = 0; i != len; ++i) {
        uint8_t c = name[i];
        uint8_t before = (uint8_t)last;
        last = last << 8 | c;
        if (c < ' ' || c == 0x7f || c == '\\' || (before == '~' && c >= '0' && c <= '9')
            || (last & 0xffffff) == 0xefbfbd) {
            return false;
        }
        if (before == '/' && (c == '/' || (c == '.'
                                           && (i != 0 || strncmp((const char *)name, well_known, sizeof(well_known) - 1) != 0)))) {
            return false;
        }
    }
    return true;
}

static const char types[] =
    "html:text/html htm:text/html css:text/css js:text/javascript mjs:text/javascript"
    " json:application/json map:application/json txt:text/plain md:text/markdown csv:text/csv"
    " xml:application/xml svg:image/svg+xml png:image/png jpg:image/jpeg jpeg:image/jpeg"
    " gif:image/gif webp:image/webp avif:image/avif ico:image/x-icon bmp:image/bmp"
    " woff:font/woff woff2:font/woff2 ttf:font/ttf otf:font/otf"
    " mp3:audio/mpeg ogg:audio/ogg wav:audio/wav mp4:video/mp4 webm:video/webm"
    " pdf:application/pdf zip:application/zip gz:application/gzip wasm:application/wasm"
    " webmanifest:application/manifest+json ";

static const char charset[] = "; charset=utf-8";
static const char text[] = "text/";

static const MP_DEFINE_STR_OBJ(type_unknown, "application/octet-stream");

// The entry in `types` of the extension from p to end, NULL if there is none.
static const char *find_type(const char *p, const char *end) {
    size_t n = (size_t)(end - p);
    for (const char *entry = types; *entry != 0;) {
        if (common(p, end, entry) == n && entry[n] == ':') {
            return entry + n + 1;
        }
        entry = strchr(entry, ' ') + 1;
    }
    return NULL;
}

mp_obj_str_t tinyweb_media_type(const char *name, size_t len, char *kind) {
    const char *end = name + len;
    const char *p = end;
    while (p != name && p[-1] != '.' && p[-1] != '/') {
        --p;
    }
    const char *found = p != name && p[-1] == '.' ? find_type(p, end) : NULL;
    if (found == NULL) {
        return type_unknown;
    }
    size_t kind_len = (size_t)(strchr(found, ' ') - found);
    memcpy(kind, found, kind_len);
    if (memcmp(kind, text, sizeof(text) - 1) == 0) {
        memcpy(kind + kind_len, charset, sizeof(charset) - 1);
        kind_len += sizeof(charset) - 1;
    }
    return (mp_obj_str_t) { { &mp_type_str }, 0, kind_len, (const byte *)kind };
}

// media_type(filename): the media type by the name's extension, with charset where it is text
static mp_obj_t files_media_type(mp_obj_t name_in) {
    size_t len;
    const char *name = mp_obj_str_get_data(name_in, &len);
    char kind[TINYWEB_TYPE_SIZE];
    mp_obj_str_t type = tinyweb_media_type(name, len, kind);
    return mp_obj_new_str((const char *)type.data, type.len);
}
MP_DEFINE_CONST_FUN_OBJ_1(tinyweb_media_type_obj, files_media_type);

// For so many ms the value is used again
#define DATE_MS 1000

// None if the clock was never set (RFC 9110 section 6.6.1)
mp_obj_t tinyweb_server_date(mp_obj_t server) {
    mp_obj_t now = MP_OBJ_NEW_SMALL_INT(tinyweb_ticks_ms());
    mp_obj_t left = mp_time_ticks_diff_obj.fun._2(mp_load_attr(server, MP_QSTR__date_due), now);
    if (MP_OBJ_SMALL_INT_VALUE(left) > 0) {
        return mp_load_attr(server, MP_QSTR__date);
    }
    mp_store_attr(server, MP_QSTR__date_due, mp_time_ticks_add_obj.fun._2(now, MP_OBJ_NEW_SMALL_INT(DATE_MS)));
    mp_obj_t date = mp_const_none;
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        date = tinyweb_call(server, MP_QSTR__new_date, 0, NULL);
        nlr_pop();
    } else if (!mp_obj_exception_match(MP_OBJ_FROM_PTR(nlr.ret_val), MP_OBJ_FROM_PTR(&mp_type_MemoryError))) {
        nlr_jump(nlr.ret_val);
    }
    // Else what matters more will need the memory
    mp_store_attr(server, MP_QSTR__date, date);
    return date;
}

// date(server): the value of Date
static mp_obj_t server_date(mp_obj_t server) {
    return tinyweb_server_date(server);
}
MP_DEFINE_CONST_FUN_OBJ_1(tinyweb_date_obj, server_date);
