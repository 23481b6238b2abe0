// SPDX-License-Identifier: MIT
//
// What holds of the frame reader between two calls, up to the first error: as
// holds.c for the parsers.

#include "frames_hold.h"
#include "websocket.h"

bool tw_ws_holds(const tw_ws_t *w) {
    unsigned second = w->have < 2 ? 0 : w->head[1] & 0x7f;
    unsigned length = second == 127 ? 14 : second == 126 ? 8 : 6;
    if (w->have >= length || w->phase > 3 || w->left > TW_WS_LENGTH_MAX || w->opcode > TW_WS_PONG
        || w->message > TW_WS_BINARY) {
        return false;
    }
    const tw_utf8_t *s = &w->utf8;
    return s->more == 0 || (s->more <= 3 && s->low >= 0x80 && s->low <= s->high && s->high <= 0xbf);
}
