// SPDX-License-Identifier: MIT
//
// What always holds of the core's frame reader, between two calls of its functions.
#ifndef TESTS_PROVE_FRAMES_HOLD_H
#define TESTS_PROVE_FRAMES_HOLD_H

#include <stdbool.h>

struct tw_ws;

// Whether all that the frame reader says of itself is so. It reads only.
bool tw_ws_holds(const struct tw_ws *w);

#endif // TESTS_PROVE_FRAMES_HOLD_H
