// SPDX-License-Identifier: MIT
//
// Improv Wi-Fi over the serial line, beside the prompt: https://www.improv-wifi.com/serial/

#include "py/ringbuf.h"
#include "py/runtime.h"
#include "py/smallint.h"
#include "py/stream.h"
#include "shared/readline/readline.h"
#include "shared/runtime/interrupt_char.h"

#include "modtinyweb.h"

#ifdef TINYWEB_IMPROV

// How long the prompt waits for what follows the beginning of a packet, in ms.
#define PATIENCE (50)

// A packet: these bytes, its type, the length of its data, the data, and the sum of all before it.
#define HEADER_SIZE (7)
#define DATA_MAX (255)

#define TYPE_ERROR (2)
#define TYPE_RPC (3)

#define ERROR_PACKET (0x01)
#define ERROR_UNKNOWN (0xff)

// What has been typed, and the terminal; the ports' headers that declare them need the vendor's SDK.
extern ringbuf_t stdin_ringbuf;
uintptr_t mp_hal_stdio_poll(uintptr_t poll_flags);
int mp_hal_stdin_rx_chr(void);
mp_uint_t mp_hal_stdout_tx_strn(const char *str, size_t len);

int __real_readline(vstr_t *line, const char *prompt);
int __wrap_readline(vstr_t *line, const char *prompt);

// A byte of "IMPROV\1". In numbers: a string would be in RAM on the ESP8266.
static uint8_t header(size_t i) {
    return (uint8_t)((i < 4 ? 0x52504d49u : 0x01564fu) >> 8 * (i % 4));
}

// What was received and is not taken yet; -1 where nothing is within PATIENCE.
static int upcoming(void) {
    mp_uint_t start = tinyweb_ticks_ms();
    for (;;) {
        // Some of the chips fetch from USB only when they are asked.
        mp_hal_stdio_poll(MP_STREAM_POLL_RD);
        int c = ringbuf_peek(&stdin_ringbuf);
        if (c >= 0 || TINYWEB_TICKS(tinyweb_ticks_ms() - start) >= PATIENCE) {
            return c;
        }
        mp_event_wait_ms(1);
    }
}

static int take(void) {
    return upcoming() < 0 ? -1 : mp_hal_stdin_rx_chr();
}

// What follows the header: the data of an RPC command, or MP_OBJ_NULL where it is none.
static mp_obj_t receive(void) {
    uint8_t sum = TYPE_RPC;
    for (size_t i = 0; i < HEADER_SIZE; ++i) {
        sum = (uint8_t)(sum + header(i));
    }
    int length = take();
    if (length == TYPE_RPC) {
        length = take();
    }   // else: that byte was Ctrl-C to a program, which it has ended
    if (length < 0) {
        return MP_OBJ_NULL;
    }
    sum = (uint8_t)(sum + length);
    vstr_t data;
    vstr_init(&data, (size_t)length);
    for (; length > 0; --length) {
        int c = take();
        if (c < 0) {
            return MP_OBJ_NULL;
        }
        sum = (uint8_t)(sum + c);
        vstr_add_byte(&data, (byte)c);
    }
    return take() == sum ? mp_obj_new_bytes_from_vstr(&data) : MP_OBJ_NULL;
}

static void write(uint8_t type, const void *data, size_t length) {
    // Clients look for packets at the beginning of a line.
    char head[1 + HEADER_SIZE + 2] = "\n";
    for (size_t i = 0; i < HEADER_SIZE; ++i) {
        head[1 + i] = (char)header(i);
    }
    head[1 + HEADER_SIZE] = (char)type;
    head[2 + HEADER_SIZE] = (char)length;
    uint8_t sum = 0;
    for (size_t i = 1; i < sizeof(head); ++i) {
        sum = (uint8_t)(sum + head[i]);
    }
    for (size_t i = 0; i < length; ++i) {
        sum = (uint8_t)(sum + ((const uint8_t *)data)[i]);
    }
    char end[2] = { (char)sum, '\n' };
    mp_hal_stdout_tx_strn(head, sizeof(head));
    mp_hal_stdout_tx_strn(data, length);
    mp_hal_stdout_tx_strn(end, sizeof(end));
}

static void write_error(uint8_t error) {
    write(TYPE_ERROR, &error, sizeof(error));
}

// What comes at once behind a packet that is none must not be typed.
static void refuse(void) {
    for (size_t i = 0; i <= DATA_MAX && take() >= 0; ++i) {
    }
    write_error(ERROR_PACKET);
}

// Answers the packet whose header has been taken.
static void answer(void) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_obj_t data = receive();
        if (data == MP_OBJ_NULL) {
            refuse();
        } else {
            // The build names the module; it takes no memory before.
            mp_obj_t module = mp_import_name(qstr_from_str(TINYWEB_IMPROV), mp_const_true, MP_OBJ_NEW_SMALL_INT(0));
            mp_call_function_1(mp_load_attr(module, MP_QSTR_answer), data);
        }
        nlr_pop();
    } else {
        mp_obj_print_exception(&mp_plat_print, MP_OBJ_FROM_PTR(nlr.ret_val));
        write_error(ERROR_UNKNOWN);
    }
}

// The number of the next bytes, behind a first one, that are those of a header.
static size_t match(void) {
    size_t n = 1;
    while (n < HEADER_SIZE && upcoming() == header(n)) {
        mp_hal_stdin_rx_chr();
        ++n;
    }
    return n;
}

// The linker puts this in the place of readline(), which knows of typing alone. While a program runs and
// Ctrl-C interrupts it, what it asks a person for with input() is all typed.
int __wrap_readline(vstr_t *line, const char *prompt) {
    if (mp_interrupt_char >= 0) {
        return __real_readline(line, prompt);
    }
    readline_init(line, prompt);
    int result = -1;
    while (result < 0) {
        int c = mp_hal_stdin_rx_chr();
        size_t n = c == header(0) ? match() : 0;
        if (n == HEADER_SIZE) {
            answer();
            continue;
        }
        result = readline_process_char(c);
        // None of the bytes of a header ends a line, but the last.
        for (size_t i = 1; i < n; ++i) {
            readline_process_char(header(i));
        }
    }
    return result;
}

// improv(type, data): sends a packet
static mp_obj_t improv(mp_obj_t type, mp_obj_t data_in) {
    mp_buffer_info_t data;
    mp_get_buffer_raise(data_in, &data, MP_BUFFER_READ);
    if (data.len > DATA_MAX) {
        mp_raise_ValueError(NULL);
    }
    write((uint8_t)mp_obj_get_int(type), data.buf, data.len);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(tinyweb_improv_obj, improv);

#endif // TINYWEB_IMPROV
