// SPDX-License-Identifier: MIT
//
// Files in memory, below /world/: what is served, and what uploads write.

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <unistd.h>

#include "files.h"
#include "world.h"

#define FILES 16
#define OPEN 16
#define FILE_FD (WORLD_FD + 1000)
#define SIZE_MAX_OF_FILE 8192
#define FOLDER "/world/"

static struct {
    char name[64];
    size_t size;
    char data[SIZE_MAX_OF_FILE];
} files[FILES];

static struct {
    int file;       // its number plus 1; 0 is free
    size_t at;
} open_files[OPEN];

static int find(const char *name) {
    for (int i = 0; i < FILES; ++i) {
        if (files[i].name[0] != 0 && strcmp(files[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

static int make(const char *name) {
    for (int i = 0; i < FILES; ++i) {
        if (files[i].name[0] == 0 && strlen(name) < sizeof(files[i].name)) {
            strcpy(files[i].name, name);
            files[i].size = 0;
            return i;
        }
    }
    return -1;
}

int files_open(void) {
    int n = 0;
    for (int i = 0; i < OPEN; ++i) {
        n += open_files[i].file != 0;
    }
    return n;
}

int __real_open64(const char *path, int flags, int mode);
int __wrap_open64(const char *path, int flags, int mode);
int __wrap_open64(const char *path, int flags, int mode) {
    if (strncmp(path, FOLDER, strlen(FOLDER)) != 0) {
        return __real_open64(path, flags, mode);
    }
    if (call_fails(CALL_OPEN)) {
        return -1;
    }
    const char *name = path + strlen(FOLDER);
    int file = find(name);
    if (file < 0 && (flags & O_CREAT)) {
        file = make(name);
    }
    if (file < 0) {
        errno = flags & O_CREAT ? ENOSPC : ENOENT;
        return -1;
    }
    if (flags & O_TRUNC) {
        files[file].size = 0;
    }
    for (int i = 0; i < OPEN; ++i) {
        if (open_files[i].file == 0) {
            open_files[i].file = file + 1;
            open_files[i].at = 0;
            return FILE_FD + i;
        }
    }
    errno = EMFILE;
    return -1;
}

bool is_file(int fd) {
    return fd >= FILE_FD && fd < FILE_FD + OPEN;
}

static int file_of(int fd) {
    int file = open_files[fd - FILE_FD].file - 1;
    if (file < 0) {
        violation("a file that is not open is used");
    }
    return file;
}

ssize_t file_read(int fd, void *buf, size_t size) {
    int file = file_of(fd);
    size_t *at = &open_files[fd - FILE_FD].at;
    size_t left = *at < files[file].size ? files[file].size - *at : 0;
    size_t n = size < left ? size : left;
    memcpy(buf, files[file].data + *at, n);
    *at += n;
    return (ssize_t)n;
}

ssize_t file_write(int fd, const void *buf, size_t size) {
    int file = file_of(fd);
    size_t *at = &open_files[fd - FILE_FD].at;
    if (*at + size > SIZE_MAX_OF_FILE) {
        errno = ENOSPC;
        return -1;
    }
    memcpy(files[file].data + *at, buf, size);
    *at += size;
    files[file].size = *at > files[file].size ? *at : files[file].size;
    return (ssize_t)size;
}

int file_close(int fd) {
    file_of(fd);
    // It is closed, whatever close() says
    open_files[fd - FILE_FD].file = 0;
    return call_fails(CALL_FILE_CLOSE) ? -1 : 0;
}

off_t __real_lseek64(int fd, off_t offset, int whence);
off_t __wrap_lseek64(int fd, off_t offset, int whence);
off_t __wrap_lseek64(int fd, off_t offset, int whence) {
    if (!is_file(fd)) {
        return __real_lseek64(fd, offset, whence);
    }
    int file = file_of(fd);
    if (call_fails(CALL_SEEK)) {
        return -1;
    }
    size_t *at = &open_files[fd - FILE_FD].at;
    off_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? (off_t)*at : (off_t)files[file].size;
    *at = (size_t)(from + offset);
    return (off_t)*at;
}

#ifdef TIME64_NAMES
#define STAT(name) name##___stat64_time64
#else
#define STAT(name) name##_stat64
#endif

int STAT(__real)(const char *path, struct stat *result);
int STAT(__wrap)(const char *path, struct stat *result);
int STAT(__wrap)(const char *path, struct stat *result) {
    if (strncmp(path, FOLDER, strlen(FOLDER)) != 0) {
        return STAT(__real)(path, result);
    }
    if (call_fails(CALL_STAT)) {
        return -1;
    }
    const char *name = path + strlen(FOLDER);
    int file = find(name);
    if (file < 0 && *name != 0) {
        errno = ENOENT;
        return -1;
    }
    memset(result, 0, sizeof(struct stat));
    result->st_mode = file < 0 ? S_IFDIR : S_IFREG;
    result->st_size = file < 0 ? 0 : (off_t)files[file].size;
    result->st_mtime = 1700000000;
    return 0;
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd) {
    if (!is_file(fd)) {
        return __real_fsync(fd);
    }
    file_of(fd);
    return call_fails(CALL_SYNC) ? -1 : 0;
}

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to) {
    if (strncmp(from, FOLDER, strlen(FOLDER)) != 0) {
        return __real_rename(from, to);
    }
    if (call_fails(CALL_RENAME)) {
        return -1;
    }
    int file = find(from + strlen(FOLDER));
    if (file < 0) {
        errno = ENOENT;
        return -1;
    }
    int old = find(to + strlen(FOLDER));
    if (old >= 0) {
        files[old].name[0] = 0;
    }
    strcpy(files[file].name, to + strlen(FOLDER));
    return 0;
}

int __real_unlink(const char *path);
int __wrap_unlink(const char *path);
int __wrap_unlink(const char *path) {
    if (strncmp(path, FOLDER, strlen(FOLDER)) != 0) {
        return __real_unlink(path);
    }
    if (call_fails(CALL_UNLINK)) {
        return -1;
    }
    int file = find(path + strlen(FOLDER));
    if (file < 0) {
        errno = ENOENT;
        return -1;
    }
    files[file].name[0] = 0;
    return 0;
}

int __real_statvfs64(const char *path, struct statvfs *result);
int __wrap_statvfs64(const char *path, struct statvfs *result);
int __wrap_statvfs64(const char *path, struct statvfs *result) {
    if (strncmp(path, FOLDER, strlen(FOLDER) - 1) != 0) {
        return __real_statvfs64(path, result);
    }
    if (call_fails(CALL_STATVFS)) {
        return -1;
    }
    memset(result, 0, sizeof(struct statvfs));
    result->f_bsize = result->f_frsize = 4096;
    result->f_blocks = result->f_bfree = result->f_bavail = 1000;
    return 0;
}

const char *files_wrong(void) {
    for (int i = 0; i < FILES; ++i) {
        const char *name = files[i].name;
        if (strcmp(name, STORED) == 0) {
            static char whole[SIZE_MAX_OF_FILE];
            if (files[i].size != stored_text(whole, files[i].size) || memcmp(files[i].data, whole, files[i].size) != 0) {
                return "a file is half";
            }
        } else if (name[0] == '.' && world_faults() == 0) {
            return "a part of a file is left";
        }
    }
    return NULL;
}
