// SPDX-License-Identifier: MIT

#include "chars.h"
#include "params.h"
#include "urlencoded.h"
#include "words.h"

static uint8_t *skip_ows(uint8_t *p, const uint8_t *end) {
    while (p != end && (*p == ' ' || *p == '\t')) {
        ++p;
    }
    return p;
}

// The first byte from p on that is no tchar, or the end.
static uint8_t *skip_token(uint8_t *p, const uint8_t *end) {
    while (p != end && hp_in(hp_tchar, *p)) {
        ++p;
    }
    return p;
}

size_t hp_params_value(const uint8_t *p, const uint8_t *end) {
    const uint8_t *q = p;
    while (q != end && (*q == '/' || hp_in(hp_tchar, *q))) {
        ++q;
    }
    return (size_t)(q - p);
}

// RFC 9110 section 5.6.4. The opening quote is at p[-1]; gives the byte behind the closing one,
// or NULL.
static uint8_t *quoted_string(uint8_t *p, const uint8_t *end, hp_pair_t *pair) {
    uint8_t *to = p;
    pair->value = p;
    while (p != end && *p != '"') {
        if (*p == '\\' && ++p == end) {
            break;
        }
        if ((*p < ' ' && *p != '\t') || *p == 0x7f) {
            return NULL;
        }
        *to++ = *p++;
    }
    pair->value_len = (size_t)(to - pair->value);
    return p == end ? NULL : p + 1;
}

hp_result_t hp_params_next(uint8_t **at, uint8_t *end, hp_pair_t *pair) {
    uint8_t *p = *at;
    for (;;) {
        p = skip_ows(p, end);
        if (p == end) {
            *at = p;
            return HP_DONE;
        }
        if (*p != ';') {
            return HP_BAD_PARAMETER;
        }
        p = skip_ows(p + 1, end);
        pair->name = p;
        p = skip_token(p, end);
        pair->name_len = (size_t)(p - pair->name);
        if (pair->name_len != 0) {
            break;
        }
        // An empty parameter; anything else is found to be no semicolon
    }
    if (p == end || *p != '=') {
        return HP_BAD_PARAMETER;
    }
    ++p;
    if (p != end && *p == '"') {
        p = quoted_string(p + 1, end, pair);
    } else {
        pair->value = p;
        p = skip_token(p, end);
        pair->value_len = (size_t)(p - pair->value);
        if (pair->value_len == 0) {
            p = NULL;
        }
    }
    if (p == NULL) {
        return HP_BAD_PARAMETER;
    }
    *at = p;
    return HP_PAIR;
}

hp_result_t hp_ext_value(hp_pair_t *pair) {
    static const uint32_t charsets[] = {
        HP_ENTRY(5, 1), HP_W('u', 't', 'f', '-'), HP_W('8', 0, 0, 0),
        0,
    };
    uint8_t *p = pair->value;
    uint8_t *end = p + pair->value_len;
    uint8_t *charset_end = NULL;
    // The quotes around the language, which is not used
    while (p != end && (*p != '\'' || charset_end == NULL)) {
        if (*p == '\'') {
            charset_end = p;
        } else if (!hp_in(hp_tchar, *p)) {
            return HP_BAD_PARAMETER;
        }
        ++p;
    }
    if (p == end) {
        return HP_BAD_PARAMETER;
    }
    if (!hp_lookup(charsets, pair->value, (size_t)(charset_end - pair->value))) {
        return HP_MORE;
    }
    uint8_t *value = ++p;
    for (; p != end; ++p) {
        if (*p == '%') {
            if (end - p < 3 || hp_hexdig(p[1]) < 0 || hp_hexdig(p[2]) < 0) {
                return HP_BAD_PARAMETER;
            }
        } else if (*p == '\'' || *p == '*' || !hp_in(hp_tchar, *p)) {
            return HP_BAD_PARAMETER;
        }
    }
    size_t n = hp_unquote(value, (size_t)(end - value), false);
    for (size_t i = 0; i != n; ++i) {
        if (value[i] < ' ' || value[i] == 0x7f) {
            return HP_BAD_PARAMETER;
        }
    }
    if (hp_utf8_bad(value, n) != 0) {
        return HP_BAD_PARAMETER;
    }
    pair->value = value;
    pair->value_len = n;
    return HP_PAIR;
}

hp_result_t hp_cookies_next(uint8_t **at, uint8_t *end, hp_pair_t *pair) {
    uint8_t *p = *at;
    while (p != end) {
        if (*p == ';') {
            ++p;
        }
        p = skip_ows(p, end);
        pair->name = p;
        p = skip_token(p, end);
        pair->name_len = (size_t)(p - pair->name);
        bool good = p != end && *p == '=' && pair->name_len != 0;
        uint8_t *equals = p;
        while (p != end && *p != ';') {
            ++p;
        }
        if (good) {
            pair->value = equals + 1;
            uint8_t *last = p;
            while (last != pair->value && (last[-1] == ' ' || last[-1] == '\t')) {
                --last;
            }
            pair->value_len = (size_t)(last - pair->value);
            *at = p;
            return HP_PAIR;
        }
    }
    *at = p;
    return HP_DONE;
}
