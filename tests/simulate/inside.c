// SPDX-License-Identifier: MIT
//
// All that the world knows of the server's inside. It looks between two turns of the loop, and
// changes nothing.

#include <stdio.h>
#include <string.h>

#include "py/gc.h"
#include "py/mphal.h"
#include "py/pairheap.h"
#include "py/runtime.h"

#include "world.h"

#define TASKS_MAX 64
// A deadline is looked at each 250 ms, and its slot then gets another.
#define OVERDUE 1500
// No deadline of this server is further away, in ms.
#define FURTHEST 4000

extern mp_obj_t mp_asyncio_context;
bool tinyweb_aio_is_read(mp_obj_t stream);

// What begins the objects of asyncio's own queue of tasks.
typedef struct {
    mp_obj_base_t base;
    mp_pairheap_t *heap;
} task_queue_t;

// The attribute of an object, MP_OBJ_NULL where there is none.
static mp_obj_t get(mp_obj_t obj, const char *name) {
    mp_obj_t dest[2] = {MP_OBJ_NULL, MP_OBJ_NULL};
    mp_load_method_protected(obj, qstr_from_str(name), dest, true);
    return dest[1] == MP_OBJ_NULL ? dest[0] : MP_OBJ_NULL;
}

static bool is_set(mp_obj_t value) {
    return value != MP_OBJ_NULL && value != mp_const_none && value != mp_const_false;
}

static mp_obj_t context(const char *name) {
    return mp_obj_dict_get(mp_asyncio_context, MP_OBJ_NEW_QSTR(qstr_from_str(name)));
}

static mp_obj_t application(void) {
    static mp_obj_t app;
    if (app == MP_OBJ_NULL) {
        app = mp_obj_dict_get(MP_OBJ_FROM_PTR(&MP_STATE_VM(dict_main)), MP_OBJ_NEW_QSTR(qstr_from_str("app")));
    }
    return app;
}

static size_t slots(mp_obj_t **items) {
    size_t n;
    mp_obj_get_array(get(application(), "slots"), &n, items);
    return n;
}

int inside_slots(void) {
    return mp_obj_get_int(get(application(), "max_concurrency"));
}

// Tasks that are ready or sleep. Each stands in the queue once, and in no other one.
static int check_tasks(void) {
    static mp_pairheap_t *seen[TASKS_MAX], *stack[TASKS_MAX];
    const mp_obj_t io_queue = context("_io_queue");
    const task_queue_t *queue = MP_OBJ_TO_PTR(context("_task_queue"));
    int n = 0;
    int depth = 0;
    if (queue->heap != NULL) {
        stack[depth++] = queue->heap;
    }
    while (depth > 0) {
        mp_pairheap_t *node = stack[--depth];
        for (int i = 0; i < n; ++i) {
            if (seen[i] == node) {
                violation("a task is queued twice");
            }
        }
        if (get(MP_OBJ_FROM_PTR(node), "data") == io_queue) {
            violation("a task is ready and waits for a stream");
        }
        if (n == TASKS_MAX || depth + 2 > TASKS_MAX) {
            violation("more than %d tasks", TASKS_MAX);
        }
        seen[n++] = node;
        if (node->child != NULL) {
            stack[depth++] = node->child;
        }
        // The last of the children names its parent
        if (node->next != NULL && ((uintptr_t)node->next & 1) == 0) {
            stack[depth++] = node->next;
        }
    }
    return n;
}

static void check_deadline(mp_obj_t deadline, int number) {
    // Ticks have 30 bits, or more
    uint32_t left = ((uint32_t)MP_OBJ_SMALL_INT_VALUE(deadline) - (uint32_t)mp_hal_ticks_ms()) & 0x3fffffff;
    int ms = left < 0x20000000 ? (int)left : (int)left - 0x40000000;
    if (ms < -OVERDUE) {
        violation("slot %d: its deadline has passed %d ms ago", number, -ms);
    }
    if (ms > FURTHEST) {
        violation("slot %d: its deadline is %d ms away", number, ms);
    }
}

// See frozen/tinyweb/connection.py.
static const char *const states[] = {
    "free", "turn", "first", "head", "handler", "body", "answer", "guest", "drain", "linger", "idle", "expired", "ended",
};

static void check_slot(mp_obj_t slot, int number) {
    bool open = is_set(get(slot, "sock"));
    bool guest = is_set(get(slot, "guest"));
    mp_obj_t deadline = get(slot, "deadline");
    mp_obj_t task = get(slot, "task");
    bool limited = deadline != MP_OBJ_NULL && deadline != mp_const_none;
    if (!open && (limited || guest)) {
        violation("slot %d is free and has %s", number, guest ? "a guest" : "a deadline");
    }
    const char *state = mp_obj_str_get_str(get(slot, "state"));
    size_t named = 0;
    while (named < MP_ARRAY_SIZE(states) && strcmp(states[named], state) != 0) {
        ++named;
    }
    if (named == MP_ARRAY_SIZE(states)) {
        violation("slot %d is in no named state, but %s", number, state);
    }
    if (open == (strcmp(state, "free") == 0)) {
        violation("slot %d is %s and has %s connection", number, state, open ? "a" : "no");
    }
    if (strcmp(state, "ended") == 0) {
        violation("slot %d has ended, but the server has it", number);
    }
    if (open && guest && !limited) {
        violation("slot %d: its guest has no deadline", number);
    }
    bool waits = is_set(task) && get(task, "data") == context("_io_queue");
    if (open && waits && !limited) {
        violation("slot %d waits for its client without a deadline", number);
    }
    if (open && !limited && tinyweb_aio_is_read(get(slot, "sock"))) {
        violation("slot %d: a task waits for its client without a deadline", number);
    }
    if (limited) {
        check_deadline(deadline, number);
    }
}

void inside_check(void) {
    mp_obj_t *items;
    int n = (int)slots(&items);
    if (n > inside_slots()) {
        violation("%d slots", n);
    }
    int open = 0;
    for (int i = 0; i < n; ++i) {
        check_slot(items[i], i);
        open += is_set(get(items[i], "sock"));
    }
    // Each connection that was accepted is that of a slot, or of the client that waits for one
    int waiting = is_set(get(application(), "closing")) ? 1 : 0;
    if (world_accepted() < open || world_accepted() > open + waiting) {
        violation("%d connections are open, %d slots have one", world_accepted(), open);
    }
    check_tasks();
}

bool inside_is_idle(void) {
    mp_obj_t *items;
    for (size_t i = slots(&items); i-- > 0;) {
        if (is_set(get(items[i], "sock"))) {
            return false;
        }
    }
    return true;
}

int inside_tasks(void) {
    return check_tasks() + mp_obj_get_int(get(context("_io_queue"), "map"));
}

size_t inside_memory(void) {
    gc_info_t info;
    gc_collect();
    gc_info(&info);
    return info.used;
}
