// SPDX-License-Identifier: MIT
// Driver of the OpenCores Ethernet MAC. It moves whole frames and knows nothing
// of what is in them.

#ifndef INCLUDED_ETHERNET_H
#define INCLUDED_ETHERNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The longest frame without its checksum.
#define ETHERNET_FRAME_MAX (1514)

// Resets the MAC and starts reception for the given address.
void ethernet_init(const uint8_t mac[6]);

// Ends reception. QEMU leaves the interrupt's line as it is when the board is reset: if it were
// high then, nothing could lower it again.
void ethernet_stop(void);

void ethernet_interrupt(void);

// Returns the oldest received frame, which stays valid until ethernet_release,
// or NULL when there is none. The IP header in it is aligned to 4 bytes.
const uint8_t *ethernet_receive(size_t *length);

// Gives the buffer of the frame that ethernet_receive returned back to the MAC.
void ethernet_release(void);

// Lets the interrupt through again that announces frames. Returns true when
// frames have come in already.
bool ethernet_rearm(void);

// Returns the transmit buffer, with room for ETHERNET_FRAME_MAX bytes.
uint8_t *ethernet_transmit_buffer(void);

// Sends the first length bytes of the transmit buffer.
void ethernet_transmit(size_t length);

#endif // INCLUDED_ETHERNET_H
