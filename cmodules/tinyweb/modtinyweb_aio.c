// SPDX-License-Identifier: MIT
//
// tinyweb.aio, all that uses what asyncio does not document; tests/simulator/test_aio.py names it
// and holds MicroPython to it.
//
// Why at all: a StreamReader and wait_for() allocate a generator, a list and often a task for
// every wait, and the queue of asyncio.core a list, a record of select.poll() and the growth of
// two tables. A poll() that runs out of memory while it registers keeps an entry without an
// object and crashes at its next use. A server that has 38 KiB of heap tries the socket first,
// and only when that would block it queues its own task and yields. The queue that this module
// puts in the place of asyncio's has one table, which is allocated when more streams than ever
// before are waited for: then the wait fails with MemoryError and nothing has changed.
//
// A wait is an expression: `yield from aio.readable(sock)`, or `await`. The task is queued when the
// expression is stepped into, which is what asyncio's own sleep_ms() does; a wait that is never
// stepped into has no effect. A task that is in a queue already cannot be put into another one:
// that raises RuntimeError, as it would corrupt asyncio's queue.

#include <string.h>

#include "py/objgenerator.h"
#include "py/pairheap.h"
#include "py/runtime.h"
#include "py/smallint.h"
#include "py/stream.h"

#include "extmod/modtime.h"

#if MICROPY_PY_SELECT_POSIX_OPTIMISATIONS
#include <alloca.h>
#include <errno.h>
#include <poll.h>
// How often streams without a file descriptor are looked at, in ms
#define LOOK_INTERVAL 1
#endif

#include "modhttpparse.h"
#include "modtinyweb.h"

// Entries by which the table grows.
#define GROWTH 4
// For so long a step may go on until its task runs once, which sees to its deadlines, in ms.
#define STEP_TIME 250

// The globals of asyncio.core, known since it made the first task.
extern mp_obj_t mp_asyncio_context;

enum { READ, WRITE };

// The tasks that wait for a stream. MP_OBJ_NULL where none does.
typedef struct {
    mp_obj_t stream;
    mp_obj_t tasks[2];
    mp_obj_t step;          // what goes on in the place of a task, or MP_OBJ_NULL
    uint16_t since;         // when that was put here: time.ticks_ms(), its lower half
    uint16_t direction;     // of the task whose step it is; where that does not wait any more, it is none
    #if MICROPY_PY_SELECT_POSIX_OPTIMISATIONS
    int fd;                 // -1 where the stream has no file descriptor
    #endif
} entry_t;

typedef struct {
    mp_obj_base_t base;
    size_t used;
    size_t alloc;
    entry_t *entries;
    bool found;             // a wait has just found a stream ready
} queue_t;

static const mp_obj_type_t queue_type;

static mp_obj_t core_get(qstr name) {
    if (mp_asyncio_context == MP_OBJ_NULL) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("no running event loop"));
    }
    return mp_obj_dict_get(mp_asyncio_context, MP_OBJ_NEW_QSTR(name));
}

// time.ticks_ms(); the ports' headers that declare it in C need the vendor's SDK.
mp_uint_t tinyweb_ticks_ms(void) {
    return (mp_uint_t)MP_OBJ_SMALL_INT_VALUE(mp_time_ticks_ms_obj.fun._0());
}

bool tinyweb_aio_is_task(mp_obj_t obj) {
    // Before there is any task, asyncio has no context
    return mp_asyncio_context != MP_OBJ_NULL && mp_obj_is_type(obj, MP_OBJ_TO_PTR(core_get(MP_QSTR_Task)));
}

void tinyweb_aio_check_task(mp_obj_t task) {
    if (!tinyweb_aio_is_task(task)) {
        mp_raise_TypeError(MP_ERROR_TEXT("a task expected"));
    }
}

static mp_obj_t data_of(mp_obj_t task) {
    return mp_load_attr(task, MP_QSTR_data);
}

mp_obj_t tinyweb_aio_current_task(void) {
    mp_obj_t task = core_get(MP_QSTR_cur_task);
    if (task == mp_const_none) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("no running event loop"));
    }
    return task;
}

static queue_t *current_queue(void) {
    mp_obj_t queue = core_get(MP_QSTR__io_queue);
    if (!mp_obj_is_type(queue, &queue_type)) {
        mp_raise_TypeError(MP_ERROR_TEXT("asyncio waits by another queue than tinyweb's"));
    }
    return MP_OBJ_TO_PTR(queue);
}

// Whether a task waits: `data` names the queue, or the task, that it waits for. In asyncio's queue
// of those that are ready or sleep it has no name, but there is a next node, or it is the first.
bool tinyweb_aio_waits(mp_obj_t task) {
    return data_of(task) != mp_const_none
           || ((mp_pairheap_t *)MP_OBJ_TO_PTR(task))->next != NULL
           || tinyweb_call(core_get(MP_QSTR__task_queue), MP_QSTR_peek, 0, NULL) == task;
}

static MP_NORETURN void raise_already_waits(void) {
    mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("the task waits for something else already"));
}

// Raises RuntimeError if the task is in a queue.
static void check_in_no_queue(mp_obj_t task) {
    if (tinyweb_aio_waits(task)) {
        raise_already_waits();
    }
}

// Make a task ready to run, or at `at` if that is not MP_OBJ_NULL. It must be in no queue.
static void push(mp_obj_t task, mp_obj_t at) {
    const mp_obj_t values[] = { task, at };
    tinyweb_call(core_get(MP_QSTR__task_queue), MP_QSTR_push, at == MP_OBJ_NULL ? 1 : 2, values);
}

static void remove_entry(queue_t *self, size_t i) {
    self->entries[i] = self->entries[--self->used];
    // The collector must not take it for a stream that is in use
    memset(&self->entries[self->used], 0, sizeof(entry_t));
}

// The entry of `stream`, or self->used. The task must be in none.
static size_t find_entry(const queue_t *self, mp_obj_t stream, mp_obj_t task) {
    size_t found = self->used;
    for (size_t i = 0; i < self->used; ++i) {
        const entry_t *entry = &self->entries[i];
        if (entry->tasks[READ] == task || entry->tasks[WRITE] == task) {
            raise_already_waits();
        }
        if (entry->stream == stream) {
            found = i;
        }
    }
    return found;
}

static entry_t *enqueue(queue_t *self, mp_obj_t stream, mp_obj_t task, int direction) {
    size_t i = find_entry(self, stream, task);
    if (i == self->used) {
        const mp_stream_p_t *protocol = mp_get_stream_raise(stream, MP_STREAM_OP_IOCTL);
        #if MICROPY_PY_SELECT_POSIX_OPTIMISATIONS
        int error;
        mp_obj_t data = data_of(task);
        mp_uint_t fd = protocol->ioctl(stream, MP_STREAM_GET_FILENO, 0, &error);
        // A stream written in Python may have used the queues meanwhile
        if (find_entry(self, stream, task) != self->used || data_of(task) != data) {
            raise_already_waits();
        }
        if (data == mp_const_none) {
            check_in_no_queue(task);
        }
        i = self->used;
        #else
        (void)protocol;
        #endif
        if (i == self->alloc) {
            self->entries = m_renew(entry_t, self->entries, i, i + GROWTH);
            self->alloc = i + GROWTH;
            memset(&self->entries[i], 0, GROWTH * sizeof(entry_t));
        }
        entry_t *entry = &self->entries[i];
        entry->stream = stream;
        #if MICROPY_PY_SELECT_POSIX_OPTIMISATIONS
        entry->fd = fd == MP_STREAM_ERROR ? -1 : (int)fd;
        #endif
        self->used = i + 1;
    } else if (self->entries[i].tasks[direction] != MP_OBJ_NULL) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("stream already waited for"));
    }
    entry_t *entry = &self->entries[i];
    if (entry->tasks[entry->direction] == MP_OBJ_NULL) {
        entry->step = MP_OBJ_NULL;
    }
    entry->tasks[direction] = task;
    // So that cancel() finds the queue that the task has to be removed from
    mp_store_attr(task, MP_QSTR_data, MP_OBJ_FROM_PTR(self));
    return entry;
}

static mp_uint_t wanted(const entry_t *entry) {
    return (entry->tasks[READ] == MP_OBJ_NULL ? 0 : MP_STREAM_POLL_RD)
           | (entry->tasks[WRITE] == MP_OBJ_NULL ? 0 : MP_STREAM_POLL_WR);
}

// The events that wake the task of the other direction alone.
static const mp_uint_t others[] = { MP_STREAM_POLL_WR, MP_STREAM_POLL_RD };

// Whether entry i, which has events, goes on without its task. A step may use the queue.
static bool go_on(queue_t *self, size_t i, mp_uint_t events) {
    const entry_t *entry = &self->entries[i];
    mp_obj_t stream = entry->stream;
    mp_obj_t step = entry->step;
    if (step == MP_OBJ_NULL || events != others[1 - entry->direction] || entry->tasks[entry->direction] == MP_OBJ_NULL
        || (uint16_t)(tinyweb_ticks_ms() - entry->since) >= STEP_TIME) {
        return false;
    }
    bool more = false;
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        more = mp_call_function_0(step) == mp_const_none;
        nlr_pop();
    }
    // What it has raised, the task will meet itself
    return more || i >= self->used || self->entries[i].stream != stream || self->entries[i].step != step;
}

// The events of entry i have come: an error wakes both tasks. Whether it has woken any.
static bool ready(queue_t *self, size_t i, mp_uint_t events) {
    if (go_on(self, i, events)) {
        return false;
    }
    mp_obj_t *tasks = self->entries[i].tasks;
    for (int direction = READ; direction <= WRITE; ++direction) {
        mp_obj_t task = tasks[direction];
        if ((events & ~others[direction]) != 0 && task != MP_OBJ_NULL) {
            tasks[direction] = MP_OBJ_NULL;
            // Who was put here and then, without a yield, into a queue of asyncio's, is there
            if (data_of(task) == MP_OBJ_FROM_PTR(self)) {
                push(task, MP_OBJ_NULL);
            }
        }
    }
    if (wanted(&self->entries[i]) == 0) {
        remove_entry(self, i);
    }
    return true;
}

// Asks each stream that has no file descriptor; their number, and *found is set if one is ready.
static size_t look(queue_t *self, bool *found) {
    size_t n = 0;
    // Backwards, because removing an entry puts the last one in its place. A stream of the
    // application may be written in Python, and do anything.
    for (size_t i = self->used; i-- > 0;) {
        if (i >= self->used) {
            continue;
        }
        const entry_t *entry = &self->entries[i];
        #if MICROPY_PY_SELECT_POSIX_OPTIMISATIONS
        if (entry->fd >= 0) {
            continue;
        }
        #endif
        ++n;
        mp_obj_t stream = entry->stream;
        int error;
        // A stream that cannot be asked is ready: who uses it gets to know why
        mp_uint_t events = mp_get_stream(stream)->ioctl(stream, MP_STREAM_POLL, wanted(entry), &error);
        if (events != 0 && i < self->used && self->entries[i].stream == stream) {
            *found |= ready(self, i, events);
        }
    }
    return n;
}

// class IOQueue: takes the place of the one in asyncio.core

static mp_obj_t queue_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    (void)args;
    mp_arg_check_num(n_args, n_kw, 0, 0, false);
    queue_t *self = mp_obj_malloc(queue_t, type);
    self->used = self->alloc = 0;
    self->entries = NULL;
    self->found = false;
    return MP_OBJ_FROM_PTR(self);
}

// remove(task): it waits for no stream any more
static mp_obj_t queue_remove(mp_obj_t self_in, mp_obj_t task) {
    queue_t *self = MP_OBJ_TO_PTR(self_in);
    for (size_t i = self->used; i-- > 0;) {
        entry_t *entry = &self->entries[i];
        for (int direction = READ; direction <= WRITE; ++direction) {
            if (entry->tasks[direction] == task) {
                entry->tasks[direction] = MP_OBJ_NULL;
            }
        }
        if (wanted(entry) == 0) {
            remove_entry(self, i);
        }
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(queue_remove_obj, queue_remove);

// The task that runs, which is to be put into a queue. One that is in a queue has begun a wait and has
// not yielded.
static mp_obj_t task_that_waits(void) {
    mp_obj_t task = tinyweb_aio_current_task();
    check_in_no_queue(task);
    return task;
}

static mp_obj_t queue_read(mp_obj_t self_in, mp_obj_t stream) {
    enqueue(MP_OBJ_TO_PTR(self_in), stream, task_that_waits(), READ);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(queue_read_obj, queue_read);

static mp_obj_t queue_write(mp_obj_t self_in, mp_obj_t stream) {
    enqueue(MP_OBJ_TO_PTR(self_in), stream, task_that_waits(), WRITE);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(queue_write_obj, queue_write);

#if MICROPY_PY_SELECT_POSIX_OPTIMISATIONS
// Waits up to `ms`, or without end if that is negative, for the streams with a file descriptor;
// whether one of them is ready. A function of its own, which gives its array back at each return.
static __attribute__((noinline)) bool poll_descriptors(queue_t *self, int ms) {
    size_t n = self->used;
    struct pollfd *fds = alloca(n * sizeof(struct pollfd));
    for (size_t i = 0; i < n; ++i) {
        fds[i].fd = self->entries[i].fd;
        fds[i].events = (short)wanted(&self->entries[i]);
        fds[i].revents = 0;
    }
    MP_THREAD_GIL_EXIT();
    int count = poll(fds, n, ms);
    int error = errno;
    MP_THREAD_GIL_ENTER();
    if (count < 0 && error != EINTR) {
        mp_raise_OSError(error);
    }
    bool found = false;
    while (count > 0 && n-- > 0) {
        // A step may have used the queue
        if (fds[n].revents != 0 && n < self->used && self->entries[n].fd == fds[n].fd) {
            found |= ready(self, n, (mp_uint_t)fds[n].revents);
        }
    }
    return found;
}
#endif

// wait_io_event(dt): wait for a stream, dt ms or, if that is negative, without end
static mp_obj_t queue_wait(mp_obj_t self_in, mp_obj_t dt_in) {
    queue_t *self = MP_OBJ_TO_PTR(self_in);
    mp_int_t dt = mp_obj_get_int(dt_in);
    // After a wait that a stream has ended, asyncio's loop calls again with 0, and no task runs in
    // between: no need to ask all streams twice
    bool again = self->found && dt == 0;
    self->found = false;
    if (again) {
        return mp_const_none;
    }
    mp_uint_t start = tinyweb_ticks_ms();
    for (;;) {
        bool found = false;
        mp_uint_t left = 0;
        if (dt > 0) {
            mp_uint_t elapsed = TINYWEB_TICKS(tinyweb_ticks_ms() - start);
            left = elapsed < (mp_uint_t)dt ? (mp_uint_t)dt - elapsed : 0;
        }
        #if MICROPY_PY_SELECT_POSIX_OPTIMISATIONS
        if (look(self, &found) != 0) {
            left = found ? 0 : MIN(dt < 0 ? LOOK_INTERVAL : left, LOOK_INTERVAL);
        } else if (dt < 0) {
            left = (mp_uint_t)-1;
        }
        found |= poll_descriptors(self, (int)left);
        #else
        look(self, &found);
        #endif
        self->found = found && dt != 0;
        if (found || (dt >= 0 && TINYWEB_TICKS(tinyweb_ticks_ms() - start) >= (mp_uint_t)dt)) {
            return mp_const_none;
        }
        #if MICROPY_PY_SELECT_POSIX_OPTIMISATIONS
        mp_event_handle_nowait();
        #else
        if (dt < 0) {
            mp_event_wait_indefinite();
        } else {
            mp_event_wait_ms(left);
        }
        #endif
    }
}
static MP_DEFINE_CONST_FUN_OBJ_2(queue_wait_obj, queue_wait);

static void queue_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    if (dest[0] == MP_OBJ_NULL) {
        if (attr == MP_QSTR_map) {
            // asyncio.core looks only whether there is anything to wait for
            queue_t *self = MP_OBJ_TO_PTR(self_in);
            dest[0] = MP_OBJ_NEW_SMALL_INT(self->used);
        } else {
            dest[1] = MP_OBJ_SENTINEL;      // a method: look in the table below
        }
    }
}

static const mp_rom_map_elem_t queue_locals_dict_table[] = {
    { MP_ROM_QSTR(MP_QSTR_wait_io_event), MP_ROM_PTR(&queue_wait_obj) },
    { MP_ROM_QSTR(MP_QSTR_queue_read), MP_ROM_PTR(&queue_read_obj) },
    { MP_ROM_QSTR(MP_QSTR_queue_write), MP_ROM_PTR(&queue_write_obj) },
    { MP_ROM_QSTR(MP_QSTR_remove), MP_ROM_PTR(&queue_remove_obj) },
};
static MP_DEFINE_CONST_DICT(queue_locals_dict, queue_locals_dict_table);

static MP_DEFINE_CONST_OBJ_TYPE(
    queue_type,
    MP_QSTR_IOQueue,
    MP_TYPE_FLAG_NONE,
    make_new, queue_make_new,
    attr, queue_attr,
    locals_dict, &queue_locals_dict
    );

// install(asyncio): put the queue in the place of asyncio's, with the tasks that wait there
static mp_obj_t aio_install(mp_obj_t asyncio) {
    mp_obj_t core = mp_load_attr(asyncio, MP_QSTR_core);
    mp_obj_t old = mp_load_attr(core, MP_QSTR__io_queue);
    if (mp_obj_is_type(old, &queue_type)) {
        return mp_const_none;
    }
    mp_obj_t queue = queue_make_new(&queue_type, 0, 0, NULL);
    // {id: [task that reads, task that writes, stream]}
    mp_obj_t waits = mp_load_attr(old, MP_QSTR_map);
    tinyweb_check_type(waits, &mp_type_dict);
    const mp_map_t *map = mp_obj_dict_get_map(waits);
    for (size_t i = 0; i < map->alloc; ++i) {
        if (mp_map_slot_is_filled(map, i)) {
            mp_obj_t *items;
            mp_obj_get_array_fixed_n(map->table[i].value, 3, &items);
            for (int direction = READ; direction <= WRITE; ++direction) {
                if (items[direction] != mp_const_none) {
                    tinyweb_aio_check_task(items[direction]);
                    enqueue(MP_OBJ_TO_PTR(queue), items[2], items[direction], direction);
                }
            }
        }
    }
    // Both names of the class, so that its memory becomes free
    mp_obj_t type = MP_OBJ_FROM_PTR(&queue_type);
    mp_store_attr(asyncio, MP_QSTR_IOQueue, type);
    mp_store_attr(core, MP_QSTR_IOQueue, type);
    mp_store_attr(core, MP_QSTR__io_queue, queue);
    #if TINYWEB_BACKGROUND
    tinyweb_background_install(core);
    #endif
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(aio_install_obj, aio_install);

static const mp_obj_type_t wait_type;
static const mp_obj_base_t wait_readable = { &wait_type };
static const mp_obj_base_t wait_writable = { &wait_type };
static const mp_obj_base_t wait_ready = { &wait_type };
static const mp_obj_base_t wait_parked = { &wait_type };

// The task that has called one of the functions below, what for, which one it was, and its step.
MP_REGISTER_ROOT_POINTER(mp_obj_t tinyweb_aio_wait[4]);

// What a task goes through by `yield from`: there is one object for each kind of wait. What the
// wait is for is kept from its call until it is stepped into, which is when the caller yields.
static mp_obj_t make_wait(const mp_obj_base_t *wait, mp_obj_t argument) {
    MP_STATE_VM(tinyweb_aio_wait)[0] = tinyweb_aio_current_task();
    MP_STATE_VM(tinyweb_aio_wait)[1] = argument;
    MP_STATE_VM(tinyweb_aio_wait)[3] = MP_OBJ_NULL;
    return MP_STATE_VM(tinyweb_aio_wait)[2] = MP_OBJ_FROM_PTR(wait);
}

// The first step puts the task into a queue, the second one, when it was taken out, ends the wait.
static mp_obj_t wait_iternext(mp_obj_t self_in) {
    mp_obj_t task = tinyweb_aio_current_task();
    if (MP_STATE_VM(tinyweb_aio_wait)[0] != task) {
        return MP_OBJ_STOP_ITERATION;
    }
    MP_STATE_VM(tinyweb_aio_wait)[0] = MP_OBJ_NULL;
    mp_obj_t argument = MP_STATE_VM(tinyweb_aio_wait)[1];
    if (MP_STATE_VM(tinyweb_aio_wait)[2] != self_in) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("a wait is made and yielded in one expression"));
    }
    check_in_no_queue(task);
    const mp_obj_base_t *wait = MP_OBJ_TO_PTR(self_in);
    if (wait == &wait_readable || wait == &wait_writable) {
        queue_t *queue = current_queue();
        mp_obj_t step = MP_STATE_VM(tinyweb_aio_wait)[3];
        int direction = wait == &wait_readable ? READ : WRITE;
        entry_t *entry = enqueue(queue, argument, task, direction);
        // One is enough: the other task of the stream runs each time
        if (step != MP_OBJ_NULL && entry->step == MP_OBJ_NULL) {
            entry->step = step;
            entry->direction = (uint16_t)direction;
            entry->since = (uint16_t)tinyweb_ticks_ms();
        }
    } else if (wait == &wait_parked) {
        // cancel() asks the queue that `data` names to remove the task; ours does nothing then
        mp_store_attr(task, MP_QSTR_data, MP_OBJ_FROM_PTR(current_queue()));
    } else {
        push(task, argument);
    }
    return mp_const_none;
}

static MP_DEFINE_CONST_OBJ_TYPE(
    wait_type,
    MP_QSTR_generator,
    MP_TYPE_FLAG_ITER_IS_ITERNEXT,
    iter, wait_iternext
    );

mp_obj_t tinyweb_aio_readable(mp_obj_t stream) {
    return make_wait(&wait_readable, stream);
}

static mp_obj_t wait_with_step(const mp_obj_base_t *kind, size_t n_args, const mp_obj_t *args) {
    mp_obj_t wait = make_wait(kind, args[0]);
    if (n_args > 1 && args[1] != mp_const_none) {
        MP_STATE_VM(tinyweb_aio_wait)[3] = args[1];
    }
    return wait;
}

// readable(stream, step=None): wait until `stream` can be read. step: called then in the place of the task,
// which goes on waiting for as long as that returns None, and for STEP_TIME at most.
static mp_obj_t aio_readable(size_t n_args, const mp_obj_t *args) {
    return wait_with_step(&wait_readable, n_args, args);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(aio_readable_obj, 1, 2, aio_readable);

// writable(stream, step=None): the same until it can be written
static mp_obj_t aio_writable(size_t n_args, const mp_obj_t *args) {
    return wait_with_step(&wait_writable, n_args, args);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(aio_writable_obj, 1, 2, aio_writable);

// pass_on(): let the tasks run first that are ready
mp_obj_t tinyweb_aio_pass_on(void) {
    return make_wait(&wait_ready, MP_OBJ_NULL);
}
static MP_DEFINE_CONST_FUN_OBJ_0(aio_pass_on_obj, tinyweb_aio_pass_on);

// pause(ms): wait for that time
static mp_obj_t aio_pause(mp_obj_t ms) {
    return make_wait(&wait_ready, MP_OBJ_NEW_SMALL_INT(TINYWEB_TICKS(tinyweb_ticks_ms() + (mp_uint_t)mp_obj_get_int(ms))));
}
static MP_DEFINE_CONST_FUN_OBJ_1(aio_pause_obj, aio_pause);

// park(): wait in no queue until arm(), wake() or cancel()
mp_obj_t tinyweb_aio_park(void) {
    return make_wait(&wait_parked, MP_OBJ_NULL);
}
static MP_DEFINE_CONST_FUN_OBJ_0(aio_park_obj, tinyweb_aio_park);

// waits(task=None): whether `task` is in a queue; of the current one, that what it yields next is a wait
static mp_obj_t aio_waits(size_t n_args, const mp_obj_t *args) {
    if (n_args != 0) {
        tinyweb_aio_check_task(args[0]);
    }
    return mp_obj_new_bool(tinyweb_aio_waits(n_args == 0 ? tinyweb_aio_current_task() : args[0]));
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(aio_waits_obj, 0, 1, aio_waits);

// Whether `task` is parked, or waits for a stream: it is in no queue of asyncio's then.
bool tinyweb_aio_is_parked(mp_obj_t task) {
    return data_of(task) == MP_OBJ_FROM_PTR(current_queue());
}

// wake(task): make a task ready to run that is parked, pauses, or waits for a stream. One that runs,
// is ready, cancelled, or waits for another task is left as it is.
static mp_obj_t aio_wake(mp_obj_t task) {
    tinyweb_aio_check_task(task);
    mp_obj_t data = data_of(task);
    if (task == core_get(MP_QSTR_cur_task)) {
        return mp_const_none;
    }
    if (tinyweb_aio_is_parked(task)) {
        queue_remove(data, task);
    } else if (data == mp_const_none && tinyweb_aio_waits(task)) {
        tinyweb_call(core_get(MP_QSTR__task_queue), MP_QSTR_remove, 1, &task);
    } else {
        return mp_const_none;
    }
    push(task, MP_OBJ_NULL);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(aio_wake_obj, aio_wake);

mp_obj_t tinyweb_aio_arm(mp_obj_t task, mp_obj_t stream) {
    if (task == core_get(MP_QSTR_cur_task)) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("the task that runs cannot be armed"));
    }
    enqueue(current_queue(), stream, task, READ);
    return mp_const_none;
}

// arm(task, stream): let a parked task wait until `stream` can be read, without running it first
static mp_obj_t aio_arm(mp_obj_t task, mp_obj_t stream) {
    tinyweb_aio_check_task(task);
    if (!tinyweb_aio_is_parked(task)) {
        check_in_no_queue(task);
    }
    return tinyweb_aio_arm(task, stream);
}
static MP_DEFINE_CONST_FUN_OBJ_2(aio_arm_obj, aio_arm);

// disarm(task): park a task that waits for a stream. False if it is ready to run, or waits for else
static mp_obj_t aio_disarm(mp_obj_t task) {
    tinyweb_aio_check_task(task);
    if (!tinyweb_aio_is_parked(task)) {
        return mp_const_false;
    }
    queue_remove(MP_OBJ_FROM_PTR(current_queue()), task);
    return mp_const_true;
}
static MP_DEFINE_CONST_FUN_OBJ_1(aio_disarm_obj, aio_disarm);

bool tinyweb_aio_ready(mp_obj_t stream) {
    const mp_stream_p_t *protocol = mp_get_stream_raise(stream, MP_STREAM_OP_IOCTL);
    int error;
    #if MICROPY_PY_SELECT_POSIX_OPTIMISATIONS
    mp_uint_t fd = protocol->ioctl(stream, MP_STREAM_GET_FILENO, 0, &error);
    if (fd != MP_STREAM_ERROR) {
        struct pollfd one = { .fd = (int)fd, .events = POLLIN, .revents = 0 };
        return poll(&one, 1, 0) > 0;
    }
    #endif
    return protocol->ioctl(stream, MP_STREAM_POLL, MP_STREAM_POLL_RD, &error) != 0;
}

// ready(stream): whether it can be read without waiting, as far as it tells
static mp_obj_t aio_ready(mp_obj_t stream) {
    return mp_obj_new_bool(tinyweb_aio_ready(stream));
}
static MP_DEFINE_CONST_FUN_OBJ_1(aio_ready_obj, aio_ready);

bool tinyweb_aio_is_read(mp_obj_t stream) {
    const queue_t *self = current_queue();
    for (size_t i = 0; i < self->used; ++i) {
        if (self->entries[i].stream == stream) {
            return self->entries[i].tasks[READ] != MP_OBJ_NULL;
        }
    }
    return false;
}

// is_read(stream): whether a task waits until it can be read
static mp_obj_t aio_is_read(mp_obj_t stream) {
    return mp_obj_new_bool(tinyweb_aio_is_read(stream));
}
static MP_DEFINE_CONST_FUN_OBJ_1(aio_is_read_obj, aio_is_read);

// cancel(task): cancel it unless it is the one that runs now; True if it was cancelled
static mp_obj_t aio_cancel(mp_obj_t task) {
    tinyweb_aio_check_task(task);
    // Between two runs of the loop there is no current task
    if (task == core_get(MP_QSTR_cur_task)) {
        return mp_const_false;
    }
    return tinyweb_call(task, MP_QSTR_cancel, 0, NULL);
}
static MP_DEFINE_CONST_FUN_OBJ_1(aio_cancel_obj, aio_cancel);

// Whether a coroutine is in the middle of a step. What a generator has behind its type says so
// (py/objgenerator.c): it is no object then.
static bool is_running(mp_obj_t coro) {
    return tinyweb_parts_is_running(coro)
           || (mp_obj_is_type(coro, &mp_type_gen_instance) && ((mp_obj_t *)MP_OBJ_TO_PTR(coro))[1] == MP_OBJ_NULL);
}

// leave(): take the task that runs out of the queue that it is in, as it has begun a wait by hand and
// has not yielded: or no other wait could ever begin
static mp_obj_t aio_leave(void) {
    mp_obj_t task = tinyweb_aio_current_task();
    mp_obj_t data = data_of(task);
    if (!is_running(mp_load_attr(task, MP_QSTR_coro))) {
        return mp_const_none;       // the loop asks a stream, and the task waits rightly
    }
    if (data != mp_const_none) {
        // Another queue, that of a task that it waits for, or anything that has been put there, finds
        // out at its next turn that the task does not wait any more
        if (mp_obj_is_type(data, &queue_type)) {
            queue_remove(data, task);
        }
        mp_store_attr(task, MP_QSTR_data, mp_const_none);
    } else if (tinyweb_aio_waits(task)) {
        tinyweb_call(core_get(MP_QSTR__task_queue), MP_QSTR_remove, 1, &task);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(aio_leave_obj, aio_leave);

void tinyweb_aio_ends(mp_obj_t coro) {
    mp_obj_t task = mp_asyncio_context == MP_OBJ_NULL ? mp_const_none : core_get(MP_QSTR_cur_task);
    if (task != mp_const_none && mp_load_attr(task, MP_QSTR_coro) == coro) {
        aio_leave();
    }
}

// loop_left(): tell asyncio that its loop was left by an exception, which it does not notice itself
static mp_obj_t aio_loop_left(void) {
    // KeyboardInterrupt leaves cur_task set, and a task that is "current" cannot be cancelled
    mp_obj_t task = core_get(MP_QSTR_cur_task);
    if (task != mp_const_none && is_running(mp_load_attr(task, MP_QSTR_coro))) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("the loop runs"));
    }
    mp_obj_dict_store(mp_asyncio_context, MP_OBJ_NEW_QSTR(MP_QSTR_cur_task), mp_const_none);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(aio_loop_left_obj, aio_loop_left);

void tinyweb_aio_mend(void) {
    // An import that cannot make the module leaves its name in sys.modules, without an object:
    // who imports it later gets nothing, and uses that
    mp_map_t *modules = &MP_STATE_VM(mp_loaded_modules_dict).map;
    for (size_t i = 0; i < modules->alloc; ++i) {
        if (mp_map_slot_is_filled(modules, i) && modules->table[i].value == MP_OBJ_NULL) {
            mp_map_lookup(modules, modules->table[i].key, MP_MAP_LOOKUP_REMOVE_IF_FOUND);
        }
    }
}

// mend(): forget the modules whose import has found no memory
static mp_obj_t aio_mend(void) {
    tinyweb_aio_mend();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(aio_mend_obj, aio_mend);

static const mp_rom_map_elem_t aio_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_aio) },
    { MP_ROM_QSTR(MP_QSTR_readable), MP_ROM_PTR(&aio_readable_obj) },
    { MP_ROM_QSTR(MP_QSTR_writable), MP_ROM_PTR(&aio_writable_obj) },
    { MP_ROM_QSTR(MP_QSTR_park), MP_ROM_PTR(&aio_park_obj) },
    { MP_ROM_QSTR(MP_QSTR_waits), MP_ROM_PTR(&aio_waits_obj) },
    { MP_ROM_QSTR(MP_QSTR_generator), MP_ROM_PTR(&mp_type_gen_instance) },
    { MP_ROM_QSTR(MP_QSTR_arm), MP_ROM_PTR(&aio_arm_obj) },
    { MP_ROM_QSTR(MP_QSTR_pass_on), MP_ROM_PTR(&aio_pass_on_obj) },
    { MP_ROM_QSTR(MP_QSTR_wake), MP_ROM_PTR(&aio_wake_obj) },
    { MP_ROM_QSTR(MP_QSTR_pause), MP_ROM_PTR(&aio_pause_obj) },
    { MP_ROM_QSTR(MP_QSTR_disarm), MP_ROM_PTR(&aio_disarm_obj) },
    { MP_ROM_QSTR(MP_QSTR_ready), MP_ROM_PTR(&aio_ready_obj) },
    { MP_ROM_QSTR(MP_QSTR_is_read), MP_ROM_PTR(&aio_is_read_obj) },
    { MP_ROM_QSTR(MP_QSTR_cancel), MP_ROM_PTR(&aio_cancel_obj) },
    { MP_ROM_QSTR(MP_QSTR_leave), MP_ROM_PTR(&aio_leave_obj) },
    { MP_ROM_QSTR(MP_QSTR_mend), MP_ROM_PTR(&aio_mend_obj) },
    { MP_ROM_QSTR(MP_QSTR_loop_left), MP_ROM_PTR(&aio_loop_left_obj) },
    { MP_ROM_QSTR(MP_QSTR_accept), MP_ROM_PTR(&tinyweb_accept_obj) },
    { MP_ROM_QSTR(MP_QSTR_install), MP_ROM_PTR(&aio_install_obj) },
    #if TINYWEB_BACKGROUND
    { MP_ROM_QSTR(MP_QSTR_turns), MP_ROM_PTR(&tinyweb_type_turns) },
    #endif
};
static MP_DEFINE_CONST_DICT(aio_globals, aio_globals_table);

const mp_obj_module_t tinyweb_aio_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&aio_globals,
};
