// SPDX-License-Identifier: MIT
//
// The coroutine of a slot's task. Whoever waits, in whatever depth, yields None when the task is in
// a queue; whatever else is yielded is a part of the response's body. So a handler may be or return
// a generator, and neither the server nor a handler that is no generator does anything for it.

#include "py/objgenerator.h"
#include "py/runtime.h"

#include "modtinyweb.h"

typedef struct {
    mp_obj_base_t base;
    mp_obj_t coro;
    mp_obj_t slot;
    mp_obj_t sending;       // the coroutine that sends a part, or MP_OBJ_NULL
    bool collected;         // a part may be in the buffer still
    bool running;           // in the middle of a step
} parts_t;

static const mp_obj_type_t parts_type;

// parts(coro, slot)
static mp_obj_t parts_new(mp_obj_t coro, mp_obj_t slot) {
    if (tinyweb_aio_is_task(coro)) {
        // To step into one does not look whether somebody awaits it
        mp_raise_TypeError(MP_ERROR_TEXT("a coroutine expected, not a task"));
    }
    parts_t *self = mp_obj_malloc(parts_t, &parts_type);
    self->coro = coro;
    self->slot = slot;
    self->sending = MP_OBJ_NULL;
    self->collected = self->running = false;
    return MP_OBJ_FROM_PTR(self);
}
MP_DEFINE_CONST_FUN_OBJ_2(tinyweb_parts_obj, parts_new);

bool tinyweb_parts_is_running(mp_obj_t coro) {
    return mp_obj_is_type(coro, &parts_type) && ((const parts_t *)MP_OBJ_TO_PTR(coro))->running;
}

// Sends a part, or leaves a coroutine in self->sending that does. What sending raises is
// returned: it goes to the coroutine that has yielded the part.
static mp_obj_t send_part(parts_t *self, mp_obj_t part) {
    if (part == mp_const_none) {
        // Nothing would ever wake the task
        return mp_obj_new_exception_msg(&mp_type_TypeError, MP_ERROR_TEXT("a part of a body is str or bytes, not None"));
    }
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) {
        return MP_OBJ_FROM_PTR(nlr.ret_val);
    }
    mp_obj_t sending = tinyweb_response_part(mp_load_attr(self->slot, MP_QSTR_response), part);
    if (sending != MP_OBJ_FROM_PTR(&tinyweb_done_obj)) {
        self->sending = sending;
    }
    self->collected = true;
    nlr_pop();
    return MP_OBJ_NULL;
}

// A generator that pauses wants its parts to be seen.
static void flush(parts_t *self) {
    self->collected = false;
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        tinyweb_response_push(self->slot);
        nlr_pop();
    }
    // Otherwise the client has gone: the next part will find out
}

static mp_obj_t resume(parts_t *self, mp_obj_t thrown) {
    mp_obj_t value = thrown == MP_OBJ_NULL ? mp_const_none : MP_OBJ_NULL;
    for (;;) {
        bool sending = self->sending != MP_OBJ_NULL;
        mp_obj_t result;
        mp_vm_return_kind_t kind = mp_resume(sending ? self->sending : self->coro, value, thrown, &result);
        value = mp_const_none;
        thrown = MP_OBJ_NULL;
        if (kind == MP_VM_RETURN_YIELD) {
            if (sending || (result == mp_const_none && tinyweb_aio_waits(tinyweb_aio_current_task()))) {
                if (self->collected && !sending) {
                    flush(self);
                }
                return mp_const_none;
            }
            thrown = send_part(self, result);
        } else if (sending) {
            self->sending = MP_OBJ_NULL;
            if (kind == MP_VM_RETURN_EXCEPTION) {
                thrown = result;
            }
        } else if (kind == MP_VM_RETURN_NORMAL) {
            mp_raise_StopIteration(result == mp_const_none ? MP_OBJ_NULL : result);
        } else {
            nlr_raise(result);
        }
        if (thrown != MP_OBJ_NULL) {
            value = MP_OBJ_NULL;
        }
    }
}

static mp_obj_t step(mp_obj_t self_in, mp_obj_t thrown) {
    parts_t *self = MP_OBJ_TO_PTR(self_in);
    if (self->running) {
        mp_raise_ValueError(MP_ERROR_TEXT("generator already executing"));
    }
    self->running = true;
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) {
        // A wait that was begun by hand, without a yield, would outlive the task
        tinyweb_aio_ends(self_in);
        self->running = false;
        nlr_jump(nlr.ret_val);
    }
    mp_obj_t yielded = resume(self, thrown);
    nlr_pop();
    self->running = false;
    return yielded;
}

static mp_obj_t parts_send(mp_obj_t self_in, mp_obj_t value) {
    (void)value;
    return step(self_in, MP_OBJ_NULL);
}
static MP_DEFINE_CONST_FUN_OBJ_2(parts_send_obj, parts_send);

static mp_obj_t parts_throw(mp_obj_t self_in, mp_obj_t exception) {
    return step(self_in, exception);
}
static MP_DEFINE_CONST_FUN_OBJ_2(parts_throw_obj, parts_throw);

static const mp_rom_map_elem_t parts_locals_dict_table[] = {
    { MP_ROM_QSTR(MP_QSTR_send), MP_ROM_PTR(&parts_send_obj) },
    { MP_ROM_QSTR(MP_QSTR_throw), MP_ROM_PTR(&parts_throw_obj) },
};
static MP_DEFINE_CONST_DICT(parts_locals_dict, parts_locals_dict_table);

static MP_DEFINE_CONST_OBJ_TYPE(
    parts_type,
    MP_QSTR_generator,
    MP_TYPE_FLAG_NONE,
    locals_dict, &parts_locals_dict
    );
