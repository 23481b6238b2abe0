// SPDX-License-Identifier: MIT
// Debian's mbedTLS can write a trace of every handshake, and MicroPython turns that on.
#undef MBEDTLS_DEBUG_C
