// SPDX-License-Identifier: MIT
//
// What a socket of MicroPython's module for lwIP may be given. Its send() hands tcp_write() as much as
// tcp_sndbuf() tells. Where lwIP has no memory for that, or no place in the connection's queue, it tries
// again for ten seconds, in which nothing else runs, also for a socket that does not block
// (extmod/modlwip.c, lwip_tcp_send). So nothing is offered that tcp_write() would refuse.

#include "py/runtime.h"

#include "modhttpparse.h"

// Without the vendor's SDK a checkout compiles the modules alone, to measure them; an image that lacked
// this function could not be linked.
#if MICROPY_PY_LWIP && __has_include("lwip/tcp.h")

#include "lwip/init.h"
#include "lwip/memp.h"
#include "lwip/pbuf.h"
#include "lwip/tcp.h"
#if LWIP_VERSION_MAJOR < 2
#include "lwip/tcp_impl.h"
#else
#include "lwip/priv/tcp_priv.h"
#endif

// The connection of a socket, which is what lwIP's callbacks get; NULL for another stream.
static const struct tcp_pcb *connection_of(mp_obj_t sock) {
    const struct tcp_pcb *pcb = tcp_active_pcbs;
    while (pcb != NULL && pcb->callback_arg != MP_OBJ_TO_PTR(sock)) {
        pcb = pcb->next;
    }
    return pcb;
}

#if MEMP_MEM_MALLOC
// What lwIP keeps of a segment comes from where its buffers do. A buffer of that size stands for it,
// since the headers of the ESP8266's SDK declare no memp_malloc() that could be called.
#define segment_t struct pbuf
#define segment_alloc() pbuf_alloc(PBUF_RAW, sizeof(struct tcp_seg), PBUF_RAM)
#define segment_free(segment) pbuf_free(segment)
#else
#define segment_t struct tcp_seg
#define segment_alloc() memp_malloc(MEMP_TCP_SEG)
#define segment_free(segment) memp_free(MEMP_TCP_SEG, segment)
#endif

// Whether lwIP has memory for n segments: for a buffer of each, and for what it keeps of it.
static bool has_memory(unsigned n, u16_t mss) {
    if (n == 0) {
        return true;
    }
    bool enough = false;
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, mss, PBUF_RAM);
    if (p != NULL) {
        segment_t *segment = segment_alloc();
        if (segment != NULL) {
            enough = has_memory(n - 1, mss);
            segment_free(segment);
        }
        pbuf_free(p);
    }
    return enough;
}

size_t httpparse_lwip_room(mp_obj_t stream, size_t len) {
    const struct tcp_pcb *pcb = connection_of(stream);
    if (pcb == NULL || tcp_sndbuf(pcb) == 0) {
        return len;
    }
    size_t room = MIN(len, tcp_sndbuf(pcb));
    // So much takes one segment or two, and what the last one has room for, where it has not left
    unsigned n = room > pcb->mss ? 2 : 1;
    unsigned more = pcb->unsent != NULL;
    while (pcb->snd_queuelen + n + more > TCP_SND_QUEUELEN || !has_memory(n + more, pcb->mss)) {
        if (--n == 0) {
            return 0;
        }
    }
    room = MIN(room, n * pcb->mss);
    // Not all: whole words, so that what follows is copied by words, too
    return room < len ? room & ~(size_t)3 : room;
}

#endif
