// SPDX-License-Identifier: MIT
//
// The world in which the server runs: its clock, its sockets and its files. The linker's --wrap
// puts these functions before those of the C library; a descriptor of the world has a number above
// WORLD_FD, and whatever is below goes to the system.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <netinet/in.h>

#include "world.h"
#include "files.h"

#define LISTENER WORLD_FD
#define SOCKETS 32
#define HEAP_MAX (1024 * 1024)

us_t now;
us_t call_cost = 20;
static unsigned faults_happened;
bool tracing;
bool quiet;
int backlog_max;

static us_t wall;
static us_t set_at;         // when it was set last
static us_t leap;           // for how long the machine sleeps while no client is there
static us_t boot;           // what the ticks show when the world begins
static client_t *sockets[SOCKETS];
static bool used[SOCKETS];
static client_t *queue[CLIENTS_MAX];
static int queued;
static bool listens;
static uint64_t entropy = 1;

// Calls that fail: how many succeed before, how many fail, how.
static struct {
    int skip, fail, error;
} failing[CALL_KINDS];

void trace(const char *format, ...) {
    if (tracing) {
        va_list args;
        va_start(args, format);
        fprintf(stderr, "%10.4f  ", (double)now / 1e6);
        vfprintf(stderr, format, args);
        fprintf(stderr, "\n");
        va_end(args);
    }
}

bool call_fails(int call) {
    if (failing[call].fail == 0 || failing[call].skip-- > 0) {
        return false;
    }
    failing[call].skip = 0;
    --failing[call].fail;
    ++faults_happened;
    errno = failing[call].error;
    trace("a call fails: %s", strerror(errno));
    return true;
}

static void plan_call(const item_t *item) {
    static const int errors[CALL_KINDS][4] = {
        {EMFILE, ENFILE, ECONNABORTED, ENOMEM}, {ECONNRESET, ETIMEDOUT, EHOSTUNREACH, EINTR},
        {ECONNRESET, EPIPE, ENOBUFS, EINTR}, {EINVAL, ECONNRESET, ENOMEM, EINVAL},
        {EMFILE, EIO, ENOENT, EACCES}, {EIO, EIO, EINTR, EIO}, {ENOSPC, EIO, EINTR, ENOSPC},
        {EINTR, EINTR, EINTR, EINTR}, {EACCES, EIO, ENOENT, EIO}, {EIO, EIO, EIO, EIO},
        {EIO, ENOSPC, EIO, EINTR}, {EIO, ENOSPC, EIO, EIO}, {EIO, ENOSPC, EACCES, EIO},
        {EIO, EACCES, EIO, EIO}, {EIO, EIO, EIO, EIO},
    };
    failing[item->kind].skip = item->b;
    failing[item->kind].fail = item->c;
    failing[item->kind].error = errors[item->kind][item->d];
}

// What happens to the world itself
static us_t item_time(const item_t *item) {
    bool timed = item->type == ITEM_MEMORY || item->type == ITEM_CALL || item->type == ITEM_WALL;
    if (!timed || item->left_out) {
        return NEVER;
    }
    return MS(item->a) + (item->type == ITEM_WALL ? DAYS(item->kind) : 0);
}

static us_t started;
static bool happened[ITEMS_MAX];

static void happen(const item_t *item) {
    happened[item - items] = true;
    if (item->type == ITEM_MEMORY) {
        trace("after %d allocations, %d fail", item->b, item->c);
        faults_plan(item->b, item->c);
    } else if (item->type == ITEM_CALL) {
        plan_call(item);
    } else {
        wall += (us_t)item->b * 1000000;
        set_at = now;
        trace("the wall clock is set by %d s", item->b);
    }
}

void world_begin(void) {
    started = now;
    memset(happened, 0, sizeof(happened));
    for (int i = 0; i < items_used; ++i) {
        if (items[i].type == ITEM_COST) {
            call_cost = items[i].left_out ? 20 : items[i].a;
        }
    }
}

unsigned world_faults(void) {
    return faults_happened + (unsigned)faults_failed();
}

us_t world_next(void) {
    us_t next = NEVER;
    for (int i = 0; i < items_used; ++i) {
        us_t at = item_time(&items[i]);
        if (at != NEVER && !happened[i] && started + at < next) {
            next = started + at;
        }
    }
    for (int i = 0; i < clients_used; ++i) {
        us_t at = client_next(&clients[i]);
        next = at < next ? at : next;
    }
    return next;
}

// Lets everything happen that is due.
void world_run(void) {
    while (world_next() <= now) {
        for (int i = 0; i < items_used; ++i) {
            us_t at = item_time(&items[i]);
            if (at != NEVER && !happened[i] && started + at <= now) {
                happen(&items[i]);
            }
        }
        for (int i = 0; i < clients_used; ++i) {
            if (client_next(&clients[i]) <= now) {
                client_step(&clients[i]);
            }
        }
    }
}

static void spend(void) {
    now += call_cost;
    world_run();
}

bool world_connect(client_t *client) {
    if (!listens || queued > backlog_max) {
        return false;
    }
    queue[queued++] = client;
    return true;
}

void world_abandon(client_t *client) {
    // The server still finds the connection, which has ended
    (void)client;
}

int world_open_connections(void) {
    return queued + world_accepted();
}

int world_accepted(void) {
    int n = 0;
    for (int i = 1; i < SOCKETS; ++i) {
        n += used[i];
    }
    return n;
}

// Clocks

#ifdef TIME64_NAMES
#define WRAP(name, name64) __wrap_##name64
#else
#define WRAP(name, name64) __wrap_##name
#endif

void world_set(us_t ticks, us_t sleep, time_t time) {
    boot = ticks;
    leap = sleep;
    wall = (us_t)time * 1000000;
}

us_t world_was_set(void) {
    return set_at;
}

time_t world_time(void) {
    return (time_t)((now + wall) / 1000000);
}

int WRAP(clock_gettime, __clock_gettime64)(clockid_t clock, struct timespec *time);
int WRAP(clock_gettime, __clock_gettime64)(clockid_t clock, struct timespec *time) {
    us_t t = now + (clock == CLOCK_REALTIME ? wall : boot);
    time->tv_sec = (time_t)(t / 1000000);
    time->tv_nsec = (long)(t % 1000000 * 1000);
    return 0;
}

int WRAP(gettimeofday, __gettimeofday64)(struct timeval *time, void *zone);
int WRAP(gettimeofday, __gettimeofday64)(struct timeval *time, void *zone) {
    (void)zone;
    time->tv_sec = (time_t)((now + wall) / 1000000);
    time->tv_usec = (suseconds_t)((now + wall) % 1000000);
    return 0;
}

time_t WRAP(time, __time64)(time_t * result);
time_t WRAP(time, __time64)(time_t * result) {
    time_t t = (time_t)((now + wall) / 1000000);
    if (result != NULL) {
        *result = t;
    }
    return t;
}

int __wrap_usleep(unsigned us);
int __wrap_usleep(unsigned us) {
    now += us;
    world_run();
    return 0;
}

ssize_t __wrap_getrandom(void *buf, size_t n, unsigned flags);
ssize_t __wrap_getrandom(void *buf, size_t n, unsigned flags) {
    (void)flags;
    for (size_t i = 0; i < n; ++i) {
        ((uint8_t *)buf)[i] = (uint8_t)(random_next(&entropy) >> 24);
    }
    return (ssize_t)n;
}

// Sockets

int __wrap_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol) {
    (void)domain;
    (void)type;
    (void)protocol;
    if (used[0]) {
        violation("a second listener");
    }
    used[0] = true;
    return LISTENER;
}

int __wrap_bind(int fd, const struct sockaddr *address, socklen_t size);
int __wrap_bind(int fd, const struct sockaddr *address, socklen_t size) {
    (void)fd;
    (void)address;
    (void)size;
    return 0;
}

int __wrap_listen(int fd, int n);
int __wrap_listen(int fd, int n) {
    (void)fd;
    backlog_max = n;
    listens = true;
    return 0;
}

// The heap is where it was in the last run: the numbers that the collector finds on the stack, and
// what is sorted by its address, are the same then.
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size) {
    static uint64_t heap[HEAP_MAX / sizeof(uint64_t)];
    static bool taken;
    if (size < 32 * 1024 || size > HEAP_MAX || taken) {
        return __real_malloc(size);
    }
    taken = true;
    return heap;
}

static client_t *client_of(int fd, const char *call) {
    int i = fd - WORLD_FD;
    if (i <= 0 || i >= SOCKETS || !used[i]) {
        violation("%s of a descriptor that is not open", call);
    }
    return sockets[i];
}

int __wrap_setsockopt(int fd, int level, int option, const void *value, socklen_t size);
int __wrap_setsockopt(int fd, int level, int option, const void *value, socklen_t size) {
    (void)level;
    (void)option;
    (void)value;
    (void)size;
    if (fd != LISTENER) {
        client_of(fd, "setsockopt()");
        return call_fails(CALL_SETSOCKOPT) ? -1 : 0;
    }
    return 0;
}

int __wrap_fcntl(int fd, int command, long value);
int __wrap_fcntl(int fd, int command, long value) {
    (void)fd;
    (void)command;
    (void)value;
    return 0;
}
int __wrap_fcntl64(int fd, int command, long value) __attribute__((alias("__wrap_fcntl")));
int __wrap___fcntl_time64(int fd, int command, long value) __attribute__((alias("__wrap_fcntl")));

int __wrap_accept(int fd, struct sockaddr *address, socklen_t *size);
int __wrap_accept(int fd, struct sockaddr *address, socklen_t *size) {
    spend();
    if (fd != LISTENER || !used[0]) {
        violation("accept() of a descriptor that does not listen");
    }
    if (queued == 0) {
        errno = EAGAIN;
        return -1;
    }
    if (call_fails(CALL_ACCEPT)) {
        return -1;
    }
    int i = 1;
    while (used[i]) {
        ++i;
    }
    client_t *client = queue[0];
    memmove(queue, queue + 1, (size_t)--queued * sizeof(*queue));
    used[i] = true;
    sockets[i] = client;
    client->fd = WORLD_FD + i;
    if (client->phase == QUEUED) {
        client->phase = OPEN;
    }
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_port = htons((uint16_t)(40000 + client->item->client))};
    from.sin_addr.s_addr = htonl(0x0a000001u + (unsigned)client->item->b);
    memcpy(address, &from, sizeof(from));
    *size = sizeof(from);
    trace("the server accepts client %d", client->item->client);
    return client->fd;
}

int __wrap___setsockopt64(int fd, int level, int option, const void *value, socklen_t size)
__attribute__((alias("__wrap_setsockopt")));

static ssize_t read_socket(int fd, void *buf, size_t size) {
    spend();
    client_t *client = client_of(fd, "read()");
    if (call_fails(CALL_READ)) {
        return -1;
    }
    size_t n = client->sent - client->read;
    if (client->phase == ENDED && client->was_reset) {
        errno = ECONNRESET;
        return -1;
    }
    if (n == 0) {
        if (client->fin) {
            return 0;
        }
        errno = EAGAIN;
        return -1;
    }
    n = n < size ? n : size;
    for (size_t i = 0; i < n; ++i) {
        ((uint8_t *)buf)[i] = client_byte(client, client->read++);
    }
    trace("the server reads %zu bytes of client %d", n, client->item->client);
    client_freed(client);
    return (ssize_t)n;
}

static ssize_t write_socket(int fd, const void *buf, size_t size) {
    spend();
    client_t *client = client_of(fd, "write()");
    if (call_fails(CALL_WRITE)) {
        return -1;
    }
    if (client->phase == ENDED) {
        // A first write to a closed connection is answered with a reset
        if (!client->was_reset) {
            client->was_reset = true;
            return (ssize_t)size;
        }
        errno = EPIPE;
        return -1;
    }
    size_t space = client->window - (client->written - client->taken);
    if (client->unit == 0 && client->written + space > GOT_MAX) {
        space = GOT_MAX - client->written;
        if (space == 0) {
            violation("client %d: an answer without end", client->item->client);
        }
    }
    if (space == 0) {
        errno = EAGAIN;
        return -1;
    }
    size_t n = size < space ? size : space;
    if (client->unit == 0) {
        memcpy(client->got + client->written, buf, n);
    }
    client->written += n;
    trace("the server sends %zu bytes to client %d", n, client->item->client);
    client_written(client);
    return (ssize_t)n;
}

ssize_t __real_read(int fd, void *buf, size_t size);
ssize_t __wrap_read(int fd, void *buf, size_t size);
ssize_t __wrap_read(int fd, void *buf, size_t size) {
    if (is_file(fd)) {
        return call_fails(CALL_FILE_READ) ? -1 : file_read(fd, buf, size);
    }
    return fd < WORLD_FD ? __real_read(fd, buf, size) : read_socket(fd, buf, size);
}

ssize_t __real_write(int fd, const void *buf, size_t size);
ssize_t __wrap_write(int fd, const void *buf, size_t size);
ssize_t __wrap_write(int fd, const void *buf, size_t size) {
    if (is_file(fd)) {
        return call_fails(CALL_FILE_WRITE) ? -1 : file_write(fd, buf, size);
    }
    if (fd < WORLD_FD) {
        return quiet && !tracing ? (ssize_t)size : __real_write(fd, buf, size);
    }
    return write_socket(fd, buf, size);
}

ssize_t __wrap_recv(int fd, void *buf, size_t size, int flags);
ssize_t __wrap_recv(int fd, void *buf, size_t size, int flags) {
    (void)flags;
    return read_socket(fd, buf, size);
}

ssize_t __wrap_send(int fd, const void *buf, size_t size, int flags);
ssize_t __wrap_send(int fd, const void *buf, size_t size, int flags) {
    (void)flags;
    return write_socket(fd, buf, size);
}

int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd) {
    if (is_file(fd)) {
        return file_close(fd);
    }
    if (fd < WORLD_FD) {
        return __real_close(fd);
    }
    if (fd == LISTENER) {
        violation("the listener is closed");
    }
    spend();
    client_t *client = client_of(fd, "close()");
    used[fd - WORLD_FD] = false;
    client->fd = -1;
    trace("the server closes the connection of client %d", client->item->client);
    client_closed(client);
    return 0;
}

static short events_of(int fd, short wanted) {
    if (fd == LISTENER) {
        return queued > 0 ? POLLIN & wanted : 0;
    }
    const client_t *client = client_of(fd, "poll()");
    if (client->phase == ENDED && client->was_reset) {
        return POLLIN | POLLERR | POLLHUP;
    }
    short events = 0;
    if (client->sent > client->read || client->fin) {
        events |= POLLIN;
    }
    // As Linux: a third of the window has to be free
    if (client->phase == ENDED || 3 * (client->written - client->taken) < 2 * client->window) {
        events |= POLLOUT;
    }
    return events & (wanted | POLLERR | POLLHUP);
}

static int look(struct pollfd *fds, nfds_t n) {
    int count = 0;
    for (nfds_t i = 0; i < n; ++i) {
        fds[i].revents = events_of(fds[i].fd, fds[i].events);
        count += fds[i].revents != 0;
    }
    return count;
}

int __wrap_poll(struct pollfd *fds, nfds_t n, int ms);
int __wrap_poll(struct pollfd *fds, nfds_t n, int ms) {
    spend();
    if (n == 1 && ms == 0) {
        return look(fds, n);            // a question that a task may ask
    }
    us_t until = ms < 0 ? NEVER : now + MS(ms);
    between_turns();
    if (call_fails(CALL_POLL)) {
        return -1;
    }
    for (;;) {
        int count = look(fds, n);
        us_t next = world_next();
        if (count > 0 || (now >= until && next > until)) {
            return count;
        }
        if (next > until) {
            now = until;
            if (leap != 0 && world_open_connections() == 0) {
                now = until + leap < next ? until + leap : next - 1;
            }
            return 0;
        }
        if (next == NEVER) {
            violation("the loop waits for nothing");
        }
        now = next > now ? next : now;
        world_run();
        between_turns();
    }
}
