// SPDX-License-Identifier: MIT
//
// Packets of Improv Wi-Fi among what is typed at the prompt. Three bytes of options, then what comes:
//   0      1: each command raises an exception; 2: a program has the prompt; 4: nobody pauses
//   1..2   after so many bytes, by turns, nothing comes for longer than the prompt waits
//
// modtinyweb_improv.c itself is driven, with what it uses of MicroPython below; what is typed, which
// commands are answered and what is sent has to be the same as expected(), which has all before it.

#include "fuzz.h"

#include "py/runtime.h"

// What modtinyweb.h has
#define TINYWEB_MODTINYWEB_H
#define TINYWEB_TICKS(x) ((x) & 0x3fffffff)
mp_uint_t tinyweb_ticks_ms(void);

#define TINYWEB_IMPROV "tinyweb.device.improv"
#include "../../cmodules/tinyweb/modtinyweb_improv.c"

enum { TYPED, COMMAND, SENT, PRINTED, PROGRAM };

static const uint8_t header_bytes[HEADER_SIZE] = { 'I', 'M', 'P', 'R', 'O', 'V', 1 };

// What comes: pauses[i] says that nothing does before byte i until somebody waits for it.
static struct {
    const uint8_t *data;
    size_t len, at;
    bool *pauses;
    bool raises;
    mp_uint_t now;
    jmp_buf end;
    fuzz_text_t log;
} world;

static uint8_t arena[DATA_MAX];
static vstr_t command;

nlr_buf_t *nlr_top;
ringbuf_t stdin_ringbuf;
int mp_interrupt_char;
const mp_obj_t mp_const_none, mp_const_true;
const int mp_plat_print;

static void log_byte(uint8_t kind, uint8_t c) {
    fuzz_put(&world.log, &kind, 1);
    fuzz_put(&world.log, &c, 1);
}

static void log_bytes(uint8_t kind, const void *p, size_t n) {
    fuzz_put(&world.log, &kind, 1);
    fuzz_put_string(&world.log, p, n);
}

static void raise(void) {
    nlr_buf_t *top = nlr_top;
    CHECK(top != NULL);
    nlr_top = top->previous;
    longjmp(top->jump, 1);
}

// The terminal

mp_uint_t tinyweb_ticks_ms(void) {
    return world.now;
}

void mp_event_wait_ms(mp_uint_t ms) {
    world.now += ms;
}

uintptr_t mp_hal_stdio_poll(uintptr_t poll_flags) {
    return poll_flags;
}

static bool is_there(void) {
    return world.at < world.len && !world.pauses[world.at];
}

int ringbuf_peek(ringbuf_t *buf) {
    CHECK(buf == &stdin_ringbuf);
    return is_there() ? world.data[world.at] : -1;
}

int mp_hal_stdin_rx_chr(void) {
    if (world.at == world.len) {
        longjmp(world.end, 1);      // It waits for ever.
    }
    world.pauses[world.at] = false;
    return world.data[world.at++];
}

// What is written is one packet, with a line of its own, in three parts.
mp_uint_t mp_hal_stdout_tx_strn(const char *str, size_t len) {
    fuzz_put(&world.log, str, len);
    return len;
}

void readline_init(vstr_t *line, const char *prompt) {
    (void)line;
    (void)prompt;
}

int readline_process_char(int c) {
    log_byte(TYPED, (uint8_t)c);
    return c == '\r' ? 0 : -1;
}

int __real_readline(vstr_t *line, const char *prompt) {
    (void)line;
    (void)prompt;
    log_byte(PROGRAM, (uint8_t)mp_hal_stdin_rx_chr());
    return 0;
}

// Objects

void vstr_init(vstr_t *vstr, size_t room) {
    CHECK(room <= sizeof(arena));
    *vstr = (vstr_t) { room, 0, arena };
}

void vstr_add_byte(vstr_t *vstr, byte c) {
    CHECK(vstr->len < vstr->room);
    vstr->data[vstr->len++] = c;
}

mp_obj_t mp_obj_new_bytes_from_vstr(vstr_t *vstr) {
    command = *vstr;
    return &command;
}

int mp_obj_get_int(mp_obj_t object) {
    return (int)(uintptr_t)object;
}

void mp_get_buffer_raise(mp_obj_t object, mp_buffer_info_t *info, int flags) {
    const vstr_t *vstr = object;
    CHECK(flags == MP_BUFFER_READ);
    *info = (mp_buffer_info_t) { vstr->data, vstr->len };
}

int qstr_from_str(const char *text) {
    CHECK(strcmp(text, TINYWEB_IMPROV) == 0);
    return 0;
}

mp_obj_t mp_import_name(int name, mp_obj_t from, mp_obj_t level) {
    CHECK(name == 0 && from == mp_const_true && level == NULL);
    return &stdin_ringbuf;
}

mp_obj_t mp_load_attr(mp_obj_t object, int name) {
    CHECK(name == MP_QSTR_answer);
    return object;
}

// The command is sent back as a result.
mp_obj_t mp_call_function_1(mp_obj_t f, mp_obj_t argument) {
    CHECK(f == &stdin_ringbuf && argument == &command);
    log_bytes(COMMAND, command.data, command.len);
    if (world.raises) {
        raise();
    }
    return tinyweb_improv_obj(MP_OBJ_NEW_SMALL_INT(4), argument);
}

void mp_obj_print_exception(const int *print, mp_obj_t exception) {
    (void)exception;
    CHECK(print == &mp_plat_print);
    log_byte(PRINTED, 0);
}

void mp_raise_ValueError(const char *text) {
    (void)text;
    raise();
}

// What has to come of it

static void expect_sent(uint8_t kind, const uint8_t *data, size_t n) {
    uint8_t head[] = { '\n', 'I', 'M', 'P', 'R', 'O', 'V', 1, kind, (uint8_t)n };
    unsigned sum = 0;
    for (size_t i = 1; i < sizeof(head); ++i) {
        sum += head[i];
    }
    for (size_t i = 0; i < n; ++i) {
        sum += data[i];
    }
    uint8_t end[] = { (uint8_t)sum, '\n' };
    fuzz_put(&world.log, head, sizeof(head));
    fuzz_put(&world.log, data, n);
    fuzz_put(&world.log, end, sizeof(end));
}

static void expect_error(uint8_t error) {
    expect_sent(2, &error, 1);
}

// A packet that begins at world.at - HEADER_SIZE: what follows its header.
static void expect_packet(void) {
    // As far as comes without a pause
    size_t end = world.at;
    while (end < world.len && !world.pauses[end]) {
        ++end;
    }
    const uint8_t *p = world.data + world.at;
    size_t n = end - world.at;
    size_t size = n != 0 && p[0] == 3 ? 2 : 1;      // Ctrl-C may have been taken already.
    unsigned sum = 3;
    for (size_t i = 0; i < HEADER_SIZE; ++i) {
        sum += header_bytes[i];
    }
    size_t whole = n >= size ? size + p[size - 1] + 1u : n + 1;
    size_t used = n < whole ? n : whole;
    if (used == whole) {
        for (size_t i = size - 1; i + 1 < whole; ++i) {
            sum += p[i];
        }
    }
    if (used < whole || p[whole - 1] != (uint8_t)sum) {
        // What comes behind it is lost, too: at most as much as the longest packet's data has.
        size_t more = n - used;
        world.at += used + (more < DATA_MAX + 1 ? more : DATA_MAX + 1);
        expect_error(1);
        return;
    }
    world.at += whole;
    log_bytes(COMMAND, p + size, p[size - 1]);
    if (world.raises) {
        log_byte(PRINTED, 0);
        expect_error(0xff);
    } else {
        expect_sent(4, p + size, p[size - 1]);
    }
}

static void expected(bool program) {
    while (world.at < world.len) {
        uint8_t c = world.data[world.at];
        world.pauses[world.at++] = false;
        if (program) {
            log_byte(PROGRAM, c);
            continue;
        }
        size_t n = c == 'I' ? 1 : 0;
        while (n != 0 && n < HEADER_SIZE && is_there() && world.data[world.at] == header_bytes[n]) {
            ++world.at;
            ++n;
        }
        if (n == HEADER_SIZE) {
            expect_packet();
            continue;
        }
        log_byte(TYPED, c);
        for (size_t i = 1; i < n; ++i) {
            log_byte(TYPED, header_bytes[i]);
        }
    }
}

static void run(void) {
    vstr_t line;
    if (setjmp(world.end) == 0) {
        for (;;) {
            __wrap_readline(&line, "");
        }
    }
    nlr_top = NULL;
}

static void set_pauses(const uint8_t *sizes, bool none) {
    memset(world.pauses, 0, world.len);
    fuzz_cuts_t cuts = { sizes, none ? 0 : 2, 0 };
    for (size_t at = 0; at < world.len; at += fuzz_cut(&cuts, world.len - at)) {
        world.pauses[at] = at != 0;
    }
    world.at = 0;
    world.log.len = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_input_t in = { data, size };
    uint8_t options = fuzz_byte(&in);
    uint8_t sizes[2] = { fuzz_byte(&in), fuzz_byte(&in) };
    size_t got;
    world.data = fuzz_bytes(&in, in.left, &got);
    world.len = got;
    world.pauses = (bool *)fuzz_alloc(got);
    world.raises = options & 1;
    mp_interrupt_char = options & 2 ? 3 : -1;

    set_pauses(sizes, options & 4);
    expected(options & 2);
    fuzz_text_t told = world.log;
    world.log = (fuzz_text_t) { NULL, 0, 0 };
    set_pauses(sizes, options & 4);
    run();
    CHECK(fuzz_same(&told, &world.log));
    CHECK(world.at == world.len);

    free(told.data);
    free(world.log.data);
    world.log = (fuzz_text_t) { NULL, 0, 0 };
    free(world.pauses);
    return 0;
}
