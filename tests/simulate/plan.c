// SPDX-License-Identifier: MIT
//
// A seed's plan: who comes when, asks for what, and what goes wrong. Each item may be left out
// without a change of the others, so that a failing plan can be shrunk.

#include <stdio.h>
#include <string.h>

#include "world.h"

item_t items[ITEMS_MAX];
int items_used;

// What a call takes at least where a client floods, in us: else such a seed takes seconds to compute.
#define FLOOD_COST 300

static item_t *add(int type, int client, int kind) {
    item_t *item = &items[items_used++];
    memset(item, 0, sizeof(item_t));
    item->type = (uint8_t)type;
    item->client = (uint8_t)client;
    item->kind = kind;
    return item;
}

static int size_for(uint64_t *random, const kind_t *kind) {
    if (kind->flags & KIND_FLOOD) {
        return random_between(random, 2000, 6000);
    }
    if (kind->flags & KIND_SLEEPS) {
        return random_between(random, 1, 600);
    }
    if (kind->flags & KIND_STREAM) {
        return random_between(random, 0, 5);
    }
    return random_one_in(random, 4) ? random_between(random, 0, 2000) : random_between(random, 0, 300);
}

static void add_client(uint64_t *random, int number, int crowd) {
    item_t *client = add(ITEM_CLIENT, number, 0);
    bool gentle = !random_one_in(random, 3);
    client->a = random_between(random, 0, crowd);                   // comes at, ms
    client->b = random_between(random, 0, 3);                       // address
    if (!gentle) {
        client->c = random_one_in(random, 2) ? random_between(random, 1, 200) : 0;     // bytes of a piece
        client->d = random_one_in(random, 2) ? random_between(random, 64, 1000) : 0;   // bytes it takes
    }
    client->e = random_between(random, 0, 2);                       // end: closes, lets the server close, FIN
    int n = random_between(random, 1, REQUESTS_MAX);
    for (int i = 0; i < n; ++i) {
        int kind;
        do {
            kind = (int)random_below(random, (uint32_t)kinds_used);
            // What floods takes time
        } while ((kinds[kind].flags & KIND_FLOOD) && !random_one_in(random, 16));
        item_t *request = add(ITEM_REQUEST, number, kind);
        request->a = size_for(random, &kinds[kind]);
        request->b = random_one_in(random, 3) ? random_between(random, 0, 3000) : random_between(random, 0, 50);  // ms before it
        request->c = random_one_in(random, 8);                      // sent without waiting for the last answer
        request->d = random_between(random, 0, 7);                  // variant: close, HTTP/1.0, Expect, ...
    }
    if (!gentle && random_one_in(random, 2)) {
        item_t *vanish = add(ITEM_VANISH, number, random_between(random, 0, VANISH_KINDS - 1));
        vanish->a = random_between(random, 0, 2);                   // after bytes sent, bytes taken, ms
        vanish->b = random_one_in(random, 2) ? random_between(random, 0, 100) : random_between(random, 0, 1500);
    } else if (!gentle && random_one_in(random, 2)) {
        item_t *stall = add(ITEM_STALL, number, 0);
        stall->a = random_between(random, 0, 300);                  // after bytes sent
        stall->b = random_between(random, 100, 4000);               // ms
    }
}

static bool floods(void) {
    for (int i = 0; i < items_used; ++i) {
        if (items[i].type == ITEM_REQUEST && (kinds[items[i].kind].flags & KIND_FLOOD)) {
            return true;
        }
    }
    return false;
}

void plan_make(uint64_t seed, int slots) {
    uint64_t random = seed * 0x2545f4914f6cdd1du + 1;
    items_used = 0;
    item_t *cost = add(ITEM_COST, 0, 0);
    cost->a = (const int[]) {10, 50, 300, 1000}[random_below(&random, 4)];      // us
    int n = random_one_in(&random, 3) ? random_between(&random, 1, slots) : random_between(&random, 1, 3 * slots);
    int crowd = random_between(&random, 0, 3) * 400;
    for (int i = 0; i < n; ++i) {
        // Each has random numbers of its own
        uint64_t own = random_next(&random);
        add_client(&own, i, crowd);
    }
    if (cost->a < FLOOD_COST && floods()) {
        cost->a = FLOOD_COST;
    }
    if (random_one_in(&random, 3)) {
        for (int i = random_between(&random, 1, 3); i > 0; --i) {
            item_t *memory = add(ITEM_MEMORY, 0, 0);
            memory->a = random_between(&random, 0, crowd + 2000);   // ms
            memory->b = random_between(&random, 0, 40);             // allocations that succeed
            memory->c = random_one_in(&random, 2) ? 1 : random_between(&random, 2, 30);
        }
    }
    if (random_one_in(&random, 4)) {
        for (int i = random_between(&random, 1, 3); i > 0; --i) {
            item_t *call = add(ITEM_CALL, 0, random_between(&random, 0, CALL_KINDS - 1));
            call->a = random_between(&random, 0, crowd + 2000);     // ms
            call->b = random_between(&random, 0, 10);               // calls that succeed
            call->c = random_between(&random, 1, 3);                // calls that fail
            call->d = random_between(&random, 0, 3);                // error number
        }
    }
    if (random_one_in(&random, 4)) {
        item_t *wall = add(ITEM_WALL, 0, 0);
        wall->a = random_between(&random, 0, crowd + 2000);         // ms
        wall->b = random_between(&random, -1000000000, 1000000000); // seconds
    }
}

static void print_client(const item_t *item) {
    static const char *const ends[] = {"closes", "leaves closing to the server", "ends its side"};
    fprintf(stderr, "client %d of 10.0.0.%d comes at %d ms of day %d, %s at its end", item->client, item->b + 1,
        item->a, item->kind, ends[item->e]);
    if (item->c != 0) {
        fprintf(stderr, ", sends pieces of %d bytes", item->c);
    }
    if (item->d != 0) {
        fprintf(stderr, ", takes %d bytes at a time", item->d);
    }
}

static void print_item(const item_t *item) {
    static const char *const ways[] = {"ends its side", "closes", "resets", "falls silent"};
    static const char *const units[] = {"bytes sent", "bytes taken", "ms"};
    static const char *const calls[] = {
        "accept", "read", "write", "setsockopt", "open", "read of a file", "write to a file", "poll",
        "stat", "seek in a file", "close of a file", "fsync", "rename", "unlink", "statvfs",
    };
    switch (item->type) {
        case ITEM_CLIENT:
            print_client(item);
            break;
        case ITEM_REQUEST:
            fprintf(stderr, "client %d %s: %s, size %d, variant %d, %d ms after the last", item->client,
                item->c ? "pipelines" : "asks", kinds[item->kind].name, item->a, item->d, item->b);
            break;
        case ITEM_VANISH:
            fprintf(stderr, "client %d %s after %d %s", item->client, ways[item->kind], item->b, units[item->a]);
            break;
        case ITEM_STALL:
            fprintf(stderr, "client %d stalls after %d bytes for %d ms", item->client, item->a, item->b);
            break;
        case ITEM_MEMORY:
            fprintf(stderr, "at %d ms, after %d allocations, %d fail", item->a, item->b, item->c);
            break;
        case ITEM_CALL:
            fprintf(stderr, "at %d ms, after %d calls, %d calls of %s fail", item->a, item->b, item->c,
                calls[item->kind]);
            break;
        case ITEM_WALL:
            fprintf(stderr, "at %d ms of day %d the wall clock is set by %d s", item->a, item->kind, item->b);
            break;
        default:
            fprintf(stderr, "each call takes %d us", item->a);
    }
}

// A plan as lines of numbers: type, client, kind, a, b, c, d, e.
void plan_read(const char *path) {
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        violation("%s: no such plan", path);
    }
    items_used = 0;
    for (;;) {
        int type, client, kind, a, b, c, d, e;
        if (fscanf(file, "%d%d%d%d%d%d%d%d", &type, &client, &kind, &a, &b, &c, &d, &e) != 8) {
            break;
        }
        if (items_used == ITEMS_MAX || type < 0 || type >= ITEM_KINDS || client < 0 || client >= CLIENTS_MAX) {
            violation("%s: not a plan", path);
        }
        *add(type, client, kind) = (item_t) {
            .type = (uint8_t)type, .client = (uint8_t)client, .kind = kind, .a = a, .b = b, .c = c, .d = d, .e = e,
        };
    }
    fclose(file);
}

void plan_write(void) {
    for (int i = 0; i < items_used; ++i) {
        const item_t *item = &items[i];
        if (!item->left_out) {
            fprintf(stderr, "plan: %d %d %d %d %d %d %d %d\n", item->type, item->client, item->kind, item->a,
                item->b, item->c, item->d, item->e);
        }
    }
}

void plan_print(void) {
    for (int i = 0; i < items_used; ++i) {
        if (!items[i].left_out) {
            fprintf(stderr, "%4d  ", i);
            print_item(&items[i]);
            fprintf(stderr, "\n");
        }
    }
}
