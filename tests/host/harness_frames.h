// SPDX-License-Identifier: MIT
//
// The harness's jobs for WebSocket: frames and the handshake's proof. harness.c includes it.

#include "websocket.h"
#if HP_CHECKS
#include "../prove/frames_hold.h"
#endif

static void check_frames(const tw_ws_t *w) {
    #if HP_CHECKS
    if (!tw_ws_holds(w)) {
        abort();
    }
    #else
    (void)w;
    #endif
}

// Reads the head of a frame. TW_WS_FRAME, TW_WS_MORE at the input's end, or a status code.
static unsigned frame_head(tw_ws_t *w, source_t *source, uint32_t max_size) {
    unsigned e = TW_WS_MORE;
    while (e == TW_WS_MORE) {
        size_t n;
        uint8_t *to = tw_ws_space(w, &n);
        if (n == 0 || to < w->head || to + n > w->head + sizeof(w->head)) {
            abort();
        }
        n = source_read(source, to, n);
        if (n == 0) {
            break;
        }
        e = tw_ws_head(w, n, max_size);
        if (e <= TW_WS_FRAME) {
            check_frames(w);
            if (w->open != (e == TW_WS_FRAME)) {
                abort();
            }
        }
    }
    return e;
}

// Reads the payload as it comes and prints it. False if it is no text.
static bool frame_payload(tw_ws_t *w, source_t *source, uint8_t *control, size_t *have) {
    // No bytes change nothing, wherever they are.
    uint8_t none[2] __attribute__((aligned(4))) = { 1, 2 };
    if (!tw_ws_payload(w, none + 1, 0) || none[0] != 1 || none[1] != 2) {
        abort();
    }
    while (w->left != 0) {
        size_t n = w->left < source->left ? w->left : source->left;
        n = step(&source->steps, n);
        if (n == 0) {
            break;
        }
        // At any alignment, with nothing behind it
        size_t offset = n % 4;
        uint8_t *p = allocate(offset + n);
        n = source_read(source, p + offset, n);
        bool good = tw_ws_payload(w, p + offset, n);
        if (good && tw_ws_is_control(w)) {
            memcpy(control + *have, p + offset, n);
            *have += n;
        }
        print_digits(p + offset, good ? n : 0);
        free(p);
        if (!good) {
            return false;
        }
        check_frames(w);
    }
    return w->left != 0 || tw_ws_is_control(w) || !tw_ws_cuts_character(w);
}

// Prints each frame: its opcode, whether it ends its message, its payload; and what ends it all.
static void frames_job(void) {
    tw_ws_t w;
    source_t source;
    uint32_t max_size = number(4);
    source.steps.at = 0;
    source.steps.sizes = bytes(number(1), &source.steps.count);
    source.p = bytes(job_left, &source.left);
    unsigned e;

    memset(&w, 0xa5, sizeof(w));      // init leaves nothing to chance
    tw_ws_init(&w);
    while ((e = frame_head(&w, &source, max_size)) == TW_WS_FRAME) {
        uint8_t control[125];
        size_t have = 0;
        print("frame %u %d x", w.opcode, w.final);
        bool good = frame_payload(&w, &source, control, &have);
        if (!good || w.left != 0) {
            e = good ? TW_WS_MORE : TW_WS_BAD_DATA;
            print(good ? " cut\n" : " bad\n");
            break;
        }
        unsigned message = w.message;
        bool complete = tw_ws_next(&w);
        if (w.open) {
            abort();
        }
        print(complete ? " message %u of %u\n" : "\n", message, w.size);
        if (w.opcode == TW_WS_CLOSE) {
            uint8_t *p = allocate(have);
            memcpy(p, control, have);
            good = tw_ws_close_code(p, have, &e);
            free(p);
            print(good ? "close %u\n" : "fail %u\n", e);
            return;
        }
    }
    if (e == TW_WS_MORE) {
        print("more\n");
    } else {
        print("fail %u\n", e);
    }
}

// The head of a frame of this length that is sent: 4 bytes, 1 for FIN and opcode.
static void frame_head_job(void) {
    uint8_t head[TW_WS_HEAD_MAX];
    size_t length = number(4);
    print_hex(head, tw_ws_render(head, number(1), length));
}

// The rest of the job is a key of the handshake, if it has its length.
static void handshake_job(void) {
    uint8_t key[TW_WS_KEY_LEN];
    uint8_t accept[TW_WS_ACCEPT_LEN];
    if (job_left != sizeof(key)) {
        return;
    }
    memcpy(key, job, sizeof(key));
    tw_ws_accept(accept, key);
    print("%d", tw_ws_is_key(key));
    print_hex(accept, sizeof(accept));
}
