// SPDX-License-Identifier: MIT
//
// Turns of asyncio's loop while the prompt waits or a program works, which tinyweb.background has made.

#include "py/gc.h"
#include "py/ringbuf.h"
#include "py/runtime.h"
#include "py/smallint.h"
#include "py/stackctrl.h"
#include "shared/runtime/interrupt_char.h"

#include "modtinyweb.h"

#if TINYWEB_BACKGROUND

// What a turn needs of the stack, in bytes: where the program has left less, tasks wait.
#define STACK (3072)

#define NO_CHAR (-1)

// The globals of asyncio.core, known since it made the first task.
extern mp_obj_t mp_asyncio_context;
// What has been typed; the ports' headers that declare it need the vendor's SDK.
extern ringbuf_t stdin_ringbuf;

// What is known of asyncio's loop. In the heap: a module has no variables in RAM.
typedef struct _tinyweb_loop_t {
    mp_obj_t run;           // core.run_until_complete as asyncio has it
    mp_obj_t last;          // the task that ends a turn, or MP_OBJ_NULL
    int interrupt_char;     // what Ctrl-C is to the program, while a turn goes on; else NO_CHAR
    bool runs;              // the loop, or a turn of it
    bool interrupted;       // Ctrl-C was typed during a turn
} loop_t;

MP_REGISTER_ROOT_POINTER(struct _tinyweb_loop_t *tinyweb_loop);

static mp_obj_t core_get(qstr name) {
    return mp_obj_dict_get(mp_asyncio_context, MP_OBJ_NEW_QSTR(name));
}

static void core_set(qstr name, mp_obj_t value) {
    mp_obj_dict_store(mp_asyncio_context, MP_OBJ_NEW_QSTR(name), value);
}

// Takes the place of core.run_until_complete(main_task=None): between two tasks the loop cannot be told
// from one that an exception has ended.
static mp_obj_t run(size_t n_args, const mp_obj_t *args) {
    loop_t *loop = MP_STATE_VM(tinyweb_loop);
    bool outer = loop->runs;
    loop->runs = true;
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_obj_t value = mp_call_function_n_kw(loop->run, n_args, 0, args);
        nlr_pop();
        loop->runs = outer;
        return value;
    }
    loop->runs = outer;
    if (!outer) {
        core_set(MP_QSTR_cur_task, mp_const_none);
    }
    nlr_jump(nlr.ret_val);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(run_obj, 0, 1, run);

void tinyweb_background_install(mp_obj_t core) {
    loop_t *loop = m_new_obj(loop_t);
    loop->run = mp_load_attr(core, MP_QSTR_run_until_complete);
    loop->last = MP_OBJ_NULL;
    loop->interrupt_char = NO_CHAR;
    loop->runs = loop->interrupted = false;
    MP_STATE_VM(tinyweb_loop) = loop;
    mp_store_attr(core, MP_QSTR_run_until_complete, MP_OBJ_FROM_PTR(&run_obj));
}

bool tinyweb_background_interrupts(int c) {
    loop_t *loop = MP_STATE_VM(tinyweb_loop);
    if (c == NO_CHAR || c != loop->interrupt_char) {
        return false;
    }
    loop->interrupted = true;
    return true;
}

// Takes `c` out of what has been typed; whether it was there. The interrupt puts behind the end only.
static bool take_typed(int c) {
    ringbuf_t *typed = &stdin_ringbuf;
    bool found = false;
    for (uint16_t i = typed->iget, end = typed->iput; i != end; i = i + 1 == typed->size ? 0 : i + 1) {
        if (typed->buf[i] != c) {
            continue;
        }
        found = true;
        // What is before it moves on by one.
        for (uint16_t to = i; to != typed->iget;) {
            uint16_t from = to == 0 ? typed->size - 1 : to - 1;
            typed->buf[to] = typed->buf[from];
            to = from;
        }
        typed->iget = typed->iget + 1 == typed->size ? 0 : typed->iget + 1;
    }
    return found;
}

static bool is_due(void) {
    mp_obj_t head = tinyweb_call(core_get(MP_QSTR__task_queue), MP_QSTR_peek, 0, NULL);
    if (head == mp_const_none) {
        return false;
    }
    mp_uint_t due = (mp_uint_t)mp_obj_get_int(mp_load_attr(head, MP_QSTR_ph_key));
    return TINYWEB_TICKS(tinyweb_ticks_ms() - due) < MICROPY_PY_TIME_TICKS_PERIOD / 2;
}

// Without a task that is due, looking at the sockets costs no memory.
static bool has_work(void) {
    if (is_due()) {
        return true;
    }
    mp_obj_t zero = MP_OBJ_NEW_SMALL_INT(0);
    tinyweb_call(core_get(MP_QSTR__io_queue), MP_QSTR_wait_io_event, 1, &zero);
    return is_due();
}

// Runs the tasks that are due: those before the last one, which ends at once. It is the same each time.
static void run_tasks(loop_t *loop) {
    mp_obj_t last = loop->last;
    if (last == MP_OBJ_NULL) {
        last = mp_call_function_2(core_get(MP_QSTR_Task), MP_OBJ_FROM_PTR(&tinyweb_done_obj), mp_asyncio_context);
        loop->last = last;
    }
    mp_obj_t queue = core_get(MP_QSTR__task_queue);
    mp_store_attr(last, MP_QSTR_data, mp_const_none);
    mp_store_attr(last, MP_QSTR_state, mp_const_true);
    tinyweb_call(queue, MP_QSTR_push, 1, &last);
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_call_function_1(loop->run, last);
        nlr_pop();
    } else {
        // Such as SystemExit. What is in the queue must not be put there again.
        if (tinyweb_aio_waits(last)) {
            tinyweb_call(queue, MP_QSTR_remove, 1, &last);
        }
        core_set(MP_QSTR_cur_task, mp_const_none);
        nlr_jump(nlr.ret_val);
    }
    core_set(MP_QSTR_cur_task, mp_const_none);
}

typedef struct {
    mp_obj_base_t base;
    mp_obj_t timer;
    mp_obj_t period;
} turns_t;

static mp_obj_t turns_stop(mp_obj_t self_in) {
    turns_t *self = MP_OBJ_TO_PTR(self_in);
    return tinyweb_call(self->timer, MP_QSTR_deinit, 0, NULL);
}
static MP_DEFINE_CONST_FUN_OBJ_1(turns_stop_obj, turns_stop);

// What has been scheduled may yet be called.
static mp_obj_t turns_del(mp_obj_t self_in) {
    turns_t *self = MP_OBJ_TO_PTR(self_in);
    turns_stop(self_in);
    self->timer = MP_OBJ_NULL;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(turns_del_obj, turns_del);

static mp_obj_t turns_start(mp_obj_t self_in) {
    turns_t *self = MP_OBJ_TO_PTR(self_in);
    mp_obj_t args[2 + 2 * 2];
    mp_load_method(self->timer, MP_QSTR_init, args);
    args[2] = MP_OBJ_NEW_QSTR(MP_QSTR_period);
    args[3] = self->period;
    args[4] = MP_OBJ_NEW_QSTR(MP_QSTR_callback);
    args[5] = self_in;
    return mp_call_method_n_kw(0, 2, args);
}
static MP_DEFINE_CONST_FUN_OBJ_1(turns_start_obj, turns_start);

static void make_turn(loop_t *loop, turns_t *turns) {
    if (!has_work()) {
        return;
    }
    if (turns != NULL) {
        // A turn that takes long would fill the scheduler's queue, where others have their callbacks.
        turns_stop(MP_OBJ_FROM_PTR(turns));
    }
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        run_tasks(loop);
        nlr_pop();
        nlr.ret_val = NULL;
    }
    if (turns != NULL) {
        turns_start(MP_OBJ_FROM_PTR(turns));
    }
    if (nlr.ret_val != NULL) {
        nlr_jump(nlr.ret_val);
    }
}

static bool can_turn(const loop_t *loop) {
    if (loop == NULL || loop->runs || mp_asyncio_context == MP_OBJ_NULL) {
        return false;
    }
    // A loop that was there before tinyweb is known by its task alone.
    return core_get(MP_QSTR_cur_task) == mp_const_none && !gc_is_locked()
           && mp_stack_usage() + STACK <= MP_STATE_THREAD(stack_limit);
}

// Ctrl-C is meant for the program, not for a task: during a turn it is a character like others.
static void hold_interrupt(loop_t *loop) {
    loop->interrupt_char = mp_interrupt_char;
    mp_interrupt_char = NO_CHAR;
}

static void release_interrupt(loop_t *loop) {
    int interrupt_char = loop->interrupt_char;
    loop->interrupt_char = NO_CHAR;
    if (mp_interrupt_char == NO_CHAR) {
        mp_interrupt_char = interrupt_char;     // no task has set another
    }
    if ((interrupt_char != NO_CHAR && take_typed(interrupt_char)) || loop->interrupted) {
        loop->interrupted = false;
        mp_sched_keyboard_interrupt();
    }
}

static bool turn(turns_t *turns) {
    loop_t *loop = MP_STATE_VM(tinyweb_loop);
    if (!can_turn(loop)) {
        return false;
    }
    hold_interrupt(loop);
    loop->runs = true;
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        if (MP_STATE_MAIN_THREAD(mp_pending_exception) == MP_OBJ_NULL) {
            make_turn(loop, turns);
        }
        nlr_pop();
        nlr.ret_val = NULL;
    }
    loop->runs = false;
    release_interrupt(loop);
    if (nlr.ret_val != NULL) {
        nlr_jump(nlr.ret_val);
    }
    return true;
}

bool tinyweb_background_turn(void) {
    return turn(NULL);
}

// turns(timer, period): gives asyncio's loop a turn each `period` ms by a machine.Timer, from start() to
// stop(). A timer goes on after a soft reset, when its memory is another's: the finaliser ends it.

static mp_obj_t turns_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 2, 2, false);
    turns_t *self = mp_obj_malloc_with_finaliser(turns_t, type);
    self->timer = args[0];
    self->period = args[1];
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t turns_call(mp_obj_t self_in, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    (void)args;
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    turns_t *self = MP_OBJ_TO_PTR(self_in);
    if (self->timer != MP_OBJ_NULL) {
        turn(self);
    }
    return mp_const_none;
}

static const mp_rom_map_elem_t turns_locals_dict_table[] = {
    { MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&turns_del_obj) },
    { MP_ROM_QSTR(MP_QSTR_start), MP_ROM_PTR(&turns_start_obj) },
    { MP_ROM_QSTR(MP_QSTR_stop), MP_ROM_PTR(&turns_stop_obj) },
};
static MP_DEFINE_CONST_DICT(turns_locals_dict, turns_locals_dict_table);

MP_DEFINE_CONST_OBJ_TYPE(
    tinyweb_type_turns,
    MP_QSTR_turns,
    MP_TYPE_FLAG_NONE,
    make_new, turns_make_new,
    call, turns_call,
    locals_dict, &turns_locals_dict
    );

#endif // TINYWEB_BACKGROUND
