// SPDX-License-Identifier: MIT
// network.WLAN of the emulated board.

#ifndef INCLUDED_NETWORK_WLAN_H
#define INCLUDED_NETWORK_WLAN_H

#include "py/obj.h"

// Status of a station, with the numbers of the chip's SDK.
#define WLAN_STAT_IDLE          (0)
#define WLAN_STAT_CONNECTING    (1)
#define WLAN_STAT_WRONG_PASSWORD (2)
#define WLAN_STAT_NO_AP_FOUND   (3)
#define WLAN_STAT_CONNECT_FAIL  (4)
#define WLAN_STAT_GOT_IP        (5)

// Ways to secure a network.
#define WLAN_AUTH_OPEN          (0)
#define WLAN_AUTH_WEP           (1)
#define WLAN_AUTH_WPA_PSK       (2)
#define WLAN_AUTH_WPA2_PSK      (3)
#define WLAN_AUTH_WPA_WPA2_PSK  (4)

extern const mp_obj_type_t network_wlan_type;

#endif // INCLUDED_NETWORK_WLAN_H
