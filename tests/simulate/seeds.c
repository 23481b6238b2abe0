// SPDX-License-Identifier: MIT
//
// Runs seeds. The server is started and warmed up once; then each seed is a copy of the process,
// so that all begin with the same memory, and a failing one is the same whenever it is run.

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"
#include "world.h"

// Exit status of a process that has found nothing.
#define CLEAN 42
#define FAILED 1
// CPU time that a seed may take, in seconds, and how often it runs to see whether memory is missing.
#define CPU_SECONDS 4
#define REPEATS 6
#define REPORTED 5
// What the wall clock shows at the start: 2030-01-01.
#define NEW_YEAR 1893456000
// What the server has to give everything back when all clients have gone.
#define DRAIN_TIME MS(8000)

typedef struct {
    char message[512];
    uint64_t turns;
} report_t;

int world_slots;

static enum { FIRST, WARMING, RUNNING, DRAINING, PROBING } state;
static int repeated;
static report_t *report;
static bool in_seed;
static size_t memory_before;
static int tasks_before;
static int files_before;

// In a program that counts what it executes.
void __gcov_dump(void) __attribute__((weak));

static void __attribute__((noreturn)) end_seed(int status) {
    if (__gcov_dump != NULL) {
        __gcov_dump();
    }
    _exit(status);
}

void violation(const char *format, ...) {
    va_list args;
    va_start(args, format);
    if (report != NULL && in_seed) {
        vsprintf(report->message, format, args);
        trace("FAILED: %s", report->message);
    } else {
        fprintf(stderr, "the world cannot begin: ");
        vfprintf(stderr, format, args);
        fprintf(stderr, "\n");
    }
    va_end(args);
    fflush(stderr);
    end_seed(FAILED);
}

static long setting(const char *name, long value) {
    const char *text = getenv(name);
    return text == NULL ? value : strtol(text, NULL, 10);
}

__attribute__((constructor)) static void begin(void) {
    world_set(MS(setting("SIMULATE_BOOT", 1000)), MS(setting("SIMULATE_SLEEP", 0)), setting("SIMULATE_TIME", NEW_YEAR));
}

// Warming up: each kind of request, then more clients than slots at once.

static int round_number;

// SIMULATE_WARM names the kinds for a server that would not survive the others.
static bool is_warmed(int kind) {
    const char *list = getenv("SIMULATE_WARM");
    for (char *end; list != NULL; list = end + 1) {
        if (strtol(list, &end, 10) == kind) {
            return true;
        }
        if (*end == 0) {
            return false;
        }
    }
    return true;
}

static void plan_round(int slots) {
    items_used = 0;
    int per_round = 20;
    int rounds = (kinds_used + per_round - 1) / per_round + 1;
    int part = round_number % rounds;
    bool crowd = part == rounds - 1;
    for (int i = 0; i < (crowd ? 2 * slots : per_round); ++i) {
        int kind = crowd ? kind_of("slow") : part * per_round + i;
        if (kind >= kinds_used) {
            break;
        }
        if (!is_warmed(kind)) {
            continue;
        }
        items[items_used++] = (item_t) {
            .type = ITEM_CLIENT, .client = (uint8_t)i, .a = crowd ? 0 : i * 300, .b = i % 4, .e = i % 3,
        };
        items[items_used++] = (item_t) {
            .type = ITEM_REQUEST, .client = (uint8_t)i, .kind = kind, .a = crowd ? 300 : 4, .d = i % 8,
        };
    }
}

static bool all_ended(void) {
    for (int i = 0; i < clients_used; ++i) {
        if (clients[i].phase != ENDED) {
            return false;
        }
    }
    return true;
}

static bool all_gone(void) {
    return all_ended() && world_open_connections() == 0 && inside_is_idle();
}

// One seed

// Runs the plan as it is in a process of its own. Returns its status; in that process, -1.
static int run_plan(bool traced) {
    report->message[0] = 0;
    fflush(stdout);
    fflush(stderr);
    pid_t pid = fork();
    if (pid != 0) {
        int status;
        if (pid < 0 || waitpid(pid, &status, 0) != pid) {
            perror("fork");
            exit(2);
        }
        return status;
    }
    in_seed = true;
    tracing = traced;
    struct itimerval limit = {.it_value = {.tv_sec = setting("SIMULATE_CPU", CPU_SECONDS)}};
    setitimer(ITIMER_PROF, &limit, NULL);
    clients_make(world_slots);
    world_begin();
    return -1;
}

// What a status says; empty if nothing was found.
static const char *finding(int status) {
    static char text[sizeof(report->message)];
    if (WIFEXITED(status) && WEXITSTATUS(status) == CLEAN) {
        return "";
    }
    if (WIFEXITED(status) && report->message[0] != 0) {
        return report->message;
    }
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF) {
        sprintf(text, "no end after %d s of CPU time", CPU_SECONDS);
    } else if (WIFSIGNALED(status)) {
        sprintf(text, "the program was ended by signal %d", WTERMSIG(status));
    } else {
        sprintf(text, "the program ended with status %d", WEXITSTATUS(status));
    }
    return text;
}

// Two findings are the same if they differ in numbers only.
static bool same(const char *a, const char *b) {
    for (;; ++a, ++b) {
        while (*a >= '0' && *a <= '9') {
            ++a;
        }
        while (*b >= '0' && *b <= '9') {
            ++b;
        }
        if (*a != *b) {
            return false;
        }
        if (*a == 0) {
            return true;
        }
    }
}

// Whether the plan as it is fails in that way; in a seed's process, -1.
static int still(const char *found) {
    int status = run_plan(false);
    return status < 0 ? -1 : same(finding(status), found);
}

static void leave_out(int from, int n) {
    for (int i = from; i < from + n && i < items_used; ++i) {
        items[i].left_out = true;
    }
}

// Leaves out what the finding does not need. Returns how often that was so; in a seed's process, -1.
static int fewer_items(const char *found) {
    int progress = 0;
    for (int size = items_used / 2; size > 0; size /= 2) {
        for (int from = 0; from < items_used; from += size) {
            item_t before[ITEMS_MAX];
            memcpy(before, items, sizeof(items));
            leave_out(from, size);
            int result = memcmp(before, items, sizeof(items)) == 0 ? 0 : still(found);
            if (result < 0) {
                return -1;
            }
            progress += result;
            if (result == 0) {
                memcpy(items, before, sizeof(items));
            }
        }
    }
    return progress;
}

// The same for the numbers of what is left: 0 in their place, or half of them.
static int smaller_numbers(const char *found) {
    int progress = 0;
    for (int i = 0; i < items_used; ++i) {
        if (items[i].left_out) {
            continue;
        }
        int *const numbers[] = {&items[i].a, &items[i].b, &items[i].c, &items[i].d, &items[i].e};
        for (size_t k = 0; k < 2 * sizeof(numbers) / sizeof(*numbers); ++k) {
            int *number = numbers[k / 2];
            int before = *number;
            *number = k % 2 == 0 ? 0 : before / 2;
            int result = *number == before ? 0 : still(found);
            if (result < 0) {
                return -1;
            }
            progress += result;
            if (result == 0) {
                *number = before;
            }
        }
    }
    return progress;
}

// Makes the plan as small as the finding allows. Returns -1 in a seed's process, else 0.
static int shrink(const char *found) {
    for (int i = 0; i < 4; ++i) {
        int fewer = fewer_items(found);
        int smaller = fewer < 0 ? -1 : smaller_numbers(found);
        if (smaller <= 0) {
            return smaller;
        }
    }
    return 0;
}

static void print_items(void) {
    const char *comma = "";
    for (int i = 0; i < items_used; ++i) {
        if (!items[i].left_out) {
            fprintf(stdout, "%s%d", comma, i);
            comma = ",";
        }
    }
    fprintf(stdout, "\n");
}

static void keep_items(const char *list) {
    bool out[ITEMS_MAX];
    memset(out, true, sizeof(out));
    for (char *end; *list != 0; list = *end == ',' ? end + 1 : end) {
        long i = strtol(list, &end, 10);
        if (end == list || i < 0 || i >= items_used) {
            fprintf(stderr, "SIMULATE_ITEMS: no item %s\n", list);
            exit(2);
        }
        out[i] = false;
    }
    for (int i = 0; i < items_used; ++i) {
        items[i].left_out = out[i];
    }
}

// Returns in the process of a seed only.
static void run_seeds(void) {
    long first = setting("SIMULATE_SEED", 0);
    long count = setting("SIMULATE_SEEDS", 1);
    long step = setting("SIMULATE_STEP", 1);
    const char *kept = getenv("SIMULATE_ITEMS");
    const char *plan = getenv("SIMULATE_PLAN");
    long failed = 0;
    long seconds = setting("SIMULATE_SECONDS", 0);
    time_t end = seconds == 0 ? 0 : __real_time(NULL) + seconds;
    long done = 0;
    for (; done < count && (end == 0 || __real_time(NULL) < end); ++done) {
        long seed = first + done * step;
        if (plan == NULL) {
            plan_make((uint64_t)seed, world_slots);
        } else {
            plan_read(plan);
        }
        if (kept != NULL) {
            keep_items(kept);
        }
        int status = run_plan(false);
        if (status < 0) {
            return;
        }
        char found[sizeof(report->message)];
        strcpy(found, finding(status));
        if (found[0] == 0) {
            continue;
        }
        ++failed;
        fprintf(stdout, "seed %ld: %s\n", seed, found);
        fflush(stdout);
        if (failed > REPORTED) {
            continue;
        }
        if (shrink(found) < 0) {
            return;
        }
        fprintf(stdout, "seed %ld fails with these of its %d items: ", seed, items_used);
        print_items();
        fflush(stdout);
        plan_print();
        plan_write();
        if (run_plan(true) < 0) {
            return;
        }
    }
    fprintf(stdout, "%ld seeds, %ld failed\n", done, failed);
    exit(failed != 0);
}

// As many clients at once as there are slots.
static void probe(void) {
    clients_used = 0;
    for (int i = 0; i < world_slots; ++i) {
        client_add_probe(i);
    }
}

static void check_end(void) {
    if (files_open() != files_before) {
        violation("%d files stay open", files_open() - files_before);
    }
    if (files_wrong() != NULL) {
        violation("%s", files_wrong());
    }
    int tasks = inside_tasks();
    if (tasks != tasks_before) {
        violation("%d tasks where there were %d", tasks, tasks_before);
    }
    size_t memory = inside_memory();
    if (memory <= memory_before) {
        trace("all has come back: %zu bytes are used, %zu were", memory, memory_before);
        end_seed(CLEAN);
    }
    // A generator keeps the last values of its stack. What is missing for another reason is so
    // once more when the same happens again.
    if (++repeated == REPEATS) {
        violation("%d bytes of memory are missing", (int)(memory - memory_before));
    }
    trace("%d bytes are missing; once more", (int)(memory - memory_before));
    memory_before = memory;
    state = RUNNING;
    clients_make(world_slots);
    world_begin();
}

static us_t drain_end;

static void warm_up(void) {
    static int rounds_left;
    if (state == FIRST) {
        world_slots = inside_slots();
        report = mmap(NULL, sizeof(report_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        rounds_left = 9;
        state = WARMING;
        quiet = true;
    } else if (!all_gone()) {
        return;
    }
    if (rounds_left-- > 0) {
        plan_round(world_slots);
        ++round_number;
        clients_make(world_slots);
        world_begin();
        return;
    }
    if (rounds_left == -1) {
        probe();        // what the memory is compared with was left by the same
        return;
    }
    clients_used = 0;
    state = RUNNING;
    tasks_before = inside_tasks();
    files_before = files_open();
    memory_before = inside_memory();
    run_seeds();
}

void between_turns(void) {
    if (state == FIRST || state == WARMING) {
        warm_up();
        return;
    }
    ++report->turns;
    inside_check();
    if (state == RUNNING && all_ended() && world_next() == NEVER) {
        state = DRAINING;
        faults_plan(0, 0);      // no more
        drain_end = now + DRAIN_TIME;
        trace("all clients have gone");
    }
    if (state == DRAINING && now > drain_end && !all_gone()) {
        violation("%d connections are not closed after all clients have gone", world_open_connections());
    }
    if (state == DRAINING && all_gone()) {
        state = PROBING;
        probe();
    } else if (state == PROBING && all_gone()) {
        check_end();
    }
}
