// SPDX-License-Identifier: MIT
//
// What serving files asks for each request. In Python it would take some 2 KB of heap.

#include <string.h>

#include "py/builtin.h"
#include "py/objstr.h"
#include "py/runtime.h"
#include "extmod/modtime.h"
#include "extmod/vfs.h"

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

bool tinyweb_accepts(const mp_obj_str_t *field, const char *coding) {
    size_t coding_len = strlen(coding);
    const char *p = (const char *)field->data;
    const char *end = p + field->len;
    bool allowed = false;
    while (p < end) {
        while (p != end && is_blank(*p)) {
            ++p;
        }
        size_t same = 0;
        while (same != coding_len && p + same != end && lower(p[same]) == coding[same]) {
            ++same;
        }
        bool named = same == coding_len;
        bool listed = named || (p != end && *p == '*');
        p += named ? coding_len : listed;
        while (p != end && is_blank(*p)) {
            ++p;
        }
        // Where the name goes on it is another one
        listed = listed && (p == end || *p == ',' || *p == ';');
        const char *weight = NULL;
        while (p != end && *p != ',') {
            if (weight == NULL && *p == '=') {
                weight = p + 1;
            }
            ++p;
        }
        if (listed) {
            allowed = weight == NULL || !is_zero(weight, p);
            if (named) {
                break;
            }
        }
        ++p;
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

bool tinyweb_is_file(const char *path, size_t len, const char *ending) {
    size_t ending_len = strlen(ending);
    if (len + ending_len > TINYWEB_PATH_MAX) {
        return false;       // no file system has such a name, and the stack no room for it
    }
    char *name = mp_local_alloc(len + ending_len + 1);
    memcpy(name, path, len);
    memcpy(name + len, ending, ending_len + 1);
    // Unlike stat() it raises no exception
    bool found = mp_vfs_import_stat(name) == MP_IMPORT_STAT_FILE;
    mp_local_free(name);
    return found;
}

// is_file(path, ending): whether there is a file path + ending, str both.
static mp_obj_t files_is_file(mp_obj_t path_in, mp_obj_t ending) {
    size_t len;
    const char *path = mp_obj_str_get_data(path_in, &len);
    return mp_obj_new_bool(tinyweb_is_file(path, len, mp_obj_str_get_str(ending)));
}
MP_DEFINE_CONST_FUN_OBJ_2(tinyweb_is_file_obj, files_is_file);

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

mp_obj_str_t tinyweb_media_type(const char *name, size_t len, char *kind) {
    size_t at = len;
    while (at != 0 && name[at - 1] != '.' && name[at - 1] != '/') {
        --at;
    }
    if (at != 0 && name[at - 1] == '.') {
        size_t n = len - at;
        for (const char *p = types; *p != 0;) {
            size_t same = 0;
            while (same != n && p[same] != ':' && lower(name[at + same]) == p[same]) {
                ++same;
            }
            bool found = same == n && p[same] == ':';
            while (*p++ != ':') {
            }
            const char *end = p;
            while (*end != ' ') {
                ++end;
            }
            if (found) {
                size_t kind_len = (size_t)(end - p);
                memcpy(kind, p, kind_len);
                if (memcmp(kind, text, sizeof(text) - 1) == 0) {
                    memcpy(kind + kind_len, charset, sizeof(charset) - 1);
                    kind_len += sizeof(charset) - 1;
                }
                return (mp_obj_str_t) { { &mp_type_str }, 0, kind_len, (const byte *)kind };
            }
            p = end + 1;
        }
    }
    return type_unknown;
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

// date(server): the value of Date, or None if the clock was never set (RFC 9110 section 6.6.1)
static mp_obj_t server_date(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    mp_obj_t now = mp_call_function_0(MP_OBJ_FROM_PTR(&mp_time_ticks_ms_obj));
    mp_obj_t left = mp_call_function_2(MP_OBJ_FROM_PTR(&mp_time_ticks_diff_obj),
        mp_load_attr(args[0], MP_QSTR__date_due), now);
    if (MP_OBJ_SMALL_INT_VALUE(left) <= 0) {
        return tinyweb_call(args[0], MP_QSTR__new_date, 1, &now);
    }
    return mp_load_attr(args[0], MP_QSTR__date);
}
const tinyweb_method_t tinyweb_date_obj = { { &tinyweb_type_method }, 1, false, server_date };
