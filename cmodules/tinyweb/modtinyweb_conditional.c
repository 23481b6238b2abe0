// SPDX-License-Identifier: MIT
//
// Dates and entity-tags (RFC 9110 sections 5.6.7 and 8.8), without memory. The rest of what conditional
// requests need is in tinyweb.conditional.

#include <string.h>

#include "py/objstr.h"
#include "py/runtime.h"
#include "shared/timeutils/timeutils.h"

#include "modhttpparse.h"
#include "modtinyweb.h"

// Of py/mphal.h, which needs the vendor's headers on the ESP8266.
uint64_t mp_hal_time_ns(void);

// The year 2001: a clock that was never set says 2000 or 1970, FAT says 1980.
#define FIRST (MICROPY_EPOCH_IS_1970 ? 978307200u : 31622400u)
// A file can change again without another time of modification: FAT counts every other second.
#define PRECISION 2

// Seconds since the port's epoch.
static uint32_t now(void) {
    return (uint32_t)(mp_hal_time_ns() / 1000000000u);
}

bool tinyweb_is_settled(uint32_t mtime) {
    uint32_t t = now();
    return mtime >= FIRST && (t < FIRST || mtime + PRECISION < t);
}

// is_settled(mtime): whether `mtime`, seconds, the time of a file's last modification, tells contents
// apart. It does not where the clock was never set, or the file is so new that it could change again
// within the precision of its time.
static mp_obj_t is_settled(mp_obj_t mtime) {
    return mp_obj_new_bool(tinyweb_is_settled((uint32_t)mp_obj_get_int_truncated(mtime)));
}
MP_DEFINE_CONST_FUN_OBJ_1(tinyweb_is_settled_obj, is_settled);

// Bytes that are mixed into a hash at a time: those that are no words are copied, as flash is read in words.
#define MIXED 64

// Mixes a word into both halves of a hash. Each step can be undone, so contents that differ in one word
// differ in both halves. One half spreads the low bits of a difference first, the other the high ones.
static void mix(uint32_t *hash, uint32_t word) {
    hash[0] = (hash[0] ^ word) * 0x9e3779b1u;
    hash[0] ^= hash[0] >> 15;
    hash[1] += word;
    hash[1] = (hash[1] ^ hash[1] >> 16) * 0x2c1b3c6du;
}

// hash_content(hash, data): mix the bytes of `data`, and how many they are, into `hash`, a bytearray of
// 8 bytes. It tells contents apart, and is not made to withstand who looks for two that have the same.
static mp_obj_t hash_content(mp_obj_t hash_in, mp_obj_t data_in) {
    mp_buffer_info_t hash;
    mp_buffer_info_t data;
    uint32_t halves[2];
    uint32_t words[MIXED / 4];
    mp_get_buffer_raise(hash_in, &hash, MP_BUFFER_WRITE);
    mp_get_buffer_raise(data_in, &data, MP_BUFFER_READ);
    if (hash.len != sizeof(halves)) {
        mp_raise_ValueError(MP_ERROR_TEXT("a hash has 8 bytes"));
    }
    memcpy(halves, hash.buf, sizeof(halves));
    const uint8_t *from = data.buf;
    for (size_t left = data.len; left != 0;) {
        size_t n = MIN(left, MIXED);
        const uint32_t *p = words;
        if (n == MIXED && ((uintptr_t)from & 3) == 0) {
            p = (const void *)from;
        } else {
            words[(n - 1) / 4] = 0;
            hp_copy((uint8_t *)words, from, n);
        }
        for (size_t i = 0; i < (n + 3) / 4; ++i) {
            mix(halves, p[i]);
        }
        from += n;
        left -= n;
    }
    mix(halves, (uint32_t)data.len);
    memcpy(hash.buf, halves, sizeof(halves));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(tinyweb_hash_content_obj, hash_content);

static const char days[] = "MonTueWedThuFriSatSun";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

// The IMF-fixdate (RFC 9110 section 5.6.7) of a time: year, month, day, hour, minute, second, weekday.
static mp_obj_str_t print_date(char *to, const int *t) {
    vstr_t vstr;
    vstr_init_fixed_buf(&vstr, TINYWEB_DATE_SIZE, to);
    vstr_printf(&vstr, "%.3s, %02d %.3s %d %02d:%02d:%02d GMT", &days[3 * ((unsigned)t[6] % 7)], t[2],
        &months[3 * ((unsigned)(t[1] - 1) % 12)], t[0], t[3], t[4], t[5]);
    return (mp_obj_str_t) { { &mp_type_str }, 0, vstr.len, (const byte *)to };
}

mp_obj_str_t tinyweb_date(char *to, uint32_t seconds) {
    timeutils_struct_time_t t;
    timeutils_seconds_since_epoch_to_struct_time(seconds, &t);
    const int fields[] = { t.tm_year, t.tm_mon, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, t.tm_wday };
    return print_date(to, fields);
}

// http_date(t): the date of a time tuple in UTC, as time.gmtime() gives it
static mp_obj_t http_date(mp_obj_t t) {
    size_t n;
    mp_obj_t *items;
    mp_obj_get_array(t, &n, &items);
    int fields[7];
    if (n < MP_ARRAY_SIZE(fields)) {
        mp_raise_ValueError(MP_ERROR_TEXT("time tuple is too short"));
    }
    for (size_t i = 0; i != MP_ARRAY_SIZE(fields); ++i) {
        fields[i] = (int)mp_obj_get_int(items[i]);
    }
    char text[TINYWEB_DATE_SIZE];
    mp_obj_str_t date = print_date(text, fields);
    return mp_obj_new_str_copy(&mp_type_str, date.data, date.len);
}
MP_DEFINE_CONST_FUN_OBJ_1(tinyweb_http_date_obj, http_date);

bool tinyweb_lists(const mp_obj_str_t *field, const mp_obj_str_t *etag, bool weak) {
    const byte *p = field->data;
    if (field->len == 1 && *p == '*') {
        return true;
    }
    // A tag cannot contain quotes, so that no other place looks like one
    for (size_t i = 0; i + etag->len <= field->len; ++i) {
        if (memcmp(p + i, etag->data, etag->len) == 0 && (weak || i < 2 || p[i - 2] != 'W' || p[i - 1] != '/')) {
            return true;
        }
    }
    return false;
}

static mp_obj_str_t text_of(mp_obj_t obj) {
    mp_obj_str_t text = { { &mp_type_bytes }, 0, 0, NULL };
    text.data = (const byte *)mp_obj_str_get_data(obj, &text.len);
    return text;
}

// lists(field, etag, weak): whether the list of entity-tags `field` has `etag`, bytes both, in a weak
// comparison or a strong one
static mp_obj_t lists(mp_obj_t field_in, mp_obj_t etag_in, mp_obj_t weak) {
    mp_obj_str_t field = text_of(field_in);
    mp_obj_str_t etag = text_of(etag_in);
    return mp_obj_new_bool(tinyweb_lists(&field, &etag, mp_obj_is_true(weak)));
}
MP_DEFINE_CONST_FUN_OBJ_3(tinyweb_lists_obj, lists);
