// SPDX-License-Identifier: MIT

#include <string.h>

#include "py/mphal.h"
#include "extmod/modnetwork.h"

#include "lwip/dhcp.h"
#include "lwip/etharp.h"
#include "lwip/init.h"
#include "lwip/netif.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"

#include "clock.h"
#include "ethernet.h"
#include "event.h"
#include "netif.h"

#define MTU (1500)

// How many frames are handed to lwIP before the program goes on.
#define FRAMES_AT_ONCE (16)

// The first three octets of the access point's network. QEMU's address in a network has them, after
// two of its own, in the Ethernet address too: so frames of the two networks differ.
static const uint8_t ap_octets[] = { 192, 168, 4 };

struct netif netif_ethernet;
struct netif netif_access_point;

static bool has_sent;
static bool wants_address;

// Locally administered, as QEMU's own.
const uint8_t netif_mac[6] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 };

u32_t sys_now(void) {
    return clock_ms();
}

static err_t link_output(struct netif *netif, struct pbuf *p) {
    (void)netif;
    if (p->tot_len > ETHERNET_FRAME_MAX) {
        return ERR_BUF;
    }
    pbuf_copy_partial(p, ethernet_transmit_buffer(), p->tot_len, 0);
    ethernet_transmit(p->tot_len);
    has_sent = true;
    return ERR_OK;
}

static err_t init(struct netif *netif) {
    netif->name[0] = 'e';
    netif->name[1] = 'n';
    netif->mtu = MTU;
    netif->hwaddr_len = sizeof(netif_mac);
    memcpy(netif->hwaddr, netif_mac, sizeof(netif_mac));
    netif->hostname = mod_network_hostname_data;
    netif->output = etharp_output;
    netif->linkoutput = link_output;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET
        | NETIF_FLAG_IGMP | NETIF_FLAG_LINK_UP;
    return ERR_OK;
}

void netif_start(void) {
    lwip_init();
    ethernet_init(netif_mac);
    netif_add_noaddr(&netif_ethernet, NULL, init, ethernet_input);
    netif_add_noaddr(&netif_access_point, NULL, init, ethernet_input);
    netif_set_default(&netif_ethernet);
}

void netif_open_access_point(void) {
    ip4_addr_t address, netmask;
    IP4_ADDR(&address, ap_octets[0], ap_octets[1], ap_octets[2], 1);
    IP4_ADDR(&netmask, 255, 255, 255, 0);
    netif_set_addr(&netif_access_point, &address, &netmask, &address);
    netif_set_up(&netif_access_point);
}

void netif_close_access_point(void) {
    netif_set_addr(&netif_access_point, IP4_ADDR_ANY4, IP4_ADDR_ANY4, IP4_ADDR_ANY4);
    netif_set_down(&netif_access_point);
}

// The interface that a frame is for.
static struct netif *netif_of(const uint8_t *frame) {
    const uint8_t *source = frame + 6;
    return memcmp(source + 2, ap_octets, sizeof(ap_octets)) == 0 ? &netif_access_point : &netif_ethernet;
}

void netif_connect(void) {
    wants_address = true;
    netif_set_up(&netif_ethernet);
    if (!netif_has_address()) {
        dhcp_start(&netif_ethernet);
    }
}

void netif_disconnect(void) {
    wants_address = false;
    dhcp_release_and_stop(&netif_ethernet);
    netif_set_addr(&netif_ethernet, IP4_ADDR_ANY4, IP4_ADDR_ANY4, IP4_ADDR_ANY4);
    netif_set_down(&netif_ethernet);
}

bool netif_is_connecting(void) {
    return wants_address && !netif_has_address();
}

bool netif_has_address(void) {
    return netif_is_up(&netif_ethernet)
           && !ip4_addr_isany(netif_ip4_addr(&netif_ethernet));
}

bool netif_has_sent(void) {
    bool result = has_sent;
    has_sent = false;
    return result;
}

static uint16_t lost_port;

void netif_lose(uint16_t port) {
    lost_port = port;
}

// Whether a frame is one that netif_lose() is about: TCP over IPv4, whose header has no options.
static bool is_lost(const uint8_t *frame, size_t length) {
    return lost_port != 0 && length > 36 && frame[12] == 8 && frame[13] == 0 && frame[14] == 0x45
           && frame[23] == IP_PROTO_TCP && (frame[34] << 8 | frame[35]) == lost_port;
}

void netif_serve_frames(void) {
    for (int i = 0; i < FRAMES_AT_ONCE; ++i) {
        size_t length;
        const uint8_t *frame = ethernet_receive(&length);
        if (frame == NULL) {
            break;
        }
        struct netif *netif = netif_of(frame);
        if (is_lost(frame, length) || !netif_is_up(netif)) {
            ethernet_release();
            continue;
        }
        // Without a buffer the frame is lost, as it would be in a card's queue
        // that is full; TCP sends it again.
        struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)length, PBUF_POOL);
        if (p != NULL) {
            pbuf_take(p, frame, (u16_t)length);
        }
        ethernet_release();
        if (p != NULL && netif->input(p, netif) != ERR_OK) {
            pbuf_free(p);
        }
    }
    if (ethernet_rearm()) {
        uint32_t state = MICROPY_BEGIN_ATOMIC_SECTION();
        event_signal(EVENT_ETHERNET);
        MICROPY_END_ATOMIC_SECTION(state);
    }
}

void netif_serve_timers(void) {
    sys_check_timeouts();
}

// extmod/modlwip.c also clears the callbacks of a listening connection when it
// closes it. That connection's control block is too short to have them, and lwIP
// would write behind it, so these calls end here (the linker sends them here).
void __real_tcp_recv(struct tcp_pcb *pcb, tcp_recv_fn recv);
void __wrap_tcp_recv(struct tcp_pcb *pcb, tcp_recv_fn recv);
void __real_tcp_err(struct tcp_pcb *pcb, tcp_err_fn err);
void __wrap_tcp_err(struct tcp_pcb *pcb, tcp_err_fn err);

void __wrap_tcp_recv(struct tcp_pcb *pcb, tcp_recv_fn recv) {
    if (pcb->state == LISTEN) {
        return;
    }
    bool is_new = pcb->state == ESTABLISHED && pcb->recv == tcp_recv_null;
    bool is_accepted = pcb->state == ESTABLISHED && pcb->recv != tcp_recv_null && recv != NULL;
    __real_tcp_recv(pcb, recv);
    // Until accept() lwIP keeps one segment and drops what follows; the client sends it
    // again later and later. A window of one segment makes the client wait instead.
    if (is_new) {
        pcb->rcv_wnd = pcb->rcv_ann_wnd = TCP_MSS;
        pcb->rcv_ann_right_edge = pcb->rcv_nxt + TCP_MSS;
    } else if (is_accepted && pcb->rcv_wnd <= TCP_MSS) {
        // The acknowledgement that is due, or a later one, tells the new window, unless
        // it has been sent with the old one.
        bool is_waiting = pcb->rcv_wnd < TCP_MSS && !(pcb->flags & TF_ACK_DELAY);
        pcb->rcv_wnd += TCP_WND - TCP_MSS;
        tcp_update_rcv_ann_wnd(pcb);
        if (is_waiting) {
            tcp_ack_now(pcb);
            tcp_output(pcb);
        }
    }
    // Data that came before accept() was refused, and lwIP would offer it again
    // only when its timer of 250 ms comes around.
    if (recv != NULL && pcb->refused_data != NULL) {
        tcp_process_refused_data(pcb);
    }
}

void __wrap_tcp_err(struct tcp_pcb *pcb, tcp_err_fn err) {
    if (pcb->state != LISTEN) {
        __real_tcp_err(pcb, err);
    }
}
