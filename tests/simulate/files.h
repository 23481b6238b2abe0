// SPDX-License-Identifier: MIT
//
// Files in memory, below /world/.
#ifndef SIMULATE_FILES_H
#define SIMULATE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// Descriptors of the world begin here.
#define WORLD_FD 1000

bool is_file(int fd);
ssize_t file_read(int fd, void *buf, size_t size);
ssize_t file_write(int fd, const void *buf, size_t size);
int file_close(int fd);
int files_open(void);
// What is half, or left though no call has failed; NULL for nothing.
const char *files_wrong(void);

#endif // SIMULATE_FILES_H
