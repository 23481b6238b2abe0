// SPDX-License-Identifier: MIT
// What the emulated board's radio hears: networks with a name and a strength, which come and go.

#ifndef INCLUDED_RADIO_H
#define INCLUDED_RADIO_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

#define RADIO_SSID_MAX (32)
#define RADIO_NETWORKS (6)

typedef struct _radio_network_t {
    char ssid[RADIO_SSID_MAX + 1];  // "" is a free place
    int8_t rssi;                    // dBm; 0 is out of reach
    uint8_t security;               // WLAN_AUTH_...
    uint8_t channel;
} radio_network_t;

// RADIO_NETWORKS of them.
extern radio_network_t radio_networks[];

// Whether a network can be joined: it is one that is heard, or hides its name.
bool radio_reaches(const char *ssid);

// Called when the network of this name has come into reach, or gone out of it.
void radio_changed(const char *ssid, bool is_there);

#endif // INCLUDED_RADIO_H
