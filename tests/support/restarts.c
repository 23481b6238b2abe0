// SPDX-License-Identifier: MIT
//
// Linked into a simulator, it runs it as often as RESTARTS says, in one process, as a soft reset
// runs a board: memory that is not the heap keeps what is in it. The linker's --wrap puts its
// functions before those of the port, which frees its heap at the end.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);
char *__real_realpath(const char *path, char *resolved);
char *__wrap_realpath(const char *path, char *resolved);

static const char *executable;

// sys.executable is empty: the port frees it, too, and would take it for the next run's.
char *__wrap_realpath(const char *path, char *resolved) {
    return strcmp(path, executable) == 0 ? NULL : __real_realpath(path, resolved);
}

int __wrap_main(int argc, char **argv) {
    const char *times = getenv("RESTARTS");
    int status = 0;
    executable = argv[0];
    for (int i = times == NULL ? 1 : atoi(times); i > 0 && status == 0; --i) {
        status = __real_main(argc, argv);
        fflush(stdout);
    }
    return status;
}
