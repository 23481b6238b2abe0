// SPDX-License-Identifier: MIT
//
// What a client makes of what comes: whether it is the answer to its request, in time and whole.

#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "world.h"

// What a kept connection lives at least while others wait, and one without a byte (docs/api.md).
#define IDLE_TIME MS(98)
// A second, which others that had to leave before have halved three times
#define FIRST_TIME MS(123)
#define FIRST_YEAR 2025
// What a connection without a request lives when nobody waits.
#define KEEP_ALIVE MS(1998)

static char body[GOT_MAX];
static char expected[8192];

static int number_of(const client_t *client) {
    return client->item->client * 10 + client->request;
}

// Whether something has failed in the world since the connection began.
static bool faulty(const client_t *client) {
    return client->faults != world_faults();
}

static void check_text(const client_t *client, const item_t *request, const answer_t *answer) {
    size_t n = answer_text(expected, request, number_of(client));
    bool cut = answer->until_close && (faulty(client) || !client->gentle || (kinds[request->kind].flags & KIND_CUT));
    if (answer->body > n || memcmp(body, expected, answer->body) != 0 || (answer->body < n && answer->complete && !cut)) {
        violation("client %d: the body of answer %d is not that of its request: %zu bytes %.40s", client->item->client,
            client->request, answer->body, body);
    }
}

static bool may_be(const client_t *client, const item_t *request, int status) {
    const kind_t *kind = &kinds[request->kind];
    if (status == kind->status) {
        return true;
    }
    if (status == 503 && (kind->flags & KIND_STREAM)) {
        return true;        // no slot is left for it
    }
    if (strcmp(kind->name, "malformed") == 0 || strcmp(kind->name, "long") == 0) {
        return status >= 400;
    }
    if (status == 408 && client->first_at - client->free_since > KEEP_ALIVE) {
        return true;        // it has asked when its time was over
    }
    if (!client->gentle && (status == 408 || status == 400 || status == 503)) {
        return true;
    }
    return faulty(client) && (status == 500 || status == 503 || status == 408 || status == 507
        || (status == 404 && strcmp(kind->name, "file") == 0) || (status == 409 && strcmp(kind->name, STORES) == 0));
}

// The time of an answer is that of the wall clock since its client has come. A clock that shows an
// earlier year was never set; then there is none.
static void check_date(const client_t *client, const answer_t *answer) {
    char text[DATE_LENGTH + 1];
    time_t time = world_time();
    if (now - world_was_set() < now - client->began + MS(2000)) {
        return;     // the clock was set meanwhile
    }
    bool is_set = gmtime(&time)->tm_year + 1900 >= FIRST_YEAR;
    if (answer->date != NULL && !is_set) {
        violation("client %d: a date of a clock that was never set", client->item->client);
    }
    if (answer->date == NULL) {
        // What could not be allocated is tried again a second later
        if (is_set && world_faults() == 0) {
            violation("client %d: an answer without a date", client->item->client);
        }
        return;
    }
    for (us_t at = now; at > client->began - MS(3000); at -= MS(1000), --time) {
        strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", gmtime(&time));
        if (memcmp(text, answer->date, DATE_LENGTH) == 0) {
            return;
        }
    }
    violation("client %d: Date is %.*s, before %s", client->item->client, DATE_LENGTH, answer->date, text);
}

static void check_answer(const client_t *client, const answer_t *answer) {
    const item_t *request = client->requests[client->request];
    const kind_t *kind = &kinds[request->kind];
    if (!may_be(client, request, answer->status)) {
        violation("client %d: status %d for %s", client->item->client, answer->status, kind->name);
    }
    if (answer->number >= 0 && answer->number != number_of(client)) {
        violation("client %d: the answer is that of request %d, not %d", client->item->client, answer->number,
            number_of(client));
    }
    if (answer->status >= 200) {
        check_date(client, answer);
    }
    bool head = strcmp(kind->method, "HEAD") == 0;
    if ((kind->flags & KIND_TEXT) && answer->status == 200 && !head) {
        check_text(client, request, answer);
    }
}

// The frames of a WebSocket. Returns how many bytes of n were whole frames.
static size_t check_frames(client_t *client, const uint8_t *data, size_t n) {
    const item_t *request = client->requests[client->n_requests - 1];
    size_t at = 0;
    while (n - at >= 2 && !client->ws_closed) {
        size_t size = data[at + 1];
        if (size > 125) {
            violation("client %d: a frame of a size that was not sent", client->item->client);
        }
        if (n - at < 2 + size) {
            break;
        }
        const uint8_t *payload = data + at + 2;
        if (data[at] == 0x81) {
            const bool own = strcmp(kinds[request->kind].name, "echo") == 0;
            int length = sprintf(expected, "%d m%d.%d", number_of(client) - (client->request == client->n_requests),
                client->item->client * 10 + client->n_requests - 1, client->echoes++);
            if (own && ((size_t)length != size || memcmp(payload, expected, size) != 0)) {
                violation("client %d: message %.*s, not %s", client->item->client, (int)size, payload, expected);
            }
        } else if (data[at] == 0x88) {
            client->ws_closed = true;
        } else if (data[at] == 0x89) {
            // A pong, once the frames before it have left
            if (client->sent == client->wire_used && client->wire_used + 6 <= WIRE_MAX && !client->silent) {
                memcpy(client->wire + client->wire_used, "\x8a\x80\0\0\0", 6);
                client->wire_used += 6;
                client->next_send = now + 1000;
            }
        } else if (data[at] != 0x8a) {
            violation("client %d: a frame of kind %d", client->item->client, data[at]);
        }
        at += 2 + size;
    }
    return at;
}

static void upgrade(client_t *client, const uint8_t *head, size_t n) {
    const item_t *request = client->requests[client->request];
    if (memmem(head, n, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", 28) == NULL) {
        violation("client %d: a handshake without its key", client->item->client);
    }
    size_t from = client->wire_used;
    client->wire_used += frames_write(client->wire + from, request, number_of(client));
    client->upgraded = true;
    client->next_send = now + 1000;
    trace("client %d has a WebSocket", client->item->client);
    if (kinds[request->kind].flags & KIND_FLOOD) {
        client_begin_flood(client, from, client->wire_used);
    }
}

static void ended(client_t *client) {
    bool answered = client->request >= client->n_requests || client->last;
    if (client->unit != 0) {
        return;     // it notices when it sends
    }
    if (answered || client->upgraded) {
        if (client->upgraded && !client->ws_closed && !faulty(client) && client->gentle) {
            violation("client %d: a WebSocket ends without a Close frame", client->item->client);
        }
        client_end(client, "finds its connection closed");
        return;
    }
    const item_t *request = client->requests[client->request];
    bool before = client->sent <= client->starts[client->request];
    if (before) {
        // It was late with its request, or the server was sent away by nobody
        if (client->closed_at - client->free_since < (client->request == 0 ? FIRST_TIME : IDLE_TIME) && client->gentle && !faulty(client)) {
            violation("client %d: its connection is closed at once", client->item->client);
        }
        client_end(client, "finds its connection closed before it has asked");
        return;
    }
    if (client->first_at == client->closed_at
        && client->closed_at - client->free_since >= (client->request == 0 ? FIRST_TIME : IDLE_TIME)) {
        // It was given up, and the request came in the very call that closes (RFC 9112 section 9.5)
        client_end(client, "has asked when its connection was being closed");
        return;
    }
    if (client->gentle && !faulty(client) && !(kinds[request->kind].flags & KIND_CUT)) {
        violation("client %d: request %d (%s) has no whole answer, the connection is %s", client->item->client,
            client->request, kinds[request->kind].name, client->was_reset ? "reset" : "closed");
    }
    client_end(client, "finds its connection closed without an answer");
}

void judge(client_t *client, bool is_end) {
    size_t n = client->was_reset && is_end ? client->judged : client->taken;
    while (client->unit == 0 && client->judged < n && !client->upgraded && client->request < client->n_requests) {
        const item_t *request = client->requests[client->request];
        answer_t answer;
        bool head = strcmp(kinds[request->kind].method, "HEAD") == 0;
        answer_read(&answer, client->got + client->judged, n - client->judged, is_end, head, body, sizeof(body));
        if (answer.wrong != NULL) {
            violation("client %d: malformed answer %d: %s", client->item->client, client->request, answer.wrong);
        }
        if (!answer.complete) {
            break;
        }
        trace("client %d has an answer with status %d and %zu bytes", client->item->client, answer.status, answer.body);
        check_answer(client, &answer);
        if (answer.status == 101) {
            upgrade(client, client->got + client->judged, answer.head);
        }
        // A server that gives up before it has read the whole request line does not know the method
        bool unknown = head && (answer.status == 408 || answer.status == 400);
        client->judged = unknown ? client->taken : client->judged + answer.end;
        client->last = client->last || answer.closes;
        if (answer.status != 100) {
            ++client->request;
        }
        client->free_since = now;
        if (client->request >= client->n_requests || client->last) {
            if (!client->upgraded) {
                client_rest(client);
            }
        } else {
            client->next_send = now + MS(client->requests[client->request]->b);
        }
    }
    if (client->unit == 0 && client->upgraded && client->judged < n) {
        client->judged += check_frames(client, client->got + client->judged, n - client->judged);
    } else if (client->judged < n && client->unit == 0 && !client->last && client->request >= client->n_requests && !client->upgraded) {
        violation("client %d: %zu bytes behind the last answer", client->item->client, n - client->judged);
    }
    if (is_end && client->phase != ENDED) {
        ended(client);
    }
}
