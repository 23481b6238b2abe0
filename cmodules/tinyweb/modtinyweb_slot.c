// SPDX-License-Identifier: MIT
//
// The class Slot: one connection at a time, its buffers, and the task that serves it, which runs
// the generator of frozen/tinyweb/slot.py. All times are in ms.
//
// Slots are made when they are first needed and kept for the server's life, so that serving
// allocates little and fragments nothing. Between connections the task is parked; the accept loop
// gives it the next one with open().
//
//         open()            request line, fields         handler            finish
//  FREE ---------> WAITING ----------------------> BUSY ----------> ... ----------> IDLE
//   ^                                                                close |          |
//   +----------------------------------------------------------------------+----------+
//
// A slot waits for its client in five ways, which waits() names in the order in which slots are
// given up when another client waits: frozen/tinyweb/server.py says after what time.
//
// What is here does its work without memory, but for the first open().

#include "py/runtime.h"

#include "extmod/modtime.h"

#include "modhttpparse.h"
#include "modtinyweb.h"

enum {
    SLOT_SERVER,
    SLOT_PARSER,
    SLOT_WRITER,
    SLOT_REQUEST,           // what the handler of this request gets, made when it is first needed
    SLOT_RESPONSE,          // the same; this and what is above cannot be changed
    SLOT_SOCK,
    SLOT_IDLE,              // a kept connection between two requests: may be closed at any time
    SLOT_DEADLINE,          // ticks_ms() at which the server gives up waiting, or None
    SLOT_TASK,
    SLOT_LIMIT,             // the deadline while the handler does not wait for the client
    SLOT_LATE,              // the status to answer with when the deadline has passed
    SLOT_EXPIRED,           // how often the task was cancelled because the deadline had passed
    SLOT_LAST,              // the deadline is the last one: nothing sets it any more
    SLOT_ENDED,             // the server has dropped this slot
    SLOT_GUEST,             // what has taken the connection over; see tinyweb.guest
    SLOT_TRANSPORT,         // with TLS, the socket below
    SLOT_NAMES,
    // What has no name in Python: the records of all requests and responses of this slot
    SLOT_REQUEST_RECORD = SLOT_NAMES,
    SLOT_RESPONSE_RECORD,
    SLOT_FIELDS,
};

static const uint16_t slot_names[] = {
    MP_QSTR_server, MP_QSTR_parser, MP_QSTR_writer, MP_QSTR_request, MP_QSTR_response,
    MP_QSTR_sock, MP_QSTR_idle, MP_QSTR_deadline, MP_QSTR_task, MP_QSTR_limit,
    MP_QSTR_late, MP_QSTR_expired, MP_QSTR__last, MP_QSTR_ended, MP_QSTR_guest, MP_QSTR_transport,
};

static bool is_last(const tinyweb_record_t *self) {
    return self->fields[SLOT_LAST] == mp_const_true;
}

// The handle of this request's record, or of its response's.
static mp_obj_t handle(tinyweb_record_t *self, size_t field) {
    if (self->fields[field] == MP_OBJ_NULL) {
        self->fields[field] = field == SLOT_REQUEST
            ? tinyweb_handle_new(&tinyweb_type_request, MP_OBJ_TO_PTR(self->fields[SLOT_REQUEST_RECORD]))
            : tinyweb_handle_new(&tinyweb_type_response, MP_OBJ_TO_PTR(self->fields[SLOT_RESPONSE_RECORD]));
    }
    return self->fields[field];
}

static void slot_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    if (dest[0] == MP_OBJ_NULL && (attr == MP_QSTR_request || attr == MP_QSTR_response)) {
        dest[0] = handle(MP_OBJ_TO_PTR(self_in), attr == MP_QSTR_request ? SLOT_REQUEST : SLOT_RESPONSE);
        return;
    }
    if (attr == MP_QSTR_peer && dest[0] == MP_OBJ_NULL) {
        tinyweb_record_t *self = MP_OBJ_TO_PTR(self_in);
        dest[0] = tinyweb_request_get_peer(MP_OBJ_TO_PTR(self->fields[SLOT_REQUEST_RECORD]));
        return;
    }
    if (attr == MP_QSTR_deadline && dest[0] != MP_OBJ_NULL && is_last(MP_OBJ_TO_PTR(self_in))) {
        dest[0] = MP_OBJ_NULL;      // whoever waits gets no more time
        return;
    }
    tinyweb_record_attr(self_in, attr, dest, slot_names, SLOT_RESPONSE + 1, SLOT_NAMES);
}

// Slot(server)
static mp_obj_t slot_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    mp_obj_t self_in = tinyweb_record_new(type, SLOT_FIELDS);
    tinyweb_record_t *self = MP_OBJ_TO_PTR(self_in);
    mp_obj_t *fields = self->fields;
    mp_obj_t size = mp_load_attr(args[0], MP_QSTR_buffer_size);
    fields[SLOT_SERVER] = args[0];
    fields[SLOT_IDLE] = fields[SLOT_LAST] = fields[SLOT_ENDED] = mp_const_false;
    fields[SLOT_EXPIRED] = MP_OBJ_NEW_SMALL_INT(0);
    fields[SLOT_LATE] = MP_OBJ_NEW_SMALL_INT(408);
    fields[SLOT_PARSER] = mp_call_function_1(MP_OBJ_FROM_PTR(&httpparse_type_Request), size);
    fields[SLOT_WRITER] = mp_call_function_1(MP_OBJ_FROM_PTR(&httpparse_type_Response), size);
    tinyweb_record_t *request = tinyweb_request_record(self_in, fields[SLOT_PARSER]);
    fields[SLOT_REQUEST_RECORD] = MP_OBJ_FROM_PTR(request);
    fields[SLOT_RESPONSE_RECORD] = MP_OBJ_FROM_PTR(
        tinyweb_response_record(self_in, fields[SLOT_WRITER], request));
    return self_in;
}

// How often a write is tried to a connection that seems to be writable and is not, in ms.
#define STALLED_PAUSE MP_OBJ_NEW_SMALL_INT(50)

// Whether a field has no object.
static bool is_none(mp_obj_t field) {
    return field == MP_OBJ_NULL || field == mp_const_none;
}

static bool is_set(mp_obj_t obj, qstr name) {
    return mp_obj_is_true(mp_load_attr(obj, name));
}

static bool is_a(mp_obj_t exc, const mp_obj_type_t *type) {
    return mp_obj_is_subclass_fast(MP_OBJ_FROM_PTR(mp_obj_get_type(exc)), MP_OBJ_FROM_PTR(type));
}

// within(ms): set the deadline
static mp_obj_t slot_within(mp_obj_t self_in, mp_obj_t ms) {
    tinyweb_record_t *self = MP_OBJ_TO_PTR(self_in);
    if (is_last(self)) {
        return mp_const_none;
    }
    self->fields[SLOT_DEADLINE] = mp_call_function_2(MP_OBJ_FROM_PTR(&mp_time_ticks_add_obj),
        mp_call_function_0(MP_OBJ_FROM_PTR(&mp_time_ticks_ms_obj)), ms);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(slot_within_obj, slot_within);

// last(ms): set the deadline, and let nothing set it later, until the connection is closed
static mp_obj_t slot_last(mp_obj_t self_in, mp_obj_t ms) {
    tinyweb_record_t *self = MP_OBJ_TO_PTR(self_in);
    self->fields[SLOT_LAST] = mp_const_false;
    slot_within(self_in, ms);
    self->fields[SLOT_LAST] = mp_const_true;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(slot_last_obj, slot_last);

// Set the deadline by an attribute of the server.
static void within(tinyweb_record_t *self, qstr timeout) {
    slot_within(MP_OBJ_FROM_PTR(self), mp_load_attr(self->fields[SLOT_SERVER], timeout));
}

TINYWEB_LAZY(slot_task_obj, "tinyweb.slot", MP_QSTR_task);

// start(): make the task, which waits for open(); then a connection needs no memory for it
static mp_obj_t slot_start(mp_obj_t self_in) {
    tinyweb_record_t *self = MP_OBJ_TO_PTR(self_in);
    mp_obj_t *fields = self->fields;
    mp_obj_t coro = tinyweb_lazy_call(MP_OBJ_FROM_PTR(&slot_task_obj), 1, 0, &self_in);
    mp_obj_t parts = mp_call_function_2(MP_OBJ_FROM_PTR(&tinyweb_parts_obj), coro, self_in);
    mp_obj_t asyncio = mp_import_name(MP_QSTR_asyncio, mp_const_none, MP_OBJ_NEW_SMALL_INT(0));
    fields[SLOT_TASK] = mp_call_function_1(mp_load_attr(asyncio, MP_QSTR_create_task), parts);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(slot_start_obj, slot_start);

// open(sock, peer): serve the connection `sock` (non-blocking socket). The slot must be free.
static mp_obj_t slot_open(mp_obj_t self_in, mp_obj_t sock, mp_obj_t peer) {
    tinyweb_record_t *self = MP_OBJ_TO_PTR(self_in);
    mp_obj_t *fields = self->fields;
    fields[SLOT_SOCK] = sock;
    tinyweb_request_peer(MP_OBJ_TO_PTR(fields[SLOT_REQUEST_RECORD]), peer);
    tinyweb_call(fields[SLOT_PARSER], MP_QSTR_reset, 0, NULL);
    within(self, MP_QSTR_request_timeout);
    if (is_none(fields[SLOT_TASK]) || !tinyweb_aio_waits(fields[SLOT_TASK])) {
        return slot_start(self_in);     // the first one, or the last one was ended by KeyboardInterrupt
    }
    // A task that has not run yet will find the connection when it does
    return tinyweb_aio_is_parked(fields[SLOT_TASK]) ? tinyweb_aio_arm(fields[SLOT_TASK], sock) : mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(slot_open_obj, slot_open);

#if MICROPY_PY_SSL && MICROPY_SSL_MBEDTLS
// carry(): put what TLS takes in the place of the slot's socket; it is closed with the connection
static mp_obj_t slot_carry(mp_obj_t self_in) {
    tinyweb_record_t *self = MP_OBJ_TO_PTR(self_in);
    self->fields[SLOT_TRANSPORT] = mp_call_function_1(
        MP_OBJ_FROM_PTR(&tinyweb_type_transport), self->fields[SLOT_SOCK]);
    return self->fields[SLOT_SOCK] = self->fields[SLOT_TRANSPORT];
}
static MP_DEFINE_CONST_FUN_OBJ_1(slot_carry_obj, slot_carry);
#endif

static mp_obj_t slot_close(mp_obj_t self_in) {
    tinyweb_record_t *self = MP_OBJ_TO_PTR(self_in);
    mp_obj_t sock = self->fields[SLOT_SOCK];
    mp_obj_t transport = self->fields[SLOT_TRANSPORT];
    self->fields[SLOT_SOCK] = self->fields[SLOT_DEADLINE] = self->fields[SLOT_TRANSPORT] = MP_OBJ_NULL;
    self->fields[SLOT_IDLE] = self->fields[SLOT_LAST] = mp_const_false;
    self->fields[SLOT_EXPIRED] = MP_OBJ_NEW_SMALL_INT(0);
    if (is_none(sock)) {
        return mp_const_none;
    }
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        tinyweb_call(sock, MP_QSTR_close, 0, NULL);
        nlr_pop();
    } else if (!is_a(MP_OBJ_FROM_PTR(nlr.ret_val), &mp_type_OSError)) {
        nlr_jump(nlr.ret_val);
    }
    // Else the descriptor is gone in any case
    if (!is_none(transport)) {
        // A handshake that failed has left it open
        tinyweb_call(transport, MP_QSTR_close, 0, NULL);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(slot_close_obj, slot_close);

// What a slot waits for from its client
enum {
    WAIT_NONE,              // for nothing: it is free, its handler runs, or it is being given up
    WAIT_IDLE,              // between two requests
    WAIT_FIRST,             // before the first byte
    WAIT_HEAD,              // within a head
    WAIT_BODY,              // within a body
    WAIT_ANSWER,            // that an answer is taken
};

static int waits(const tinyweb_record_t *self) {
    if (is_none(self->fields[SLOT_SOCK]) || is_none(self->fields[SLOT_DEADLINE]) || is_last(self)
        || !is_none(self->fields[SLOT_GUEST])) {
        return WAIT_NONE;
    }
    const hp_response_t *writer = httpparse_response_core(self->fields[SLOT_WRITER]);
    if (writer->flags & HP_W_STALLED) {
        return WAIT_ANSWER;
    }
    if (!tinyweb_aio_is_read(self->fields[SLOT_SOCK])) {
        return WAIT_NONE;
    }
    if (self->fields[SLOT_IDLE] == mp_const_true) {
        return WAIT_IDLE;
    }
    // What a refused client still sends is read for a short time of its own. Its task knows nothing
    // of another client, and the parser nothing of this one: it was reset where it understood nothing
    if ((writer->flags & (HP_W_FINISHED | HP_W_KEEP_ALIVE)) == HP_W_FINISHED) {
        return WAIT_NONE;
    }
    const hp_request_t *parser = httpparse_request_core(self->fields[SLOT_PARSER]);
    if (hp_request_idle(parser)) {
        return WAIT_FIRST;
    }
    return parser->state < HP_S_HEAD ? WAIT_HEAD : WAIT_BODY;
}

// waits(): one of these
static mp_obj_t slot_waits(mp_obj_t self_in) {
    return MP_OBJ_NEW_SMALL_INT(waits(MP_OBJ_TO_PTR(self_in)));
}
static MP_DEFINE_CONST_FUN_OBJ_1(slot_waits_obj, slot_waits);

// quiet(): for how long a slot that waits for its client has seen no progress, in ms. Each of these
// times is kept as a deadline: a timeout later.
static mp_obj_t slot_quiet(mp_obj_t self_in) {
    static const uint16_t timeouts[] = {
        0, MP_QSTR_keep_alive_timeout, MP_QSTR_request_timeout, MP_QSTR_request_timeout,
        MP_QSTR_body_timeout, MP_QSTR_send_timeout,
    };
    const tinyweb_record_t *self = MP_OBJ_TO_PTR(self_in);
    int wait = waits(self);
    if (wait == WAIT_NONE) {
        return MP_OBJ_NEW_SMALL_INT(0);
    }
    mp_obj_t left = mp_call_function_2(MP_OBJ_FROM_PTR(&mp_time_ticks_diff_obj), self->fields[SLOT_DEADLINE],
        mp_call_function_0(MP_OBJ_FROM_PTR(&mp_time_ticks_ms_obj)));
    return mp_binary_op(MP_BINARY_OP_SUBTRACT, mp_load_attr(self->fields[SLOT_SERVER], timeouts[wait]), left);
}
static MP_DEFINE_CONST_FUN_OBJ_1(slot_quiet_obj, slot_quiet);

bool tinyweb_slot_closes(mp_obj_t slot) {
    const tinyweb_record_t *self = MP_OBJ_TO_PTR(slot);
    return is_set(self->fields[SLOT_SERVER], MP_QSTR_closing);
}

// discard(sock): undo an open() that failed, perhaps for want of memory
static mp_obj_t slot_discard(mp_obj_t self_in, mp_obj_t sock) {
    tinyweb_record_t *self = MP_OBJ_TO_PTR(self_in);
    self->fields[SLOT_SOCK] = sock;
    if (!is_none(self->fields[SLOT_TASK])) {
        tinyweb_aio_disarm(self->fields[SLOT_TASK]);
    }
    return slot_close(self_in);
}
static MP_DEFINE_CONST_FUN_OBJ_2(slot_discard_obj, slot_discard);

// A task that was cancelled has so many ms to end, and is cancelled so many times.
#define CANCEL_TIME MP_OBJ_NEW_SMALL_INT(1000)
#define CANCELS_MAX 3

// expire(): the deadline has passed, end what the slot waits for. True if that cannot be: the task
// goes on however often it is cancelled.
static mp_obj_t slot_expire(mp_obj_t self_in) {
    tinyweb_record_t *self = MP_OBJ_TO_PTR(self_in);
    self->fields[SLOT_IDLE] = mp_const_false;
    // Whatever fails now is tried again
    slot_within(self_in, CANCEL_TIME);
    mp_obj_t guest = self->fields[SLOT_GUEST];
    if (!is_none(guest) && !is_set(guest, MP_QSTR_closed)) {
        tinyweb_call(guest, MP_QSTR_expire, 0, NULL);
        return mp_const_false;
    }
    mp_int_t times = MP_OBJ_SMALL_INT_VALUE(self->fields[SLOT_EXPIRED]);
    if (times == CANCELS_MAX) {
        return mp_const_true;
    }
    slot_last(self_in, CANCEL_TIME);
    self->fields[SLOT_EXPIRED] = MP_OBJ_NEW_SMALL_INT(times + 1);
    tinyweb_aio_cancel(self->fields[SLOT_TASK]);
    return mp_const_false;
}
static MP_DEFINE_CONST_FUN_OBJ_1(slot_expire_obj, slot_expire);

// give_up(): end what the slot waits for, for another client's sake. True if the slot is free now;
// else its task has to end it first, or the client has sent something after all.
static mp_obj_t slot_give_up(mp_obj_t self_in) {
    tinyweb_record_t *self = MP_OBJ_TO_PTR(self_in);
    int wait = waits(self);
    if (wait == WAIT_NONE) {
        return mp_const_false;
    }
    // With TLS the next connection has to wait for its turn
    if (wait > WAIT_FIRST || !is_none(self->fields[SLOT_TRANSPORT])) {
        return slot_expire(self_in);
    }
    if (tinyweb_aio_ready(self->fields[SLOT_SOCK]) == mp_const_true
        || tinyweb_aio_disarm(self->fields[SLOT_TASK]) == mp_const_false) {
        return mp_const_false;
    }
    slot_close(self_in);
    return mp_const_true;
}
static MP_DEFINE_CONST_FUN_OBJ_1(slot_give_up_obj, slot_give_up);

// end(): close the connection and end the task; the slot is not used again
static mp_obj_t slot_end(mp_obj_t self_in) {
    tinyweb_record_t *self = MP_OBJ_TO_PTR(self_in);
    mp_obj_t task = self->fields[SLOT_TASK];
    tinyweb_response_last(MP_OBJ_TO_PTR(self->fields[SLOT_RESPONSE_RECORD]));
    self->fields[SLOT_ENDED] = mp_const_true;
    if (!is_none(task) && !mp_obj_is_true(tinyweb_call(task, MP_QSTR_done, 0, NULL))
        && !mp_obj_is_true(tinyweb_aio_cancel(task))) {
        return mp_const_none;   // It runs now: it ends after this response, the server is stopping
    }
    return slot_close(self_in);
}
static MP_DEFINE_CONST_FUN_OBJ_1(slot_end_obj, slot_end);

// Bytes of an answer that earn the client another send_timeout.
#define PROGRESS 512

// wait_to_send(): queue the task until the client takes more; then yield. The time for it is
// send_timeout, which begins again with each PROGRESS bytes that the client has taken.
static mp_obj_t slot_wait_to_send(mp_obj_t self_in) {
    tinyweb_record_t *self = MP_OBJ_TO_PTR(self_in);
    hp_response_t *writer = httpparse_response_core(self->fields[SLOT_WRITER]);
    bool stalled = writer->flags & HP_W_STALLED;
    writer->flags |= HP_W_STALLED;
    mp_obj_t deadline = self->fields[SLOT_DEADLINE];
    if (writer->moved >= PROGRESS || is_none(deadline) || deadline == self->fields[SLOT_LIMIT]) {
        writer->moved = 0;
        within(self, MP_QSTR_send_timeout);
    }
    // On lwIP, a connection whose client has ended its side counts as writable even if nothing can
    // be written (extmod/modlwip.c, lwip_socket_ioctl). Such a client gets no more time than others
    return stalled ? tinyweb_aio_pause(STALLED_PAUSE) : tinyweb_aio_writable(self->fields[SLOT_SOCK]);
}
static MP_DEFINE_CONST_FUN_OBJ_1(slot_wait_to_send_obj, slot_wait_to_send);

// _forget(): the request has ended. What the application has kept of it is of no use any more, and
// takes no memory until the next one comes.
static mp_obj_t slot_forget(mp_obj_t self_in) {
    tinyweb_record_t *self = MP_OBJ_TO_PTR(self_in);
    tinyweb_handle_end(&self->fields[SLOT_REQUEST]);
    tinyweb_handle_end(&self->fields[SLOT_RESPONSE]);
    tinyweb_response_reset(MP_OBJ_TO_PTR(self->fields[SLOT_RESPONSE_RECORD]));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(slot_forget_obj, slot_forget);

// _limit(): the handler's time begins
static mp_obj_t slot_limit(mp_obj_t self_in) {
    tinyweb_record_t *self = MP_OBJ_TO_PTR(self_in);
    within(self, MP_QSTR_handler_timeout);
    self->fields[SLOT_LIMIT] = self->fields[SLOT_DEADLINE];
    self->fields[SLOT_LATE] = MP_OBJ_NEW_SMALL_INT(503);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(slot_limit_obj, slot_limit);

// KeyboardInterrupt and SystemExit end the program, wherever they come from.
static void raise_stop(mp_obj_t exc) {
    if (is_a(exc, &mp_type_KeyboardInterrupt) || is_a(exc, &mp_type_SystemExit)) {
        nlr_raise(exc);
    }
}

// _log(exc, req): tell the application what has failed; the slot outlives a log_error() that fails
static mp_obj_t slot_log(mp_obj_t self_in, mp_obj_t exc, mp_obj_t req) {
    tinyweb_record_t *self = MP_OBJ_TO_PTR(self_in);
    raise_stop(exc);
    tinyweb_aio_mend();
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        const mp_obj_t values[] = { exc, req };
        tinyweb_call(self->fields[SLOT_SERVER], MP_QSTR_log_error, 2, values);
        nlr_pop();
    } else {
        raise_stop(MP_OBJ_FROM_PTR(nlr.ret_val));   // Anything else: there is nobody left to tell
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(slot_log_obj, slot_log);

// _access(): tell the application of an answer
static mp_obj_t slot_access(mp_obj_t self_in) {
    tinyweb_record_t *self = MP_OBJ_TO_PTR(self_in);
    mp_obj_t req = handle(self, SLOT_REQUEST);
    mp_obj_t writer = self->fields[SLOT_WRITER];
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_obj_t args[5];
        mp_load_method(self->fields[SLOT_SERVER], MP_QSTR_access_log, args);
        if (args[0] != mp_const_none) {
            args[2] = req;
            args[3] = mp_load_attr(writer, MP_QSTR_status);
            args[4] = mp_load_attr(writer, MP_QSTR_body_bytes);
            mp_call_method_n_kw(3, 0, args);
        }
        nlr_pop();
    } else {
        slot_log(self_in, MP_OBJ_FROM_PTR(nlr.ret_val), req);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(slot_access_obj, slot_access);

TINYWEB_LAZY(slot_give_up_request_obj, "tinyweb.replies", MP_QSTR_give_up);
TINYWEB_LAZY(slot_failed_obj, "tinyweb.replies", MP_QSTR_failed);
TINYWEB_LAZY(slot_error_obj, "tinyweb.replies", MP_QSTR_error_of);
TINYWEB_LAZY(slot_finish_obj, "tinyweb.replies", MP_QSTR_finish);
TINYWEB_LAZY(slot_drain_obj, "tinyweb.unread", MP_QSTR_drain);
TINYWEB_LAZY(slot_linger_obj, "tinyweb.unread", MP_QSTR_linger);
TINYWEB_LAZY(slot_drop_obj, "tinyweb.unread", MP_QSTR_drop);

// _failed(exc): an exception of the handler, see tinyweb.replies. A client that has gone is no
// failure of the handler.
static mp_obj_t slot_failed(mp_obj_t self_in, mp_obj_t exc) {
    tinyweb_record_t *self = MP_OBJ_TO_PTR(self_in);
    raise_stop(exc);
    if (is_a(exc, &mp_type_OSError) && (is_set(self->fields[SLOT_WRITER], MP_QSTR_broken)
                                        || is_set(self->fields[SLOT_PARSER], MP_QSTR_broken))) {
        return MP_OBJ_FROM_PTR(&tinyweb_done_obj);
    }
    mp_obj_t args[] = { self_in, exc };
    return tinyweb_lazy_call(MP_OBJ_FROM_PTR(&slot_failed_obj), 2, 0, args);
}
static MP_DEFINE_CONST_FUN_OBJ_2(slot_handler_failed_obj, slot_failed);

static const mp_rom_map_elem_t slot_locals_dict_table[] = {
    { MP_ROM_QSTR(MP_QSTR__close), MP_ROM_PTR(&slot_close_obj) },
    { MP_ROM_QSTR(MP_QSTR_start), MP_ROM_PTR(&slot_start_obj) },
    { MP_ROM_QSTR(MP_QSTR_open), MP_ROM_PTR(&slot_open_obj) },
    { MP_ROM_QSTR(MP_QSTR_within), MP_ROM_PTR(&slot_within_obj) },
    { MP_ROM_QSTR(MP_QSTR_last), MP_ROM_PTR(&slot_last_obj) },
    { MP_ROM_QSTR(MP_QSTR_wait_to_send), MP_ROM_PTR(&slot_wait_to_send_obj) },
    { MP_ROM_QSTR(MP_QSTR_waits), MP_ROM_PTR(&slot_waits_obj) },
    { MP_ROM_QSTR(MP_QSTR_quiet), MP_ROM_PTR(&slot_quiet_obj) },
    { MP_ROM_QSTR(MP_QSTR_give_up), MP_ROM_PTR(&slot_give_up_obj) },
    { MP_ROM_QSTR(MP_QSTR_expire), MP_ROM_PTR(&slot_expire_obj) },
    { MP_ROM_QSTR(MP_QSTR_discard), MP_ROM_PTR(&slot_discard_obj) },
    { MP_ROM_QSTR(MP_QSTR_end), MP_ROM_PTR(&slot_end_obj) },
    { MP_ROM_QSTR(MP_QSTR__forget), MP_ROM_PTR(&slot_forget_obj) },
    { MP_ROM_QSTR(MP_QSTR__limit), MP_ROM_PTR(&slot_limit_obj) },
    { MP_ROM_QSTR(MP_QSTR__log), MP_ROM_PTR(&slot_log_obj) },
    { MP_ROM_QSTR(MP_QSTR__access), MP_ROM_PTR(&slot_access_obj) },
    { MP_ROM_QSTR(MP_QSTR__give_up_request), MP_ROM_PTR(&slot_give_up_request_obj) },
    { MP_ROM_QSTR(MP_QSTR__failed), MP_ROM_PTR(&slot_handler_failed_obj) },
    { MP_ROM_QSTR(MP_QSTR__error), MP_ROM_PTR(&slot_error_obj) },
    { MP_ROM_QSTR(MP_QSTR__finish), MP_ROM_PTR(&slot_finish_obj) },
    { MP_ROM_QSTR(MP_QSTR__drain), MP_ROM_PTR(&slot_drain_obj) },
    { MP_ROM_QSTR(MP_QSTR__linger), MP_ROM_PTR(&slot_linger_obj) },
    { MP_ROM_QSTR(MP_QSTR__drop), MP_ROM_PTR(&slot_drop_obj) },
    #if MICROPY_PY_SSL && MICROPY_SSL_MBEDTLS
    { MP_ROM_QSTR(MP_QSTR_carry), MP_ROM_PTR(&slot_carry_obj) },
    #endif
};
static MP_DEFINE_CONST_DICT(slot_locals_dict, slot_locals_dict_table);

MP_DEFINE_CONST_OBJ_TYPE(
    tinyweb_type_slot,
    MP_QSTR_Slot,
    MP_TYPE_FLAG_NONE,
    make_new, slot_make_new,
    attr, slot_attr,
    locals_dict, &slot_locals_dict
    );
