// SPDX-License-Identifier: MIT
//
// The world's clients: each is one connection with its requests.

#include <string.h>

#include "world.h"

client_t clients[CLIENTS_MAX];
int clients_used;

// Bytes that a client has on their way to the server at most while it floods.
#define FLOOD_AHEAD 2048
// What a client waits for the end that the server has announced, or for a kept connection's end.
#define END_TIME MS(1500)
#define KEPT_TIME MS(3500)
// For how long a slot may be held beside what the client takes itself: the patience of the server.
#define HOLD MS(3500)

static us_t handler_time(const item_t *request) {
    const kind_t *kind = &kinds[request->kind];
    if (strcmp(kind->name, "stubborn") == 0) {
        return MS(7000);
    }
    if (strcmp(kind->name, "late") == 0) {
        return MS(2500);
    }
    if (kind->flags & KIND_STREAM) {
        return MS(7000);
    }
    return MS(kind->flags & (KIND_SLEEPS | KIND_FLOOD) ? request->a : 200);
}

static us_t holds(const client_t *client) {
    const item_t *item = client->item;
    us_t time = HOLD;
    for (int i = 0; i < client->n_requests; ++i) {
        const item_t *request = client->requests[i];
        time += MS(request->b) + handler_time(request) + HOLD;
        time += item->c == 0 ? 0 : (us_t)(client->starts[i + 1] - client->starts[i]) / item->c * MS(20) + HOLD;
        time += item->d == 0 ? 0 : 4000 / item->d * MS(100) + HOLD;
    }
    return time;
}

static void build(client_t *client) {
    for (int i = 0; i < client->n_requests; ++i) {
        const item_t *request = client->requests[i];
        bool last = i + 1 == client->n_requests;
        client->starts[i] = client->wire_used;
        client->wire_used += request_write(client->wire + client->wire_used, request, client->item->client * 10 + i, last);
    }
    client->starts[client->n_requests] = client->wire_used;
}

static client_t *find(int number) {
    for (int i = 0; i < clients_used; ++i) {
        if (clients[i].item->client == number) {
            return &clients[i];
        }
    }
    return NULL;
}

static client_t *add(const item_t *item, uint64_t random) {
    client_t *client = &clients[clients_used++];
    memset(client, 0, offsetof(client_t, wire));
    client->item = item;
    client->fd = -1;
    client->random = random;
    client->next_send = now + MS(item->a) + DAYS(item->kind);
    client->next_take = client->due = NEVER;
    client->window = item->d == 0 ? GOT_MAX : (size_t)item->d + 512;
    return client;
}

static void add_item(const item_t *item) {
    client_t *client = find(item->client);
    if (client == NULL) {
        return;
    }
    if (item->type == ITEM_VANISH) {
        client->vanish = item;
    } else if (item->type == ITEM_STALL) {
        client->stall = item;
    } else if (item->type == ITEM_REQUEST) {
        int n = client->n_requests;
        if (n == 0 || !(kinds[client->requests[n - 1]->kind].flags & KIND_LAST)) {
            client->requests[client->n_requests++] = item;
        }
    }
}

static void finish(client_t *client, us_t all, int slots) {
    build(client);
    client->gentle = client->item->c == 0 && client->item->d == 0 && client->vanish == NULL && client->stall == NULL;
    for (int i = 0; i < client->n_requests; ++i) {
        if (kinds[client->requests[i]->kind].flags & KIND_FLOOD) {
            client->gentle = false;
        }
    }
    client->patience = clients_used <= slots ? holds(client) + MS(2000) : all + MS(5000);
}

void clients_make(int slots) {
    clients_used = 0;
    for (int i = 0; i < items_used; ++i) {
        const item_t *item = &items[i];
        if (item->left_out) {
            continue;
        }
        if (item->type == ITEM_CLIENT) {
            add(item, (uint64_t)item->client * 77 + (uint64_t)item->a);
        } else {
            add_item(item);
        }
    }
    us_t all = 0;
    for (int i = 0; i < clients_used; ++i) {
        all += holds(&clients[i]);
    }
    for (int i = 0; i < clients_used; ++i) {
        finish(&clients[i], all, slots);
    }
}

void client_add_probe(int number) {
    static item_t client_items[CLIENTS_MAX], request;
    client_items[number] = (item_t) {.type = ITEM_CLIENT, .client = (uint8_t)(100 + number), .b = number};
    request = (item_t) {.type = ITEM_REQUEST, .kind = kind_of("slow"), .a = 100, .d = 2};
    client_t *client = add(&client_items[number], (uint64_t)number);
    client->probe = true;
    client->requests[client->n_requests++] = &request;
    build(client);
    client->gentle = true;
    client->patience = MS(1000);
}

uint8_t client_byte(const client_t *client, size_t at) {
    if (client->unit != 0 && at >= client->flood) {
        at = client->flood + (at - client->flood) % client->unit;
    }
    return client->wire[at];
}

static us_t earlier(us_t a, us_t b) {
    return a < b ? a : b;
}

us_t client_next(const client_t *client) {
    if (client->phase == ENDED) {
        return NEVER;
    }
    return earlier(earlier(client->next_send, client->next_take), client->due);
}

static void end(client_t *client, const char *how) {
    trace("client %d %s", client->item->client, how);
    if (client->phase == QUEUED) {
        world_abandon(client);
    }
    client->phase = ENDED;
}

static void vanish(client_t *client) {
    static const char *const ways[] = {"ends its side", "closes", "resets the connection", "falls silent"};
    int kind = client->vanish->kind;
    client->vanish = NULL;
    if (kind == VANISH_FIN) {
        trace("client %d %s", client->item->client, ways[kind]);
        client->fin = true;
        client->next_send = NEVER;
    } else if (kind == VANISH_SILENCE) {
        trace("client %d %s", client->item->client, ways[kind]);
        client->silent = true;
        client->next_send = client->next_take = NEVER;
        if (client->server_closed) {
            end(client, "has gone");
        }
    } else {
        client->was_reset = kind == VANISH_RESET;
        client->fin = true;
        end(client, ways[kind]);
    }
}

static bool vanishes(const client_t *client) {
    const item_t *item = client->vanish;
    if (item == NULL) {
        return false;
    }
    switch (item->a) {
        case 0:
            return client->sent >= (size_t)item->b;
        case 1:
            return client->taken >= (size_t)item->b;
        default:
            return now >= client->began + MS(item->b);
    }
}

// Where what may be sent now ends.
static size_t may_send(client_t *client) {
    if (client->upgraded || client->request >= client->n_requests) {
        return client->upgraded ? client->wire_used : client->sent;
    }
    int last = client->request;
    while (last + 1 < client->n_requests && client->requests[last + 1]->c) {
        ++last;
    }
    return client->last ? client->sent : client->starts[last + 1];
}

static void connect(client_t *client) {
    if (!world_connect(client)) {
        client->next_send = now + MS(1000);
        return;
    }
    trace("client %d connects", client->item->client);
    client->phase = QUEUED;
    client->began = client->free_since = now;
    client->faults = world_faults();
    client->due = now + client->patience;
    client->next_send = now + (client->n_requests == 0 ? 0 : MS(client->requests[0]->b));
    if (client->vanish != NULL && client->vanish->a == 2) {
        client->next_send = earlier(client->next_send, now + MS(client->vanish->b));
    }
    if (client->n_requests == 0) {
        client->next_send = NEVER;
    }
}

static void flood(client_t *client) {
    if (now >= client->flood_end) {
        end(client, "has flooded for long enough and resets");
        client->was_reset = true;
        return;
    }
    while (client->sent - client->read < FLOOD_AHEAD) {
        client->sent += client->unit;
    }
    client->next_send = NEVER;      // until the server has read something
    client->due = client->flood_end;
}

static void begin_flood(client_t *client, size_t from, size_t to) {
    client->flood = from;
    client->unit = to - from;
    client->flood_end = now + MS(client->requests[client->n_requests - 1]->a);
    flood(client);
}

static void send_some(client_t *client) {
    if (client->unit != 0) {
        flood(client);
        return;
    }
    size_t limit = may_send(client);
    if (client->sent >= limit || client->fin) {
        client->next_send = NEVER;
        return;
    }
    if (client->server_closed) {
        trace("client %d sends to a closed connection", client->item->client);
        client->was_reset = true;
        judge(client, true);
        if (client->phase != ENDED) {
            end(client, "finds its connection reset");
        }
        return;
    }
    const item_t *request = client->request < client->n_requests ? client->requests[client->request] : NULL;
    if (request != NULL && !client->upgraded && (kinds[request->kind].flags & KIND_FLOOD) && kinds[request->kind].status == 200) {
        begin_flood(client, client->starts[client->request], client->starts[client->request + 1]);
        return;
    }
    size_t n = limit - client->sent;
    size_t piece = (size_t)client->item->c;
    if (piece != 0 && n > piece) {
        n = piece;
    }
    if (client->stall != NULL && !client->stalled) {
        size_t at = (size_t)client->stall->a;
        if (client->sent >= at) {
            client->stalled = true;
            client->next_send = now + MS(client->stall->b);
            return;
        }
        n = n < at - client->sent ? n : at - client->sent;
    }
    if (client->vanish != NULL && client->vanish->a == 0 && (size_t)client->vanish->b > client->sent) {
        size_t left = (size_t)client->vanish->b - client->sent;
        n = n < left ? n : left;
    }
    if (client->request < client->n_requests && client->sent <= client->starts[client->request]) {
        client->first_at = now;
    }
    const char *text = (const char *)client->wire + client->sent;
    size_t line = strcspn(text, "\r\n");
    trace("client %d sends %zu bytes: %.*s", client->item->client, n, (int)(line < n ? line : n), text);
    client->sent += n;
    client->next_send = client->sent < limit ? now + MS(random_between(&client->random, 1, 20)) : NEVER;
}

static void take(client_t *client) {
    size_t n = client->written - client->taken;
    size_t most = (size_t)client->item->d;
    bool all = most == 0 || n <= most;
    if (client->unit != 0) {
        client->taken = client->written;    // of no interest
    } else {
        client->taken += all ? n : most;
    }
    client->next_take = all ? NEVER : now + MS(100);
    judge(client, client->server_closed && client->taken == client->written);
}

static void over(client_t *client) {
    if (client->unit != 0) {
        flood(client);
    } else if (client->server_closed) {
        client->due = NEVER;        // it still takes what the server has sent
    } else if (client->request >= client->n_requests && !client->last && !client->upgraded && client->item->e == 0) {
        end(client, "closes");      // it has all its answers
        client->fin = true;
    } else if (client->vanish != NULL || client->silent || client->fin) {
        violation("client %d: its connection is not closed %d ms after it came", client->item->client,
            (int)((now - client->began) / 1000));
    } else {
        violation("client %d: no answer, and no end of the connection, %d ms after it came", client->item->client,
            (int)((now - client->began) / 1000));
    }
}

void client_step(client_t *client) {
    if (client->phase != BEFORE && vanishes(client)) {
        vanish(client);
    } else if (client->next_take <= now) {
        take(client);
    } else if (client->next_send <= now) {
        if (client->phase == BEFORE) {
            connect(client);
        } else {
            send_some(client);
        }
    } else if (client->due <= now) {
        over(client);
    }
}

void client_written(client_t *client) {
    if (client->phase != ENDED && !client->silent && client->next_take == NEVER) {
        client->next_take = now + (client->item->d == 0 ? 1000 : MS(100));
    }
}

void client_freed(client_t *client) {
    if (client->phase != ENDED && client->unit != 0) {
        client->next_send = now + 1000;
    }
}

void client_closed(client_t *client) {
    client->server_closed = true;
    client->closed_at = now;
    // What the server has not read makes TCP reset the connection, and what was on its way is lost
    if (client->sent > client->read && client->unit == 0) {
        client->was_reset = true;
    }
    if (client->silent && client->phase != ENDED) {
        end(client, "has gone");
    } else if (client->phase != ENDED && client->next_take == NEVER) {
        client->next_take = now + 1000;
    }
}

// Behind its last answer.
void client_rest(client_t *client) {
    if (client->last || client->upgraded) {
        client->due = now + END_TIME;
    } else if (client->item->e == 1) {
        client->due = now + KEPT_TIME;
    } else if (client->item->e == 2) {
        client->fin = true;
        client->due = now + END_TIME;
        trace("client %d ends its side", client->item->client);
    } else {
        client->due = now + MS(1);
    }
}

void client_end(client_t *client, const char *how) {
    end(client, how);
}

void client_begin_flood(client_t *client, size_t from, size_t to) {
    begin_flood(client, from, to);
}
