// SPDX-License-Identifier: MIT
//
// Runs the jobs of tests/host through the core that it is linked with, and compares what comes out.
//
//   compare JOBS > EXPECTED        the transcripts of the jobs
//   compare JOBS EXPECTED MS       status 0 if they are the same, 9 at the first that is not;
//                                  a signal where one takes so many milliseconds of CPU time
//
// Both files have records: a length (32 bits, of this machine), and as many bytes.

#include <sys/time.h>

#define HARNESS_NO_MAIN
#include "harness.c"

typedef struct {
    uint8_t *data;
    size_t left;
} records_t;

static records_t read_records(const char *name) {
    records_t r = { NULL, 0 };
    FILE *file = fopen(name, "rb");
    if (file == NULL) {
        perror(name);
        exit(1);
    }
    fseek(file, 0, SEEK_END);
    r.left = (size_t)ftell(file);
    rewind(file);
    r.data = allocate(r.left + 1);
    if (fread(r.data, 1, r.left, file) != r.left) {
        exit(1);
    }
    fclose(file);
    return r;
}

// A record of exactly its size, NULL at the end.
static uint8_t *next(records_t *r, uint32_t *n) {
    if (r->left < sizeof(*n)) {
        return NULL;
    }
    memcpy(n, r->data, sizeof(*n));
    uint8_t *exact = allocate(*n + (*n == 0));
    memcpy(exact, r->data + sizeof(*n), *n);
    r->data += sizeof(*n) + *n;
    r->left -= sizeof(*n) + *n;
    return exact;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        return 1;
    }
    long ms = argc > 3 ? atol(argv[3]) : 0;
    const struct itimerval limit = { { 0, 0 }, { ms / 1000, ms % 1000 * 1000 } };
    records_t jobs = read_records(argv[1]);
    records_t expected = argc > 2 ? read_records(argv[2]) : (records_t) { NULL, 0 };
    uint32_t n;
    uint8_t *one;
    while ((one = next(&jobs, &n)) != NULL) {
        setitimer(ITIMER_PROF, &limit, NULL);
        harness_run(one, n);
        free(one);
        if (argc == 2) {
            n = (uint32_t)text_len;
            fwrite(&n, sizeof(n), 1, stdout);
            fwrite(text, 1, n, stdout);
            continue;
        }
        uint8_t *wanted = next(&expected, &n);
        if (wanted == NULL || n != text_len || (n != 0 && memcmp(wanted, text, n) != 0)) {
            return 9;
        }
        free(wanted);
    }
    return 0;
}
