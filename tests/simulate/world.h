// SPDX-License-Identifier: MIT
//
// The simulated world: what its files share. See README.md beside it.
#ifndef SIMULATE_WORLD_H
#define SIMULATE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define CLIENTS_MAX 24
#define REQUESTS_MAX 4
#define ITEMS_MAX 96
#define WIRE_MAX 16384
#define GOT_MAX 65536
#define NEVER INT64_MAX
#define DATE_LENGTH 29

// Times are in microseconds of the world's own clock, which begins with the program.
typedef int64_t us_t;
#define MS(n) ((us_t)(n) * 1000)
#define DAYS(n) MS((us_t)(n) * 86400000)

// Random numbers: the same for the same state.
uint64_t random_next(uint64_t *state);
// One of 0 ... n - 1.
uint32_t random_below(uint64_t *state, uint32_t n);
// One of first ... last.
int random_between(uint64_t *state, int first, int last);
// Whether something happens that does so in one of n cases.
bool random_one_in(uint64_t *state, uint32_t n);

// The plan of a seed: a list of items, each of which may be left out.
enum {
    // Plans that are kept have the numbers of these, and of the kinds below: new ones come last
    ITEM_CLIENT,            // a connection, to which the following items of its number belong
    ITEM_REQUEST,           // a request on it
    ITEM_VANISH,            // how it ends before its time
    ITEM_STALL,             // a pause while it sends
    ITEM_MEMORY,            // allocations fail
    ITEM_CALL,              // a call of the system fails
    ITEM_WALL,              // the wall clock is set
    ITEM_COST,              // how long each call takes
    ITEM_KINDS,
};

enum { VANISH_FIN, VANISH_CLOSE, VANISH_RESET, VANISH_SILENCE, VANISH_KINDS };

enum {
    CALL_ACCEPT, CALL_READ, CALL_WRITE, CALL_SETSOCKOPT, CALL_OPEN, CALL_FILE_READ, CALL_FILE_WRITE,
    CALL_POLL, CALL_STAT, CALL_SEEK, CALL_FILE_CLOSE, CALL_SYNC, CALL_RENAME, CALL_UNLINK, CALL_STATVFS, CALL_KINDS,
};

typedef struct {
    uint8_t type;
    uint8_t client;
    bool left_out;
    int kind;               // of a request, of a way to vanish, of a call; days until a client or a clock
    int a, b, c, d, e;
} item_t;

extern item_t items[ITEMS_MAX];
extern int items_used;

void plan_make(uint64_t seed, int slots);
void plan_print(void);
void plan_read(const char *path);
void plan_write(void);

// The kinds of requests: what a handler does, and what has to come back.
typedef struct {
    const char *name;
    const char *method;
    int status;             // of the answer where nothing is wrong
    unsigned flags;
} kind_t;

enum {
    KIND_SIZED = 1,         // the path has a size
    KIND_BODY = 2,          // the request has a body of that size
    KIND_TEXT = 4,          // the answer is the text of kind, number and size
    KIND_CLOSES = 8,        // the connection ends with the answer
    KIND_SLEEPS = 16,       // the size is the time of the handler, in ms
    KIND_STREAM = 32,       // the connection is taken over
    KIND_LAST = 64,         // nothing may follow on the connection
    KIND_CUT = 128,         // the answer may end before its time
    KIND_CHUNKED = 256,     // the request's body is sent in chunks
    KIND_FLOOD = 512,       // the client sends as fast as it can, for so many ms
};

extern const kind_t kinds[];
extern const int kinds_used;
int kind_of(const char *name);

// A request as bytes; returns their number.
size_t request_write(uint8_t *buf, const item_t *item, int number, bool last);
// What a WebSocket's client sends after the handshake.
size_t frames_write(uint8_t *buf, const item_t *item, int number);
// The text that answers a request; returns its length.
size_t answer_text(char *buf, const item_t *item, int number);

// What is stored says how long it is, so that a half of it is known. STORES is the kind of request that
// stores it, STORED the file.
#define STORES "store"
#define STORED "stored.txt"
size_t stored_text(char *buf, size_t n);

// A response within what has come.
typedef struct {
    int status;
    bool complete;
    bool closes;            // it announces the connection's end
    bool until_close;       // its end is the connection's
    int number;             // X-Id, or -1
    const char *date;       // the field Date, DATE_LENGTH bytes, or NULL
    size_t head;            // bytes of the head
    size_t end;             // bytes of all, when complete
    size_t body;            // bytes of the body so far
    const char *wrong;      // what is malformed, or NULL
} answer_t;

// Reads the answer at the beginning of n bytes; the body, without its framing, goes to `body`.
void answer_read(answer_t *answer, const uint8_t *data, size_t n, bool ended, bool head_only, char *body, size_t size);

typedef struct {
    const item_t *item;
    const item_t *requests[REQUESTS_MAX];
    size_t starts[REQUESTS_MAX + 1];
    int n_requests;
    const item_t *vanish, *stall;
    bool gentle;            // asks without delay, reads at once, stays until it is answered
    bool probe;             // comes when all the others have gone
    us_t hold;              // for how long it may hold a slot
    us_t patience;          // after which it must have been answered or sent away
    enum { BEFORE, QUEUED, OPEN, ENDED } phase;
    int fd;                 // the server's side; -1 before accept() and after close()
    us_t next_send, next_take, due;
    size_t wire_used;
    size_t sent, read;      // bytes that have arrived at the server, and that it has read
    size_t flood, unit;     // what is sent again and again: where it begins, how long it is
    us_t flood_end;
    size_t written, taken, judged;          // bytes: sent by the server, taken, understood
    size_t window;
    int request;            // the one whose answer comes next
    bool upgraded, ws_closed, last;         // `last`: the server has announced the connection's end
    bool stalled, fin, silent;              // what the client has done
    bool server_closed, was_reset;          // what the server has done
    us_t closed_at, first_at;               // when it closed; when the first byte of the request had come
    us_t began, free_since;
    int echoes;
    unsigned faults;        // that had happened when the connection began
    uint64_t random;
    uint8_t wire[WIRE_MAX];
    uint8_t got[GOT_MAX];
} client_t;

extern client_t clients[CLIENTS_MAX];
extern int clients_used;

void clients_make(int slots);
void client_add_probe(int number);
void client_step(client_t *client);
us_t client_next(const client_t *client);
uint8_t client_byte(const client_t *client, size_t at);     // of what it sends
void client_written(client_t *client);                      // the server has sent something
void client_closed(client_t *client);                       // the server has closed
void client_freed(client_t *client);                        // the server has read something
void client_rest(client_t *client);                         // it has got all its answers
void client_end(client_t *client, const char *how);
void client_begin_flood(client_t *client, size_t from, size_t to);

// Looks at what a client has taken. ended: whether the server has closed, and that was all.
void judge(client_t *client, bool ended);

// The world.
extern us_t now;
extern us_t call_cost;
extern bool tracing, quiet;                  // whether to print what happens; whether not what the server prints
extern int world_slots;
extern int backlog_max;
void world_begin(void);
unsigned world_faults(void);                // how many calls and allocations have failed
bool world_connect(client_t *client);       // false if the listener's queue is full
void world_abandon(client_t *client);       // out of that queue
int world_open_connections(void);           // accepted or not
int world_accepted(void);
us_t world_was_set(void);                   // when that was set last
void world_set(us_t ticks, us_t sleep, time_t time);
time_t world_time(void);                    // what the wall clock shows
time_t __real_time(time_t *result);
us_t world_next(void);
void world_run(void);

void trace(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool call_fails(int call);                  // one of CALL_...; errno is set
void violation(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

// Called while the loop waits, with the time that it will wait at most.
void between_turns(void);

// What is known of the server's inside.
void inside_check(void);
bool inside_is_idle(void);
size_t inside_memory(void);
int inside_slots(void);
int inside_tasks(void);

// Allocations that fail: tests/support/faults.c.
void faults_plan(int skip, int fail);
int faults_failed(void);

#endif // SIMULATE_WORLD_H
