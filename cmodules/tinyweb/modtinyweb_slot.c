// SPDX-License-Identifier: MIT
//
// The record of a slot, and what of its work is done in C. What a slot is and does, its states and
// its methods are in the class that slot() is given: frozen/tinyweb/connection.py.

#include "py/objtype.h"
#include "py/runtime.h"

#include "extmod/modtime.h"

#include "modhttpparse.h"
#include "modtinyweb.h"
#include "modtinyweb_request.h"

enum {
    SLOT_SERVER,
    SLOT_PARSER,
    SLOT_WRITER,
    SLOT_REQUEST,           // what the handler of this request gets, made when it is first needed
    SLOT_RESPONSE,          // the same
    SLOT_STATE,             // str, a qstr; see connection.py
    SLOT_DEADLINE,          // this and what is above cannot be changed
    SLOT_SOCK,
    SLOT_LIMIT,             // this and the next two are explained in connection.py
    SLOT_LATE,
    SLOT_CANCELS,
    SLOT_TASK,
    SLOT_GUEST,             // what has taken the connection over; see tinyweb.guest
    SLOT_TRANSPORT,         // with TLS, the socket below
    SLOT_NAMES,
    // What has no name in Python: the classes, and the record of this slot's responses
    SLOT_CLASS = SLOT_NAMES,
    SLOT_REQUEST_CLASS,
    SLOT_RESPONSE_CLASS,
    SLOT_RESPONSE_RECORD,
    SLOT_FIELDS,
};

static const uint32_t slot_names[] = {
    MP_QSTR_server, MP_QSTR_parser, MP_QSTR_writer, MP_QSTR_request, MP_QSTR_response,
    MP_QSTR_state, MP_QSTR_deadline, MP_QSTR_sock, MP_QSTR_limit, MP_QSTR_late, MP_QSTR_cancels,
    MP_QSTR_task, MP_QSTR_guest, MP_QSTR_transport,
};

// States that C knows itself.
#define STATE(name) MP_OBJ_NEW_QSTR(MP_QSTR_##name)

static tinyweb_record_t *slot_of(mp_obj_t slot) {
    tinyweb_check_type(slot, &tinyweb_type_slot);
    return MP_OBJ_TO_PTR(slot);
}

static tinyweb_record_t *request_record(const tinyweb_record_t *self) {
    return tinyweb_response_request(MP_OBJ_TO_PTR(self->fields[SLOT_RESPONSE_RECORD]));
}

mp_obj_t tinyweb_slot_request_class(mp_obj_t slot) {
    const tinyweb_record_t *self = MP_OBJ_TO_PTR(slot);
    return self->fields[SLOT_REQUEST_CLASS];
}

mp_obj_t tinyweb_slot_response_class(mp_obj_t slot) {
    const tinyweb_record_t *self = MP_OBJ_TO_PTR(slot);
    return self->fields[SLOT_RESPONSE_CLASS];
}

// The handle of this request's record, or of its response's.
static mp_obj_t handle(tinyweb_record_t *self, size_t field) {
    if (self->fields[field] == MP_OBJ_NULL) {
        self->fields[field] = field == SLOT_REQUEST
            ? tinyweb_handle_new(&tinyweb_type_request, request_record(self))
            : tinyweb_handle_new(&tinyweb_type_response, MP_OBJ_TO_PTR(self->fields[SLOT_RESPONSE_RECORD]));
    }
    return self->fields[field];
}

static void slot_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    tinyweb_record_t *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] == MP_OBJ_NULL && (attr == MP_QSTR_request || attr == MP_QSTR_response)) {
        dest[0] = handle(self, attr == MP_QSTR_request ? SLOT_REQUEST : SLOT_RESPONSE);
    } else if (attr == MP_QSTR_peer) {
        // It has one place, where applications find it
        tinyweb_request_peer(request_record(self), dest);
    } else {
        tinyweb_record_attr(self_in, attr, dest, slot_names, SLOT_DEADLINE + 1, SLOT_NAMES);
        if (dest[1] == MP_OBJ_SENTINEL) {
            tinyweb_record_method(self_in, self->fields[SLOT_CLASS], attr, dest);
        }
    }
}

// slot(class, request, response, server): a slot whose methods are those of `class`. Its requests and
// responses have theirs from the classes `request` and `response`.
static mp_obj_t slot_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 4, 4, false);
    for (size_t i = 0; i < 3; ++i) {
        tinyweb_check_type(args[i], &mp_type_type);
        // The methods of others do not look at what they are called with
        if (!mp_obj_is_instance_type((const mp_obj_type_t *)MP_OBJ_TO_PTR(args[i]))) {
            mp_raise_TypeError(MP_ERROR_TEXT("a class written in Python expected"));
        }
    }
    mp_obj_t self_in = tinyweb_record_new(type, SLOT_FIELDS);
    tinyweb_record_t *self = MP_OBJ_TO_PTR(self_in);
    mp_obj_t *fields = self->fields;
    mp_obj_t size = mp_load_attr(args[3], MP_QSTR_buffer_size);
    for (size_t i = 0; i < 3; ++i) {
        fields[SLOT_CLASS + i] = args[i];
    }
    fields[SLOT_SERVER] = args[3];
    fields[SLOT_STATE] = STATE(free);
    fields[SLOT_CANCELS] = MP_OBJ_NEW_SMALL_INT(0);
    fields[SLOT_PARSER] = mp_call_function_1(MP_OBJ_FROM_PTR(&httpparse_type_Request), size);
    fields[SLOT_WRITER] = mp_call_function_1(MP_OBJ_FROM_PTR(&httpparse_type_Response), size);
    tinyweb_record_t *request = tinyweb_request_record(self_in, fields[SLOT_PARSER]);
    fields[SLOT_RESPONSE_RECORD] = MP_OBJ_FROM_PTR(
        tinyweb_response_record(self_in, fields[SLOT_WRITER], request));
    return self_in;
}

// Whether nothing but the connection's end can follow.
static bool is_over(const tinyweb_record_t *self) {
    return self->fields[SLOT_STATE] == STATE(expired) || self->fields[SLOT_STATE] == STATE(ended);
}

bool tinyweb_slot_closes(mp_obj_t slot) {
    const tinyweb_record_t *self = MP_OBJ_TO_PTR(slot);
    return is_over(self) || mp_obj_is_true(mp_load_attr(self->fields[SLOT_SERVER], MP_QSTR_closing));
}

// Whether a field has no object.
static bool is_none(mp_obj_t field) {
    return field == MP_OBJ_NULL || field == mp_const_none;
}

// What enter() and the others below do: nothing else sets a state or a deadline, but _close().
static void enter(tinyweb_record_t *self, mp_obj_t state, mp_obj_t deadline) {
    self->fields[SLOT_STATE] = state;
    self->fields[SLOT_DEADLINE] = deadline;
}

// A field as Python has it.
static mp_obj_t or_none(mp_obj_t field) {
    return field == MP_OBJ_NULL ? mp_const_none : field;
}

// The connection; None where it was closed meanwhile.
static mp_obj_t sock_of(const tinyweb_record_t *self) {
    return or_none(self->fields[SLOT_SOCK]);
}

// What Python finds as an attribute of the server.
static mp_obj_t of_server(const tinyweb_record_t *self, qstr name) {
    return mp_load_attr(self->fields[SLOT_SERVER], name);
}

// The time in `ms` from now.
static mp_obj_t after(mp_obj_t ms) {
    return mp_time_ticks_add_obj.fun._2(MP_OBJ_NEW_SMALL_INT(tinyweb_ticks_ms()), ms);
}

// enter(slot, state, deadline): be in `state`, str, until `deadline`, ticks_ms() or None. Who has
// expired or ended stays so, and gets no more time: False then.
static mp_obj_t slot_enter(mp_obj_t self_in, mp_obj_t state, mp_obj_t deadline) {
    tinyweb_record_t *self = slot_of(self_in);
    if (is_over(self)) {
        return mp_const_false;
    }
    enter(self, MP_OBJ_NEW_QSTR(mp_obj_str_get_qstr(state)), deadline);
    return mp_const_true;
}
MP_DEFINE_CONST_FUN_OBJ_3(tinyweb_enter_obj, slot_enter);

// move(slot, state, ms): the same, for `ms` from now
static mp_obj_t slot_move(mp_obj_t self_in, mp_obj_t state, mp_obj_t ms) {
    return slot_enter(self_in, state, after(ms));
}
MP_DEFINE_CONST_FUN_OBJ_3(tinyweb_move_obj, slot_move);

// within(slot, ms): stay in this state for `ms` more, or without end for None
static mp_obj_t slot_within(mp_obj_t self_in, mp_obj_t ms) {
    return slot_enter(self_in, slot_of(self_in)->fields[SLOT_STATE], ms == mp_const_none ? ms : after(ms));
}
MP_DEFINE_CONST_FUN_OBJ_2(tinyweb_within_obj, slot_within);

// A handler has a state for what its tasks wait for: `about` is what the one that runs is going to wait
// in, body or answer. Where one task reads and another one sends, it is the state whose deadline comes
// first; where none waits, it is that of the handler itself.
static void settle(tinyweb_record_t *self, mp_obj_t about) {
    mp_obj_t was = self->fields[SLOT_STATE];
    if (was != STATE(handler) && was != STATE(body) && was != STATE(answer)) {
        return;
    }
    mp_obj_t body = request_record(self)->fields[REQUEST_DUE];
    mp_obj_t answer = tinyweb_response_due(MP_OBJ_TO_PTR(self->fields[SLOT_RESPONSE_RECORD]));
    bool reads = !is_none(body) && (about == STATE(body) || tinyweb_aio_is_read(self->fields[SLOT_SOCK]));
    bool sends = !is_none(answer);
    if (reads && sends) {
        mp_obj_t later = mp_call_function_2(MP_OBJ_FROM_PTR(&mp_time_ticks_diff_obj), body, answer);
        reads = mp_obj_get_int(later) <= 0;
    }
    if (reads) {
        enter(self, STATE(body), body);
    } else if (sends) {
        enter(self, STATE(answer), answer);
    } else {
        enter(self, STATE(handler), or_none(self->fields[SLOT_LIMIT]));
    }
}

// settle(slot, about=None): as said above
static mp_obj_t slot_settle(size_t n_args, const mp_obj_t *args) {
    settle(slot_of(args[0]), n_args == 1 ? mp_const_none : args[1]);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(tinyweb_settle_obj, 1, 2, slot_settle);

// resume(slot, response=None): a task does not wait any more, for the client to take more of `response`
// or, without one, for more of the body
static mp_obj_t slot_resume(size_t n_args, const mp_obj_t *args) {
    if (n_args == 2) {
        tinyweb_response_taken(args[1]);
    }
    settle(slot_of(args[0]), mp_const_none);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(tinyweb_resume_obj, 1, 2, slot_resume);

// expired(slot, ms): the deadline has passed; `ms` more for the end
static mp_obj_t slot_expired(mp_obj_t self_in, mp_obj_t ms) {
    enter(slot_of(self_in), STATE(expired), after(ms));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(tinyweb_expired_obj, slot_expired);

// ended(slot): the server has dropped the slot
static mp_obj_t slot_ended(mp_obj_t self_in) {
    enter(slot_of(self_in), STATE(ended), mp_const_none);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_1(tinyweb_ended_obj, slot_ended);

// close_slot(slot): close its connection, if it has one
static mp_obj_t slot_close(mp_obj_t self_in) {
    tinyweb_record_t *self = slot_of(self_in);
    mp_obj_t sock = self->fields[SLOT_SOCK];
    mp_obj_t transport = self->fields[SLOT_TRANSPORT];
    self->fields[SLOT_SOCK] = self->fields[SLOT_TRANSPORT] = MP_OBJ_NULL;
    self->fields[SLOT_CANCELS] = MP_OBJ_NEW_SMALL_INT(0);
    enter(self, self->fields[SLOT_STATE] == STATE(ended) ? STATE(ended) : STATE(free), mp_const_none);
    if (is_none(sock)) {
        return mp_const_none;
    }
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        tinyweb_call(sock, MP_QSTR_close, 0, NULL);
        nlr_pop();
    } else if (!mp_obj_is_subclass_fast(MP_OBJ_FROM_PTR(mp_obj_get_type(MP_OBJ_FROM_PTR(nlr.ret_val))),
        MP_OBJ_FROM_PTR(&mp_type_OSError))) {
        nlr_jump(nlr.ret_val);
    }
    // Else the descriptor is gone in any case
    if (!is_none(transport)) {
        // A handshake that failed has left it open
        tinyweb_call(transport, MP_QSTR_close, 0, NULL);
    }
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_1(tinyweb_close_obj, slot_close);

// open_slot(slot, sock, peer): serve the connection `sock` of `peer`. The slot must be free.
static mp_obj_t slot_open(mp_obj_t self_in, mp_obj_t sock, mp_obj_t peer) {
    tinyweb_record_t *self = slot_of(self_in);
    mp_obj_t *fields = self->fields;
    mp_obj_t dest[] = { MP_OBJ_SENTINEL, peer };
    fields[SLOT_SOCK] = sock;
    tinyweb_request_peer(request_record(self), dest);
    httpparse_request_reset(fields[SLOT_PARSER]);
    slot_move(self_in, STATE(first), mp_load_attr(fields[SLOT_SERVER], MP_QSTR_request_timeout));
    if (!is_none(fields[SLOT_TASK])) {
        tinyweb_aio_check_task(fields[SLOT_TASK]);
    }
    if (is_none(fields[SLOT_TASK]) || !tinyweb_aio_waits(fields[SLOT_TASK])) {
        // The first one, or the last one was ended by KeyboardInterrupt
        return tinyweb_call(self_in, MP_QSTR_start, 0, NULL);
    }
    // A task that has not run yet will find the connection when it does
    return tinyweb_aio_is_parked(fields[SLOT_TASK]) ? tinyweb_aio_arm(fields[SLOT_TASK], sock) : mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_3(tinyweb_open_obj, slot_open);

static void forget(tinyweb_record_t *self) {
    tinyweb_handle_end(&self->fields[SLOT_REQUEST]);
    tinyweb_handle_end(&self->fields[SLOT_RESPONSE]);
    tinyweb_response_reset(MP_OBJ_TO_PTR(self->fields[SLOT_RESPONSE_RECORD]));
}

// forget(slot): the request has ended. What the application has kept of it is of no use any more, and
// takes no memory until the next one comes.
static mp_obj_t slot_forget(mp_obj_t self_in) {
    forget(slot_of(self_in));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_1(tinyweb_forget_obj, slot_forget);

// What each request takes, in this order; each is one call of the task, which waits and calls the
// handler in between.

// feed(slot): read more of the request's head: what feed() of the parser returns
static mp_obj_t slot_feed(mp_obj_t self_in) {
    tinyweb_record_t *self = slot_of(self_in);
    return httpparse_request_feed(self->fields[SLOT_PARSER], sock_of(self));
}
MP_DEFINE_CONST_FUN_OBJ_1(tinyweb_feed_obj, slot_feed);

// route_request(slot): the request line is there: look for its route, and have the parser keep the
// fields that it wants. Returns the URL's parameters.
static mp_obj_t slot_route(mp_obj_t self_in) {
    tinyweb_record_t *self = slot_of(self_in);
    mp_obj_t request = handle(self, SLOT_REQUEST);
    tinyweb_request_take(request_record(self));
    mp_obj_t parameters = tinyweb_call(self->fields[SLOT_SERVER], MP_QSTR_find, 1, &request);
    tinyweb_request_keep(request_record(self));
    return parameters;
}
MP_DEFINE_CONST_FUN_OBJ_1(tinyweb_route_request_obj, slot_route);

// begin(slot): the head is there, and the handler's time begins. Whether a body follows.
static mp_obj_t slot_begin(mp_obj_t self_in) {
    tinyweb_record_t *self = slot_of(self_in);
    mp_obj_t timeout = of_server(self, MP_QSTR_handler_timeout);
    if (timeout != mp_const_none) {
        self->fields[SLOT_LIMIT] = after(timeout);
    }
    if (!is_over(self)) {
        enter(self, STATE(handler), or_none(self->fields[SLOT_LIMIT]));
    }
    bool keep_alive = hp_request_persistent(httpparse_request_core(self->fields[SLOT_PARSER]));
    mp_obj_t date = tinyweb_server_date(self->fields[SLOT_SERVER]);
    tinyweb_response_begin(MP_OBJ_TO_PTR(self->fields[SLOT_RESPONSE_RECORD]), keep_alive, date);
    return mp_obj_new_bool(tinyweb_request_begin(request_record(self)));
}
MP_DEFINE_CONST_FUN_OBJ_1(tinyweb_begin_obj, slot_begin);

// finish(slot): the handler has returned: send the rest of the answer. Whether that is all: it has left,
// nobody is to be told of it, and the body is read.
static mp_obj_t slot_finish(mp_obj_t self_in) {
    tinyweb_record_t *self = slot_of(self_in);
    return mp_obj_new_bool(
        httpparse_response_finish(self->fields[SLOT_WRITER], sock_of(self)) == mp_const_true
        && of_server(self, MP_QSTR_access_log) == mp_const_none
        && hp_request_remaining(httpparse_request_core(self->fields[SLOT_PARSER])) == 0);
}
MP_DEFINE_CONST_FUN_OBJ_1(tinyweb_finish_obj, slot_finish);

// The connection ends with this answer: a wait for the next one, or None where the task has to see to it.
static mp_obj_t leave(mp_obj_t self_in, tinyweb_record_t *self) {
    if (self->fields[SLOT_STATE] == STATE(ended) || !is_none(self->fields[SLOT_TRANSPORT])) {
        return mp_const_none;       // with TLS the next connection has to wait for its turn
    }
    if ((hp_request_buffered(httpparse_request_core(self->fields[SLOT_PARSER])) != 0
         || tinyweb_aio_ready(sock_of(self)))
        && !mp_obj_is_true(tinyweb_call(self_in, MP_QSTR__drop, 0, NULL))) {
        return mp_const_none;
    }
    tinyweb_call(self_in, MP_QSTR__close, 0, NULL);
    if (mp_obj_is_true(of_server(self, MP_QSTR_closing))) {
        tinyweb_call(self->fields[SLOT_SERVER], MP_QSTR_slot_free, 0, NULL);
    }
    return tinyweb_aio_park();
}

// wait_for_next(slot): the answer has left: end the connection, or keep it. Returns a wait for the next
// connection or request; None where the task has to see to it.
static mp_obj_t slot_wait_for_next(mp_obj_t self_in) {
    tinyweb_record_t *self = slot_of(self_in);
    bool keep_alive = httpparse_response_core(self->fields[SLOT_WRITER])->flags & HP_W_KEEP_ALIVE;
    // What belongs to this request must not take memory until the next one comes
    forget(self);
    self->fields[SLOT_LIMIT] = MP_OBJ_NULL;
    // Whoever has expired, or ended, meanwhile is served no further
    if (!keep_alive || is_over(self) || mp_obj_is_true(of_server(self, MP_QSTR_stopping))) {
        return leave(self_in, self);
    }
    httpparse_request_next(self->fields[SLOT_PARSER]);
    if (hp_request_buffered(httpparse_request_core(self->fields[SLOT_PARSER])) != 0) {
        // Pipelined requests must not starve the other tasks
        slot_move(self_in, STATE(head), of_server(self, MP_QSTR_request_timeout));
        return tinyweb_aio_pass_on();
    }
    slot_move(self_in, STATE(idle), of_server(self, MP_QSTR_keep_alive_timeout));
    return tinyweb_aio_readable(sock_of(self));
}
MP_DEFINE_CONST_FUN_OBJ_1(tinyweb_wait_for_next_obj, slot_wait_for_next);

// free_slot(slots): the first of a list of slots that has no connection, or None
static mp_obj_t free_slot(mp_obj_t slots_in) {
    size_t n;
    mp_obj_t *slots;
    mp_obj_get_array(slots_in, &n, &slots);
    for (size_t i = 0; i < n; ++i) {
        if (is_none(slot_of(slots[i])->fields[SLOT_SOCK])) {
            return slots[i];
        }
    }
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_1(tinyweb_free_slot_obj, free_slot);

// stall(slot, progress): its writer waits. None if nothing has left since it waited last; else whether
// `progress` bytes have left since that was so the last time, 65535 at most.
static mp_obj_t slot_stall(mp_obj_t self_in, mp_obj_t progress) {
    hp_response_t *writer = httpparse_response_core(slot_of(self_in)->fields[SLOT_WRITER]);
    if (writer->flags & HP_W_STALLED) {
        return mp_const_none;
    }
    writer->flags |= HP_W_STALLED;
    if (writer->moved < mp_obj_get_int(progress)) {
        return mp_const_false;
    }
    writer->moved = 0;
    return mp_const_true;
}
MP_DEFINE_CONST_FUN_OBJ_2(tinyweb_stall_obj, slot_stall);

// transfer(slot, file, size): sends bytes of an open file as a part of the body; what sends the next ones
// when it is called. True when `size` bytes were read, or the file has ended; None while the client has to
// take something first, False if nothing at all has left. left: how many were not read.
typedef struct {
    mp_obj_base_t base;
    mp_obj_t slot;
    mp_obj_t file;
    mp_int_t left;
    #if MICROPY_VFS_ROM
    bool memory;                // the file is memory, which leaves without a copy
    #endif
} transfer_t;

#if MICROPY_VFS_ROM
#define LEAVES_AT_ONCE(self) ((self)->memory)
#else
#define LEAVES_AT_ONCE(self) false
#endif

static mp_obj_t transfer_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 3, 3, false);
    slot_of(args[0]);
    transfer_t *self = mp_obj_malloc(transfer_t, type);
    self->slot = args[0];
    self->file = args[1];
    self->left = mp_obj_get_int(args[2]);
    #if MICROPY_VFS_ROM
    mp_buffer_info_t data;
    self->memory = mp_get_buffer(self->file, &data, MP_BUFFER_READ);
    #endif
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t transfer_call(mp_obj_t self_in, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    (void)args;
    mp_arg_check_num(n_args, n_kw, 0, 0, false);
    transfer_t *self = MP_OBJ_TO_PTR(self_in);
    const tinyweb_record_t *slot = slot_of(self->slot);
    const hp_response_t *writer = httpparse_response_core(slot->fields[SLOT_WRITER]);
    uint16_t moved = writer->moved;
    while (self->left > 0) {
        mp_obj_t values[] = {
            slot->fields[SLOT_WRITER], sock_of(slot), self->file, MP_OBJ_NEW_SMALL_INT(self->left)
        };
        mp_obj_t n_in = httpparse_response_readfrom(MP_ARRAY_SIZE(values), values);
        mp_int_t n = n_in == mp_const_none ? 0 : mp_obj_get_int(n_in);
        if (n == 0 && n_in != mp_const_none) {
            break;
        }
        self->left -= n;
        // What could not leave now is not tried again at once
        if (n_in == mp_const_none || (self->left > 0 && (LEAVES_AT_ONCE(self) || hp_response_pending(writer) != 0))) {
            // Equal at HP_MOVED_MAX too: then slot_stall(), which counts anew, has to be called.
            return writer->moved == moved ? mp_const_false : mp_const_none;
        }
    }
    return mp_const_true;
}

static void transfer_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    if (dest[0] == MP_OBJ_NULL && attr == MP_QSTR_left) {
        dest[0] = mp_obj_new_int(((transfer_t *)MP_OBJ_TO_PTR(self_in))->left);
    }
}

MP_DEFINE_CONST_OBJ_TYPE(
    tinyweb_type_transfer,
    MP_QSTR_transfer,
    MP_TYPE_FLAG_NONE,
    make_new, transfer_make_new,
    call, transfer_call,
    attr, transfer_attr
    );

MP_DEFINE_CONST_OBJ_TYPE(
    tinyweb_type_slot,
    MP_QSTR_slot,
    MP_TYPE_FLAG_NONE,
    make_new, slot_make_new,
    attr, slot_attr
    );
