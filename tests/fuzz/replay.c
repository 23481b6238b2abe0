// SPDX-License-Identifier: MIT
//
// Runs a harness on the files that the arguments name: without a fuzzer, for valgrind, gcov and
// other compilers.

#include "fuzz.h"

int main(int argc, char **argv) {
    for (int i = 1; i < argc; ++i) {
        FILE *file = fopen(argv[i], "rb");
        if (file == NULL) {
            perror(argv[i]);
            return 1;
        }
        fseek(file, 0, SEEK_END);
        size_t n = (size_t)ftell(file);
        rewind(file);
        uint8_t *data = fuzz_alloc(n);
        CHECK(fread(data, 1, n, file) == n);
        fclose(file);
        LLVMFuzzerTestOneInput(data, n);
        free(data);
    }
    printf("%d inputs\n", argc - 1);
    return 0;
}
