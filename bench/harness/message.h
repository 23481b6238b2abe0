// SPDX-License-Identifier: MIT
//
// What the harnesses share: the request is read from the file that argv[1] names, and the
// function measured() is the one whose instructions callgrind counts. With BARE_METAL there are
// neither files nor callgrind: the request is linked in, and the CPU's own counter is printed.
#ifndef BENCH_HARNESS_MESSAGE_H
#define BENCH_HARNESS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    uint8_t *data;
    size_t len;
} message_t;

// Parses the request once, given in pieces of `piece` bytes; false when it is refused.
__attribute__((noinline)) bool measured(const message_t *message, size_t piece);

#if BARE_METAL

extern const uint8_t message_start[];
extern const uint8_t message_end[];

void console(const char *text, size_t len);
uint32_t cycles(void);

// Prints the cycles of one measured() with pieces of PIECE bytes in hexadecimal.
int main(void) {
    message_t message = { (uint8_t *)(uintptr_t)message_start,
                          (size_t)(message_end - message_start) };
    uint32_t before = cycles();
    uint32_t nothing = cycles() - before;
    before = cycles();
    bool good = measured(&message, PIECE > 0 ? PIECE : message.len);
    uint32_t taken = cycles() - before - nothing;
    char digits[8];
    for (unsigned i = 8; i-- != 0; taken >>= 4) {
        digits[i] = (char)((taken & 15) < 10 ? '0' + (taken & 15) : 'a' - 10 + (taken & 15));
    }
    console(digits, sizeof(digits));
    return good ? 0 : 1;
}

#else

static message_t read_message(const char *path) {
    message_t message = { malloc(65536), 0 };
    FILE *file = fopen(path, "rb");
    if (message.data == NULL || file == NULL) {
        perror(path);
        exit(1);
    }
    message.len = fread(message.data, 1, 65536, file);
    fclose(file);
    return message;
}

// Runs measured() argv[2] times with pieces of argv[3] bytes (0: all at once).
int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: %s FILE COUNT PIECE\n", argv[0]);
        return 1;
    }
    message_t message = read_message(argv[1]);
    size_t piece = (size_t)atol(argv[3]);
    for (long count = atol(argv[2]); count > 0; --count) {
        if (!measured(&message, piece > 0 ? piece : message.len)) {
            fprintf(stderr, "the request was refused\n");
            return 1;
        }
    }
    return 0;
}

#endif

#endif // BENCH_HARNESS_MESSAGE_H
