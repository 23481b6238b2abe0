// SPDX-License-Identifier: MIT
// Configuration of lwIP. The sizes follow the esp8266 port's lwIP where they
// shape what a program sees: segment size, windows, number of connections.

#ifndef INCLUDED_LWIPOPTS_H
#define INCLUDED_LWIPOPTS_H

// No threads and no interrupt context: all of lwIP runs in event_serve or in
// calls of the socket module.
#define NO_SYS                          (1)
#define SYS_LIGHTWEIGHT_PROT            (0)
#define LWIP_NETCONN                    (0)
#define LWIP_SOCKET                     (0)

// The name that extmod/network_lwip.c needs is only there in test mode.
#define LWIP_TESTMODE                   (1)

#define LWIP_ARP                        (1)
#define LWIP_ETHERNET                   (1)
#define LWIP_RAW                        (1)
#define LWIP_IGMP                       (1)
#define LWIP_DNS                        (1)
#define LWIP_DHCP                       (1)
#define DHCP_DOES_ARP_CHECK             (0)
#define LWIP_DHCP_DOES_ACD_CHECK        (0)
#define LWIP_IPV6                       (0)
#define LWIP_NETIF_HOSTNAME             (1)
#define LWIP_NETIF_TX_SINGLE_PBUF       (1)
#define LWIP_STATS                      (0)
#define SO_REUSE                        (1)
#define TCP_LISTEN_BACKLOG              (1)
#define IP_REASSEMBLY                   (0)
#define IP_FRAG                         (0)

#define MEM_ALIGNMENT                   (4)
#define MEM_SIZE                        (8 * 1024)

#define MEMP_NUM_TCP_PCB                (10)
#define MEMP_NUM_TCP_PCB_LISTEN         (4)
#define MEMP_NUM_UDP_PCB                (6)
#define MEMP_NUM_TCP_SEG                (40)
#define PBUF_POOL_SIZE                  (24)

#define TCP_MSS                         (536)
#define TCP_WND                         (4 * TCP_MSS)
#define TCP_SND_BUF                     (2 * TCP_MSS)
#define TCP_SND_QUEUELEN                (8)

#endif // INCLUDED_LWIPOPTS_H
