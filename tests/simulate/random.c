// SPDX-License-Identifier: MIT
//
// Random numbers of a seed (splitmix64).

#include "world.h"

uint64_t random_next(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint32_t random_below(uint64_t *state, uint32_t n) {
    return (uint32_t)((random_next(state) >> 32) * n >> 32);
}

int random_between(uint64_t *state, int first, int last) {
    return first + (int)random_below(state, (uint32_t)(last - first + 1));
}

bool random_one_in(uint64_t *state, uint32_t n) {
    return random_below(state, n) == 0;
}
