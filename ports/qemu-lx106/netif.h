// SPDX-License-Identifier: MIT
// The board's network interface: Ethernet under lwIP.

#ifndef INCLUDED_NETIF_H
#define INCLUDED_NETIF_H

#include <stdbool.h>
#include <stdint.h>

struct netif;

// The station's interface, and that of the access point, whose clients are another network on the
// same card. Valid after netif_start.
extern struct netif netif_ethernet;
extern struct netif netif_access_point;

// Starts lwIP and the card; to be called once after a reset.
void netif_start(void);

// Brings the interface up and asks for an address by DHCP, unless it has one;
// or takes it down and forgets the address.
void netif_connect(void);
void netif_disconnect(void);

// Tells whether an address has been asked for and not been got yet.
bool netif_is_connecting(void);

// Tells whether the interface is up and has an address.
bool netif_has_address(void);

// Brings the access point's interface up, with the address that the chip's has, or takes it down.
void netif_open_access_point(void);
void netif_close_access_point(void);

// Tells whether a frame has been sent since the last call.
bool netif_has_sent(void);

// Frames of TCP from this port are lost from now on, as from a client that has gone out of reach;
// 0 ends that.
void netif_lose(uint16_t port);

// The card's address.
extern const uint8_t netif_mac[6];

// Served by event_serve.
void netif_serve_frames(void);
void netif_serve_timers(void);

#endif // INCLUDED_NETIF_H
