// SPDX-License-Identifier: MIT
// The least that a server can be: lwIP's callbacks answer, and nothing else runs. What it costs is
// what TCP/IP costs; bench/frames.py counts it. One at a time, by measure.respond().

#include "py/mperrno.h"
#include "py/runtime.h"
#include "py/stream.h"

#include "lwip/tcp.h"

#include "responder.h"

// Connections that stay open
#define OPEN_MAX (4)

MP_REGISTER_ROOT_POINTER(mp_obj_t responder_answer);
MP_REGISTER_ROOT_POINTER(mp_obj_t responder_file);

typedef struct {
    struct tcp_pcb *pcb;
    uint32_t count;     // bytes of the request that have come
    uint32_t sent;      // bytes of the answer that have been handed to lwIP
} connection_t;

static struct {
    struct tcp_pcb *listener;
    connection_t open[OPEN_MAX];
    uint32_t request;   // bytes of a request
    uint32_t body;      // bytes of it that are written to the file
    uint32_t size;      // bytes of the file behind the answer
    bool stays;         // the connection, after an answer
} responder;

static void finish(connection_t *connection) {
    struct tcp_pcb *pcb = connection->pcb;
    connection->pcb = NULL;
    tcp_arg(pcb, NULL);
    tcp_err(pcb, NULL);
    tcp_recv(pcb, NULL);
    tcp_sent(pcb, NULL);
    tcp_close(pcb);
}

static void failed(void *arg, err_t error) {
    (void)error;
    ((connection_t *)arg)->pcb = NULL;
}

// Hands lwIP what it takes of the answer, and of the file behind it.
static err_t send_more(void *arg, struct tcp_pcb *pcb, u16_t sent) {
    (void)sent;
    connection_t *connection = arg;
    mp_buffer_info_t answer;
    mp_get_buffer_raise(MP_STATE_VM(responder_answer), &answer, MP_BUFFER_READ);
    size_t size = answer.len + responder.size;
    while (connection->sent != size) {
        size_t n = MIN(tcp_sndbuf(pcb), size - connection->sent);
        if (n == 0 || pcb->snd_queuelen + 2 > TCP_SND_QUEUELEN) {
            return ERR_OK;
        }
        char piece[TCP_SND_BUF];
        const char *data = piece;
        if (connection->sent < answer.len) {
            data = (const char *)answer.buf + connection->sent;
            n = MIN(n, answer.len - connection->sent);
        } else {
            int error;
            n = MIN(n, sizeof(piece));
            mp_stream_rw(MP_STATE_VM(responder_file), piece, n, &error, MP_STREAM_RW_READ);
        }
        if (tcp_write(pcb, data, (u16_t)n, TCP_WRITE_FLAG_COPY) != ERR_OK) {
            return ERR_OK;
        }
        connection->sent += n;
    }
    if (responder.stays) {
        tcp_sent(pcb, NULL);
    } else {
        finish(connection);
    }
    return ERR_OK;
}

// Writes what belongs to the body of the buffers that come behind `before` bytes of the request.
static void store(struct pbuf *p, uint32_t before) {
    uint32_t head = responder.request - responder.body;
    for (; p != NULL; p = p->next) {
        uint32_t skip = before >= head ? 0 : MIN(head - before, p->len);
        if (skip != p->len) {
            int error;
            mp_stream_rw(MP_STATE_VM(responder_file), (char *)p->payload + skip, p->len - skip, &error,
                MP_STREAM_RW_WRITE);
        }
        before += p->len;
    }
}

static err_t received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error) {
    (void)error;
    connection_t *connection = arg;
    if (p == NULL) {
        finish(connection);
        return ERR_OK;
    }
    if (responder.body != 0) {
        store(p, connection->count);
    }
    connection->count += p->tot_len;
    tcp_recved(pcb, p->tot_len);
    pbuf_free(p);
    if (connection->count >= responder.request) {
        connection->count = 0;
        connection->sent = 0;
        tcp_sent(pcb, send_more);
        send_more(connection, pcb, 0);
    }
    return ERR_OK;
}

static err_t accepted(void *arg, struct tcp_pcb *pcb, err_t error) {
    (void)arg;
    (void)error;
    for (size_t i = 0; i < OPEN_MAX; ++i) {
        connection_t *connection = &responder.open[i];
        if (connection->pcb == NULL) {
            connection->pcb = pcb;
            connection->count = 0;
            tcp_arg(pcb, connection);
            tcp_err(pcb, failed);
            tcp_nagle_disable(pcb);
            tcp_recv(pcb, received);
            tcp_recv(pcb, received);    // it is accepted: netif.c opens the window
            return ERR_OK;
        }
    }
    return ERR_MEM;
}

// respond(port, request, answer, stays=False, file=None, size=0, body=0)
static mp_obj_t measure_respond(size_t n_args, const mp_obj_t *pos, mp_map_t *kw) {
    enum { ARG_port, ARG_request, ARG_answer, ARG_stays, ARG_file, ARG_size, ARG_body };
    static const mp_arg_t allowed[] = {
        { MP_QSTR_port, MP_ARG_INT | MP_ARG_REQUIRED, { .u_int = 0 } },
        { MP_QSTR_request, MP_ARG_INT | MP_ARG_REQUIRED, { .u_int = 0 } },
        { MP_QSTR_answer, MP_ARG_OBJ | MP_ARG_REQUIRED, { .u_obj = MP_OBJ_NULL } },
        { MP_QSTR_stays, MP_ARG_BOOL, { .u_bool = false } },
        { MP_QSTR_file, MP_ARG_OBJ, { .u_rom_obj = MP_ROM_NONE } },
        { MP_QSTR_size, MP_ARG_INT, { .u_int = 0 } },
        { MP_QSTR_body, MP_ARG_INT, { .u_int = 0 } },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, pos, kw, MP_ARRAY_SIZE(allowed), allowed, args);
    mp_buffer_info_t info;
    mp_get_buffer_raise(args[ARG_answer].u_obj, &info, MP_BUFFER_READ);
    if (args[ARG_file].u_obj != mp_const_none) {
        mp_get_stream_raise(args[ARG_file].u_obj, args[ARG_body].u_int != 0 ? MP_STREAM_OP_WRITE : MP_STREAM_OP_READ);
    }
    for (size_t i = 0; i < OPEN_MAX; ++i) {
        if (responder.open[i].pcb != NULL) {
            tcp_abort(responder.open[i].pcb);
        }
    }
    if (responder.listener != NULL) {
        tcp_close(responder.listener);
        responder.listener = NULL;
    }
    MP_STATE_VM(responder_answer) = args[ARG_answer].u_obj;
    MP_STATE_VM(responder_file) = args[ARG_file].u_obj;
    responder.request = (uint32_t)args[ARG_request].u_int;
    responder.size = (uint32_t)args[ARG_size].u_int;
    responder.body = (uint32_t)args[ARG_body].u_int;
    responder.stays = args[ARG_stays].u_bool;
    if (args[ARG_port].u_int == 0) {
        return mp_const_none;
    }
    struct tcp_pcb *pcb = tcp_new();
    if (pcb == NULL) {
        mp_raise_OSError(MP_ENOMEM);
    }
    ip_set_option(pcb, SOF_REUSEADDR);
    if (tcp_bind(pcb, IP_ADDR_ANY, (u16_t)args[ARG_port].u_int) != ERR_OK) {
        tcp_close(pcb);
        mp_raise_OSError(MP_EADDRINUSE);
    }
    responder.listener = tcp_listen(pcb);
    if (responder.listener == NULL) {
        tcp_close(pcb);
        mp_raise_OSError(MP_ENOMEM);
    }
    tcp_accept(responder.listener, accepted);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_KW(measure_respond_obj, 3, measure_respond);

// tell(data): sends the bytes to every connection that is open.
static mp_obj_t measure_tell(mp_obj_t data) {
    mp_buffer_info_t info;
    mp_get_buffer_raise(data, &info, MP_BUFFER_READ);
    for (size_t i = 0; i < OPEN_MAX; ++i) {
        struct tcp_pcb *pcb = responder.open[i].pcb;
        if (pcb != NULL) {
            tcp_write(pcb, info.buf, (u16_t)info.len, TCP_WRITE_FLAG_COPY);
            tcp_output(pcb);
        }
    }
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_1(measure_tell_obj, measure_tell);
